// A lost phone: the reset code by mail (facts ssa-sign-in §3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Browser, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { PASSWORD } from './support/my-ssa.ts'
import { type People, type Person, signIn, startWithPeople } from './support/people.ts'

let mySsa: People
before(async () => {
  mySsa = await startWithPeople()
})
after(() => mySsa.app.close())

const NEW = '(408) 555-0161'
const agreed = { terms: 'yes', address: 'yes', number: NEW }
const phoneOf = async ({ accountId }: Person) => (await mySsa.store.find(accountId)).phone
const wrong = (code: string) => (code.startsWith('9') ? '8' : '9') + code.slice(1)

/** From the code page to the letter. */
async function askForReset(person: Person, browser: Browser = mySsa.browser()) {
  await signIn(browser, person)
  await browser.open('/lost-phone')
  await browser.submit('/lost-phone', agreed)
  return mySsa.services.newestLetter
}

test('terms, address, new phone; the letter; at the next sign-in the text to the new phone, then the reset code (NIST SP 800-63B-4 §4.2.1)', async () => {
  const person = await mySsa.person('on')
  const browser = mySsa.browser()
  const code = await signIn(browser, person)
  assert.match(code.body, /<a href="\/lost-phone">What if I lose or change my phone number\?<\/a>/)
  const page = await browser.open('/lost-phone')
  assert.match(textOf(page), /I agree to the Terms of Service/)
  assert.match(textOf(page), /1\*\*\* E\*\*\* S\*\*\*, B\*\*\*, MD \*\*\*35/)
  assert.ok(!page.body.includes('100 Example Street'))
  const asked = await browser.submit('/lost-phone', agreed)
  assert.match(textOf(asked), /Your reset code arrives in 5 to 10 business days/)
  const letter = mySsa.services.newestLetter
  assert.deepEqual([letter.kind, letter.owner], ['reset-code', person.accountId])
  assert.equal(mySsa.services.mailTo(person.email).at(-1)?.subject, 'You asked for a reset code')
  assert.equal(await phoneOf(person), person.phone)

  const later = mySsa.browser()
  const sent = mySsa.services.sent.length
  const reset = await signIn(later, person)
  assert.equal(titleOf(reset), 'Reset your phone number')
  assert.equal(mySsa.services.sent.length, sent, 'no text goes to the lost phone')
  // The password alone does not show the number.
  assert.match(textOf(reset), /\(\*\*\*\)\s\*\*\*.0161/)
  assert.ok(!reset.body.includes('555-0161'))
  await later.open('/security-settings')
  assert.equal(later.path, '/security-code', 'signed in is nobody yet')
  await later.open('/reset-code')
  await later.submit('/reset-code/phone', { number: NEW })
  assert.equal(mySsa.services.sent.at(-1)?.body.phoneNumber, '+14085550161')
  const enter = await later.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal(titleOf(enter), 'Enter your reset code')
  assert.equal((await later.submit('/reset-code', { code: wrong(letter.code) })).statusCode, 422)
  assert.equal(await phoneOf(person), person.phone)
  await later.submit('/reset-code', { code: letter.code })
  assert.equal(later.path, '/security-settings')
  assert.equal(await phoneOf(person), '+14085550161')
  assert.equal(mySsa.services.mailTo(person.email).at(-1)?.subject, 'Your cell phone number changed')

  const next = mySsa.browser()
  await signIn(next, person)
  assert.equal(next.path, '/security-code')
  assert.equal(mySsa.services.sent.at(-1)?.body.phoneNumber, '+14085550161')
})

test('without agreeing, or without a number of a cell phone, nothing is mailed; each field says why', async () => {
  const person = await mySsa.person('on')
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.open('/lost-phone')
  const before = mySsa.services.letters.length
  for (const [left, field] of [
    [{ address: 'yes', number: NEW }, 'terms'],
    [{ terms: 'yes', number: NEW }, 'address'],
    [{ terms: 'yes', address: 'yes' }, 'number'],
    [{ ...agreed, number: '12' }, 'number'],
  ] as const) {
    const page = await browser.submit('/lost-phone', left)
    assert.equal(page.statusCode, 422, field)
    assert.ok(page.body.includes(`href="#${field}"`), field)
  }
  assert.equal(mySsa.services.letters.length, before)
})

test('the reset code before the text to the new phone is not even tried', async () => {
  const person = await mySsa.person('on')
  const letter = await askForReset(person)
  const browser = mySsa.browser()
  await signIn(browser, person)
  const tried = mySsa.services.redemptions
  const token = /name="_csrf" value="([^"]+)"/.exec(browser.last.body)?.[1] ?? ''
  const cookie = browser.cookiesFor('/reset-code')
  const answer = await mySsa.app.inject({
    method: 'POST',
    url: '/reset-code',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ code: letter.code, _csrf: token }).toString(),
  })
  assert.equal(answer.headers.location, '/reset-code')
  assert.equal(mySsa.services.redemptions, tried)
  assert.equal(await phoneOf(person), person.phone)
})

test('I have my old phone after all: its text signs in and ends the reset', async () => {
  const person = await mySsa.person('on')
  const letter = await askForReset(person)
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.submit('/reset-code/old-phone')
  assert.equal(browser.path, '/security-code')
  assert.equal(mySsa.services.sent.at(-1)?.body.phoneNumber, person.phone)
  await browser.open('/lost-phone')
  assert.equal(browser.path, '/reset-code', 'until then it is under way')
  await browser.open('/security-code')
  await browser.submit('/security-code', { code: mySsa.services.newestCode })
  assert.equal(browser.path, '/security-settings')
  assert.equal(letter.state, 'cancelled')
  const later = mySsa.browser()
  await signIn(later, person)
  assert.equal(later.path, '/security-code')
})

test('codes to a phone of one’s own take no wrong try at the text of the sign-in away (NIST SP 800-63B-4 §3.2.2)', async () => {
  const person = await mySsa.person('on')
  await askForReset(person)
  const guess = async () => {
    const browser = mySsa.browser()
    await signIn(browser, person)
    await browser.submit('/reset-code/old-phone')
    for (let tries = 0; tries < 4; tries += 1) {
      const code = wrong(mySsa.services.newestCode)
      const page = await browser.submit('/security-code', { code })
      if (/Too many|too many|try again/i.test(textOf(page))) return 'locked out'
    }
    return 'may go on'
  }
  assert.equal(await guess(), 'may go on')
  const own = mySsa.browser()
  await signIn(own, person)
  await own.submit('/reset-code/phone', { number: '4085550169' })
  await own.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal(titleOf(own.last), 'Enter your reset code')
  assert.equal(await guess(), 'locked out')
})

test('a text that was sent for the sign-in confirms no new phone', async () => {
  const person = await mySsa.person('on')
  await askForReset(person)
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.submit('/reset-code/old-phone')
  assert.equal(browser.path, '/security-code')
  await browser.open('/reset-code/security-code')
  assert.equal(titleOf(browser.last), 'Reset your phone number')
})

test('what one person confirmed in a browser counts for nobody who signs in there next', async () => {
  const [first, second] = [await mySsa.person('on'), await mySsa.person('on')]
  await askForReset(first)
  await askForReset(second)
  const browser = mySsa.browser()
  await signIn(browser, first)
  await browser.submit('/reset-code/phone', { number: NEW })
  await browser.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal(titleOf(browser.last), 'Enter your reset code')
  await signIn(browser, second)
  assert.equal(titleOf(browser.last), 'Reset your phone number')
})

for (const [what, path, fields] of [
  ['removing extra security', '/security-settings/remove', {}],
  ['another phone in the settings', '/security-settings/phone', { number: '4085550188' }],
] as const) {
  test(`${what} in a browser that was signed in before ends the reset, and its code`, async () => {
    const person = await mySsa.person('on')
    const before = mySsa.browser()
    await signIn(before, person)
    await before.submit('/security-code', { code: mySsa.services.newestCode })
    advanceClock(60_000)
    const letter = await askForReset(person)
    await before.open(path)
    await before.submit(path, { password: PASSWORD, ...fields })
    if ('number' in fields) {
      await before.submit('/security-settings/phone/security-code', { code: mySsa.services.newestCode })
    }
    assert.equal(before.path, '/security-settings')
    assert.equal(letter.state, 'cancelled')
    const later = mySsa.browser()
    await signIn(later, person)
    assert.equal(later.path, 'number' in fields ? '/security-code' : '/security-settings')
  })
}

test('a corrected number is confirmed anew, and is the one that takes the place of the old', async () => {
  const person = await mySsa.person('on')
  const letter = await askForReset(person)
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.submit('/reset-code/phone', { number: '4085550162' })
  await browser.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal(titleOf(browser.last), 'Enter your reset code')
  // Another browser has another number in the meantime: what was confirmed here counts no more.
  const other = mySsa.browser()
  await signIn(other, person)
  await other.submit('/reset-code/phone', { number: '4085550163' })
  await other.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  await browser.submit('/reset-code', { code: letter.code })
  assert.equal(titleOf(browser.last), 'Reset your phone number')
  assert.equal(await phoneOf(person), person.phone)
  await other.submit('/reset-code', { code: letter.code })
  assert.equal(await phoneOf(person), '+14085550163')
})

test('a new letter ends the earlier code; an expired one changes nothing; a landline is told', async () => {
  const person = await mySsa.person('on')
  const first = await askForReset(person)
  const browser = mySsa.browser()
  await signIn(browser, person)
  const landline = await browser.submit('/reset-code/phone', { number: '2025550194' })
  assert.match(textOf(landline), /This number cannot receive text messages/)
  await browser.submit('/reset-code/letter')
  assert.match(textOf(browser.last), /We are mailing a new letter/)
  assert.equal(first.state, 'resent')
  const second = mySsa.services.newestLetter
  await browser.open('/reset-code')
  await browser.submit('/reset-code/phone', { number: NEW })
  await browser.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal((await browser.submit('/reset-code', { code: first.code })).statusCode, 422)
  advanceClock(31 * 86_400_000)
  const later = mySsa.browser()
  await signIn(later, person)
  await later.submit('/reset-code/phone', { number: NEW })
  await later.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  assert.equal((await later.submit('/reset-code', { code: second.code })).statusCode, 422)
  assert.match(textOf(later.last), /The code of your letter expired/)
  assert.equal(await phoneOf(person), person.phone)
})

test('killed between spending the reset code and changing the phone: the same code again goes through', async () => {
  const person = await mySsa.person('on')
  const letter = await askForReset(person)
  // biome-ignore lint/suspicious/noExplicitAny: the test reads a table
  const rows = (mySsa.ground.database as any).selectFrom('phoneResets').selectAll()
  const { id, sealedPhone } = await rows.where('accountId', '=', person.accountId).executeTakeFirstOrThrow()
  assert.ok(!sealedPhone.includes('4085550161'))
  letter.state = 'used'
  letter.reference = id
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.submit('/reset-code/phone', { number: NEW })
  await browser.submit('/reset-code/security-code', { code: mySsa.services.newestCode })
  await browser.submit('/reset-code', { code: letter.code })
  assert.equal(await phoneOf(person), '+14085550161')
})

test('letters out of reach: nothing has begun, and it can be asked for again', async () => {
  const person = await mySsa.person('on')
  const browser = mySsa.browser()
  await signIn(browser, person)
  await browser.open('/lost-phone')
  mySsa.services.down.add('upgrade-codes')
  const page = await browser.submit('/lost-phone', agreed)
  mySsa.services.down.clear()
  assert.equal(page.statusCode, 503)
  const later = mySsa.browser()
  await signIn(later, person)
  assert.equal(later.path, '/security-code')
})

test('only who has given the password of an account with extra security gets there', async () => {
  const browser = mySsa.browser()
  for (const path of [
    '/lost-phone',
    '/reset-code',
    '/reset-code/phone',
    '/security-code',
    '/extra-security/phone',
  ]) {
    await browser.open(path)
    assert.equal(browser.path, '/sign-in', path)
  }
  const withText = mySsa.browser()
  await signIn(withText, await mySsa.person('on'))
  await withText.submit('/security-code', { code: mySsa.services.newestCode })
  await withText.open('/lost-phone')
  assert.equal(withText.path, '/security-settings')
  await signIn(browser, await mySsa.person('off'))
  for (const path of ['/lost-phone', '/reset-code', '/security-code']) {
    await browser.open(path)
    assert.equal(browser.path, '/security-settings', path)
  }
})
