// Enabling extra security, screen by screen as document 002 has it.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { type Browser, choicesOf, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { LANDLINE } from './support/fake-services.ts'
import { type People, type Person, signIn, startWithPeople } from './support/people.ts'
import { authorizeUrl, codeOf, postToken, tokenParameters, verified } from './support/wire.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const ENABLE = 'Enable your Extra Security'

let mySsa: People
before(async () => {
  mySsa = await startWithPeople()
})
after(() => mySsa.app.close())

const stateOf = async ({ accountId }: Person) => (await mySsa.store.find(accountId)).state
const typed = (phone: string) => phone.slice(2)
const choose = (browser: Browser, choice: string) => browser.submit('/extra-security', { choice })

/** From "Yes" to the page for the upgrade code. */
async function confirmPhone(browser: Browser, number: string) {
  await choose(browser, 'enable')
  assert.equal(browser.path, '/extra-security/phone')
  await browser.submit('/extra-security/phone', { number })
  return browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
}

/** A wrong code of the same length. */
const wrong = (code: string) => (code.startsWith('9') ? '8' : '9') + code.slice(1)

test('the whole of document 002: letter, phone, security code, upgrade code, congratulations, text at the next sign-in', async () => {
  const person = await mySsa.person('requested')
  const browser = mySsa.browser()
  const enable = await signIn(browser, person)
  assert.equal(browser.path, '/extra-security')
  assert.equal(titleOf(enable), ENABLE)
  const asked = textOf(enable)
  for (const words of [
    'Do you have your extra security letter and your phone?',
    'the letter containing your step-by-step instructions, and',
    'a cell phone with text messaging?',
    'Yes, enable my extra security.',
    'No, skip this for now.',
    'I changed my mind, cancel my request for extra security.',
    'Your privacy is important.',
    'Privacy Act Statement',
    'Next',
    'Exit',
  ]) {
    assert.ok(asked.includes(words), words)
  }
  assert.deepEqual(choicesOf(enable, 'choice'), ['enable', 'skip', 'cancel'])
  const letter = mySsa.services.newestLetter
  assert.deepEqual([letter.owner, letter.kind], [person.accountId, 'upgrade-code'])
  assert.deepEqual(letter.recipient, {
    name: 'Ruth Template',
    street: '100 Example Street',
    city: 'Baltimore',
    state: 'MD',
    zipCode: '21235',
  })

  const phone = await choose(browser, 'enable')
  assert.equal(titleOf(phone), 'Enable Extra Security - Add Phone')
  assert.match(
    textOf(phone),
    /Enable Extra Security - Add Phone Please add your cell phone .*able to receive text messages/,
  )
  assert.match(
    textOf(phone),
    /Enter your Cell Phone Number: 10-digit Number .*We’ll send a text message to this phone/,
  )
  assert.match(textOf(phone), /What if I lose or change my phone number\?/)
  const code = await browser.submit('/extra-security/phone', { number: '(408) 555-0182' })
  assert.equal(browser.path, '/extra-security/security-code')
  assert.match(
    textOf(code),
    /Enable your Extra Security - Enter Text Code Please enter your security code We sent a text message to: \(408\) 555-0182/,
  )
  assert.match(textOf(code), /allow up to 2 minutes .* expire 10 minutes from the time of your request/)
  assert.match(
    textOf(code),
    /Having trouble\? .*correct your number .*reception and text messaging .*Send a new text message/,
  )
  const { owner, purpose, ...sent } = mySsa.services.sent.at(-1)?.body ?? assert.fail('nothing was sent')
  assert.equal(owner, person.accountId)
  assert.match(purpose, /^enrolment-/)
  assert.deepEqual(sent, {
    channel: 'text',
    length: 8,
    phoneNumber: '+14085550182',
    sender: 'my Social Security',
    origin: 'localhost',
    language: 'en',
  })
  const upgrade = await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
  assert.equal(browser.path, '/extra-security/upgrade-code')
  assert.match(
    textOf(upgrade),
    /Thank you for your security code! Please enter the upgrade code from your letter/,
  )
  assert.equal(await stateOf(person), 'requested')

  const done = await browser.submit('/extra-security/upgrade-code', { code: letter.code })
  assert.equal(titleOf(done), 'Congratulations!')
  assert.match(textOf(done), /You have successfully added your extra security features\./)
  assert.match(textOf(done), /Your username Your password A unique text message sent to your cell phone/)
  assert.equal(await stateOf(person), 'on')
  assert.equal(mySsa.services.mailTo(person.email).at(-1)?.subject, 'You added extra security')

  const next = mySsa.browser()
  const second = await signIn(next, person)
  assert.equal(next.path, '/security-code')
  assert.match(textOf(second), /We sent a text message to: \(\*\*\*\) \*\*\*\u20110182/)
  assert.equal(mySsa.services.sent.at(-1)?.body.phoneNumber, '+14085550182')
  await next.submit('/security-code', { code: mySsa.services.newestCode })
  assert.equal(next.path, '/security-settings')
})

describe('the three choices over three sign-ins', () => {
  test('No, skip this for now: asked again at each sign-in, and signed in each time', async () => {
    const person = await mySsa.person('requested')
    for (const round of [1, 2, 3]) {
      const browser = mySsa.browser()
      assert.equal(titleOf(await signIn(browser, person)), ENABLE, `sign-in ${round}`)
      await choose(browser, 'skip')
      assert.equal(browser.path, '/security-settings')
      await browser.open('/')
      assert.equal(browser.path, '/security-settings', 'not asked twice in one sign-in')
    }
    assert.equal(await stateOf(person), 'requested')
    assert.equal(
      mySsa.services.lettersOf('upgrade-code').filter((one) => one.owner === person.accountId).length,
      1,
    )
  })

  test('I changed my mind: never asked again, the letter opens nothing, and a new request has a new letter', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'cancel')
    assert.equal(browser.path, '/security-settings')
    const first = mySsa.services.newestLetter
    assert.equal(first.state, 'cancelled')
    for (const _ of [2, 3]) {
      const later = mySsa.browser()
      await signIn(later, person)
      assert.equal(later.path, '/security-settings')
    }
    await browser.submit('/security-settings/add')
    assert.match(textOf(browser.last), /We are mailing a letter/)
    const second = mySsa.services.newestLetter
    assert.notEqual(second.letterId, first.letterId)
    await browser.open('/extra-security')
    await confirmPhone(browser, typed(person.phone))
    const refused = await browser.submit('/extra-security/upgrade-code', { code: first.code })
    assert.equal(refused.statusCode, 422)
    assert.equal(await stateOf(person), 'requested')
    await browser.submit('/extra-security/upgrade-code', { code: second.code })
    assert.equal(await stateOf(person), 'on')
  })

  test('Yes: not asked again, and the text at each later sign-in', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await confirmPhone(browser, typed(person.phone))
    await browser.submit('/extra-security/upgrade-code', { code: mySsa.services.newestLetter.code })
    for (const _ of [2, 3]) {
      const later = mySsa.browser()
      await signIn(later, person)
      assert.equal(later.path, '/security-code')
      assert.equal((await later.open('/security-settings')).statusCode, 200)
      assert.equal(later.path, '/security-code')
      await later.submit('/security-code', { code: mySsa.services.newestCode })
      assert.equal(later.path, '/security-settings')
    }
  })

  test('nothing chosen: the error is at the choice, and nobody has moved', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    const page = await browser.submit('/extra-security', {})
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#choice"/)
    await browser.open('/security-settings')
    assert.equal(browser.path, '/extra-security', 'the question comes before every other page')
  })
})

describe('the phone', () => {
  test('a number with punctuation is ten digits; what is none, and a landline, is told at the field', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'enable')
    const before = mySsa.services.sent.length
    for (const [number, words] of [
      ['', 'Enter a 10-digit number'],
      ['555-0182', 'Enter a 10-digit number'],
      ['+44 20 7946 0018', 'Enter a 10-digit number'],
      ['(108) 555-0182', 'Enter a 10-digit number'],
      ['408 555 0182 x5', 'Enter a 10-digit number'],
      [LANDLINE, 'This number cannot receive text messages'],
    ] as const) {
      const page = await browser.submit('/extra-security/phone', { number })
      assert.equal(page.statusCode, 422, number)
      assert.ok(textOf(page).includes(words), number)
      assert.match(page.body, /href="#number"/)
      assert.match(page.body, /<title>Error: /)
    }
    assert.equal(mySsa.services.sent.length, before)
    for (const number of ['408.555.0183', '1 (408) 555-0183', '+14085550183', '4085550183']) {
      await browser.open('/extra-security/phone')
      await browser.submit('/extra-security/phone', { number })
      assert.equal(browser.path, '/extra-security/security-code', number)
      assert.equal(mySsa.services.sent.at(-1)?.body.phoneNumber, '+14085550183')
    }
    assert.equal(mySsa.services.sent.length, before + 1, 'the same number again is within the cool-down')
  })

  test('correct your number: the field has the one before, and its code is none for the new number', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'enable')
    await browser.submit('/extra-security/phone', { number: '4085550184' })
    const first = mySsa.services.newestCode
    const back = await browser.open('/extra-security/phone')
    assert.match(back.body, /value="\(408\) 555-0184"/)
    await browser.submit('/extra-security/phone', { number: '4085550185' })
    assert.match(textOf(browser.last), /\(408\) 555-0185/)
    assert.equal((await browser.submit('/extra-security/security-code', { code: first })).statusCode, 422)
    await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
    assert.equal(browser.path, '/extra-security/upgrade-code')
    assert.match(textOf(browser.last), /\(\*\*\*\) \*\*\*\u20110185/)
  })

  test('a new text not before the cool-down is over, and then only its code counts', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'enable')
    await browser.submit('/extra-security/phone', { number: typed(person.phone) })
    const first = mySsa.services.newestCode
    await browser.submit('/extra-security/texts')
    assert.match(textOf(browser.last), /You can ask for another one in 30 seconds/)
    assert.equal(mySsa.services.newestCode, first)
    advanceClock(30_000)
    await browser.submit('/extra-security/texts')
    assert.match(textOf(browser.last), /We sent a new text message/)
    assert.notEqual(mySsa.services.newestCode, first)
    assert.equal((await browser.submit('/extra-security/security-code', { code: first })).statusCode, 422)
    await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
    assert.equal(browser.path, '/extra-security/upgrade-code')
  })

  test('a code counts until 9:59 and not at 10:01 minutes after the request (NIST SP 800-63B-4 §3.1.3.2)', async () => {
    for (const [after, path] of [
      [10 * MINUTE - 1_000, '/extra-security/upgrade-code'],
      [10 * MINUTE + 1_000, '/extra-security/security-code'],
    ] as const) {
      const person = await mySsa.person('requested')
      const browser = mySsa.browser()
      await signIn(browser, person)
      await choose(browser, 'enable')
      await browser.submit('/extra-security/phone', { number: typed(person.phone) })
      advanceClock(after)
      await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
      assert.equal(browser.path, path)
    }
  })

  test('wrong codes: how many tries are left, then locked out and until when, on the right code too (NIST SP 800-63B-4 §3.2.2)', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'enable')
    await browser.submit('/extra-security/phone', { number: typed(person.phone) })
    const right = mySsa.services.newestCode
    const codes = [wrong(right), right.slice(0, 6), '', ' ', 'abcdefgh', wrong(right)]
    for (const code of codes) {
      const page = await browser.submit('/extra-security/security-code', { code })
      assert.equal(page.statusCode, 422)
    }
    assert.match(textOf(browser.last), /You have 1 try left/)
    await browser.submit('/extra-security/security-code', { code: wrong(right) })
    assert.match(textOf(browser.last), /try again in 10 minutes/)
    await browser.submit('/extra-security/security-code', { code: right })
    assert.match(textOf(browser.last), /try again in 10 minutes/)
    assert.equal(browser.path, '/extra-security/security-code')
  })
})

describe('the upgrade code', () => {
  test('before the phone is confirmed it is not even tried', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    const { code } = mySsa.services.newestLetter
    const before = mySsa.services.redemptions
    await browser.open('/extra-security/upgrade-code')
    assert.equal(browser.path, '/extra-security/phone')
    await browser.submit('/extra-security/phone', { number: typed(person.phone) })
    await browser.open('/extra-security/upgrade-code')
    assert.equal(browser.path, '/extra-security/security-code')
    // Posted past the pages, with the token of this one.
    const token = /name="_csrf" value="([^"]+)"/.exec(browser.last.body)?.[1] ?? ''
    const cookie = browser.cookiesFor('/extra-security/upgrade-code')
    const answer = await mySsa.app.inject({
      method: 'POST',
      url: '/extra-security/upgrade-code',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ code, _csrf: token }).toString(),
    })
    assert.equal(answer.headers.location, '/extra-security/security-code')
    assert.equal(mySsa.services.redemptions, before)
    assert.equal(mySsa.services.newestLetter.state, 'mailed')
    assert.equal(await stateOf(person), 'requested')
  })

  test('wrong, another person’s, expired, returned: extra security stays off', async () => {
    const person = await mySsa.person('requested')
    const other = await mySsa.person('requested')
    await signIn(mySsa.browser(), other)
    const others = mySsa.services.newestLetter.code
    const browser = mySsa.browser()
    await signIn(browser, person)
    const letter = mySsa.services.newestLetter
    await confirmPhone(browser, typed(person.phone))
    for (const code of ['', others, wrong(letter.code), String(Number(letter.code)), `${letter.code}0`]) {
      const page = await browser.submit('/extra-security/upgrade-code', { code })
      assert.equal(page.statusCode, 422, code)
      assert.match(page.body, /href="#code"/)
    }
    assert.match(textOf(browser.last), /You have 1 try left/)
    mySsa.services.giveBack(letter)
    await browser.submit('/extra-security/upgrade-code', { code: letter.code })
    assert.match(textOf(browser.last), /try again in 24 hours/)
    await browser.open('/extra-security')
    assert.match(textOf(browser.last), /came back to us as undeliverable\. Please request a new letter/)
    assert.equal(await stateOf(person), 'requested')
  })

  test('on the last day of the letter it works, a day later it is told as expired', async () => {
    for (const [days, state] of [
      [30, 'on'],
      [31, 'requested'],
    ] as const) {
      const person = await mySsa.person('requested')
      await signIn(mySsa.browser(), person)
      const { code } = mySsa.services.newestLetter
      advanceClock(days * DAY - 1_000)
      const browser = mySsa.browser()
      await signIn(browser, person)
      await confirmPhone(browser, typed(person.phone))
      await browser.submit('/extra-security/upgrade-code', { code })
      assert.equal(await stateOf(person), state)
      if (state === 'requested')
        assert.match(textOf(browser.last), /expired on \w+ \d+, \d{4}\. Please request/)
    }
  })

  test('a new letter ends the earlier code, and the phone is confirmed anew for it', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    const first = mySsa.services.newestLetter
    await confirmPhone(browser, typed(person.phone))
    const asked = await browser.submit('/extra-security/letter')
    assert.equal(browser.path, '/extra-security')
    assert.match(textOf(asked), /We are mailing a new letter/)
    const second = mySsa.services.newestLetter
    assert.deepEqual([first.state, second.state], ['resent', 'mailed'])
    await browser.open('/extra-security/upgrade-code')
    assert.equal(browser.path, '/extra-security/phone')
    await browser.open('/extra-security')
    await confirmPhone(browser, typed(person.phone))
    await browser.submit('/extra-security/upgrade-code', { code: first.code })
    assert.equal(await stateOf(person), 'requested')
    await browser.submit('/extra-security/upgrade-code', { code: second.code })
    assert.equal(await stateOf(person), 'on')
  })

  test('a text that was sent before a new letter was requested confirms no phone for it', async () => {
    const person = await mySsa.person('requested')
    const [browser, other] = [mySsa.browser(), mySsa.browser()]
    await signIn(browser, person)
    await choose(browser, 'enable')
    await browser.submit('/extra-security/phone', { number: typed(person.phone) })
    const code = mySsa.services.newestCode
    await signIn(other, person)
    await other.submit('/extra-security/letter')
    await browser.submit('/extra-security/security-code', { code })
    assert.equal(browser.path, '/extra-security/phone')
  })

  test('too many letters: told when the next one can be requested', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    for (const _ of [2, 3, 4]) await browser.submit('/extra-security/letter')
    const page = await browser.submit('/extra-security/letter')
    assert.equal(mySsa.services.newestLetter.state, 'mailed')
    assert.match(textOf(page), /You can request another one in 30 days/)
  })
})

describe('leaving in the middle', () => {
  test('the same browser goes on where it stood, at the text and at the upgrade code', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await choose(browser, 'enable')
    await browser.submit('/extra-security/phone', { number: typed(person.phone) })
    await browser.open('/extra-security')
    await choose(browser, 'enable')
    assert.equal(browser.path, '/extra-security/security-code')
    await browser.submit('/extra-security/security-code', { code: mySsa.services.newestCode })
    await browser.open('/extra-security')
    await choose(browser, 'enable')
    assert.equal(browser.path, '/extra-security/upgrade-code')
  })

  test('another browser, after a restart: the upgrade code, with the phone that was confirmed; the text is given at the end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-ssa-enrolment-'))
    const kept = { databaseUrl: `sqlite:${folder}/my-ssa.sqlite`, secrets: deriveSecrets(randomBytes(32)) }
    const before = await startWithPeople(kept)
    const person = await before.person('requested')
    const first = before.browser()
    await signIn(first, person)
    await choose(first, 'enable')
    await first.submit('/extra-security/phone', { number: '4085550186' })
    await first.submit('/extra-security/security-code', { code: before.services.newestCode })
    await before.app.close()
    const restarted = await startWithPeople(kept, before.services)
    try {
      const { services } = restarted
      const browser = restarted.browser()
      await signIn(browser, person)
      const page = await choose(browser, 'enable')
      assert.equal(browser.path, '/extra-security/upgrade-code')
      assert.match(
        textOf(page),
        /We will send the text messages to \(\*\*\*\) \*\*\*\u20110186\. Not your phone\?/,
      )
      const { code } = services.newestLetter
      // Whoever has the password may have confirmed a phone: the letter does not bind one that its owner cannot name.
      for (const [number, problem] of [
        ['', /Enter the 10-digit number of your cell phone/],
        ['4085550187', /This is not the number that was confirmed/],
      ] as const) {
        const refused = await browser.submit('/extra-security/upgrade-code', { code, number })
        assert.equal(refused.statusCode, 422)
        assert.match(textOf(refused), problem)
        assert.notEqual(services.newestLetter.state, 'used')
      }
      const number = '(408) 555-0186'
      const done = await browser.submit('/extra-security/upgrade-code', { code, number })
      assert.equal(titleOf(done), 'Congratulations!')
      // In this sign-in no text was given yet.
      assert.match(done.body, /href="\/security-code"/)
      await browser.open('/security-settings')
      assert.equal(browser.path, '/security-code')
      await browser.submit('/security-code/texts')
      await browser.submit('/security-code', { code: services.newestCode })
      assert.equal(browser.path, '/security-settings')
    } finally {
      await restarted.app.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('two enrolments at once in two browsers: both go on by themselves, the first upgrade code wins, with its own phone', async () => {
    const person = await mySsa.person('requested')
    const [one, two] = [mySsa.browser(), mySsa.browser()]
    await signIn(one, person)
    await signIn(two, person)
    await choose(one, 'enable')
    await choose(two, 'enable')
    await one.submit('/extra-security/phone', { number: '4085550101' })
    const codeOfOne = mySsa.services.newestCode
    await two.submit('/extra-security/phone', { number: '4085550102' })
    const codeOfTwo = mySsa.services.newestCode
    assert.equal((await one.submit('/extra-security/security-code', { code: codeOfTwo })).statusCode, 422)
    await one.submit('/extra-security/security-code', { code: codeOfOne })
    await two.submit('/extra-security/security-code', { code: codeOfTwo })
    assert.equal(one.path, '/extra-security/upgrade-code')
    assert.equal(two.path, '/extra-security/upgrade-code')
    const { code } = mySsa.services.newestLetter
    await Promise.all([
      one.submit('/extra-security/upgrade-code', { code }),
      two.submit('/extra-security/upgrade-code', { code }),
    ])
    const { state, phone } = await mySsa.store.find(person.accountId)
    assert.equal(state, 'on')
    const winner = titleOf(one.last) === 'Congratulations!' ? one : two
    const loser = winner === one ? two : one
    assert.equal(phone, winner === one ? '+14085550101' : '+14085550102')
    assert.notEqual(titleOf(loser.last), 'Congratulations!')
    await loser.open('/security-settings')
    assert.equal(loser.path, '/security-code')
  })

  test('killed between spending the code and noting it: the same code again goes through, in another browser too', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await confirmPhone(browser, typed(person.phone))
    const letter = mySsa.services.newestLetter
    const enrolment = await mySsa.store.newestEnrolment(person.accountId, letter.letterId)
    // What upgrade-codes has done when we are killed before the next line.
    letter.state = 'used'
    letter.reference = enrolment?.id ?? ''
    const other = mySsa.browser()
    await signIn(other, person)
    await choose(other, 'enable')
    assert.equal(other.path, '/extra-security/upgrade-code')
    await other.submit('/extra-security/upgrade-code', { code: letter.code, number: typed(person.phone) })
    assert.equal(await stateOf(person), 'on')
  })

  test('taken back in another browser while the upgrade code is typed: it stays off, and the code is not spent', async () => {
    const person = await mySsa.person('requested')
    const [browser, other] = [mySsa.browser(), mySsa.browser()]
    await signIn(browser, person)
    await signIn(other, person)
    await confirmPhone(browser, typed(person.phone))
    await choose(other, 'cancel')
    const letter = mySsa.services.newestLetter
    await browser.submit('/extra-security/upgrade-code', { code: letter.code })
    assert.equal(browser.path, '/security-settings')
    assert.equal(await stateOf(person), 'off')
    assert.equal(letter.state, 'cancelled')
  })
})

describe('on the way to a relying service', () => {
  const wanted = authorizeUrl({ acr_values: MY_SSA_ACR.withExtraSecurity })

  async function claims(browser: Browser) {
    const code = new URL(String(browser.last.headers.location)).searchParams.get('code') ?? ''
    const answer = await postToken(mySsa, await tokenParameters(code))
    return (await verified(mySsa, answer.json().id_token)).claims
  }

  test('enabling on the way goes on with acr and amr of extra security (RFC 8176)', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person, wanted)
    assert.equal(browser.path, '/extra-security')
    await confirmPhone(browser, typed(person.phone))
    const done = await browser.submit('/extra-security/upgrade-code', {
      code: mySsa.services.newestLetter.code,
    })
    const next = /<a class="usa-button" href="(\/interaction\/[^"]+)">Next/.exec(done.body)?.[1] ?? ''
    await browser.open(next)
    const { acr, amr } = await claims(browser)
    assert.deepEqual([acr, amr], [MY_SSA_ACR.withExtraSecurity, ['pwd', 'sms', 'mfa']])
  })

  test('the question about the letter is not got round by opening the address of the request', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    const page = await signIn(browser, person, authorizeUrl())
    const address = /href="(\/interaction\/[^"]+)\/exit"/.exec(page.body)?.[1] ?? ''
    for (const path of [address, '/security-settings']) {
      await browser.open(path)
      assert.equal(browser.path, '/extra-security', path)
    }
  })

  test('No, skip this for now: goes on with the lower acr, and is asked once', async () => {
    const person = await mySsa.person('requested')
    const browser = mySsa.browser()
    await signIn(browser, person, wanted)
    await choose(browser, 'skip')
    const { acr, amr } = await claims(browser)
    assert.deepEqual([acr, amr], [MY_SSA_ACR.withPassword, ['pwd']])
  })

  test('without extra security: the letter can be requested, and one can go on without', async () => {
    const person = await mySsa.person('off')
    const browser = mySsa.browser()
    const page = await signIn(browser, person, wanted)
    assert.equal(browser.path, '/extra-security/needed')
    assert.match(textOf(page), /Social Security asks for a sign-in with extra security/)
    assert.equal((await browser.submit('/extra-security/needed', {})).statusCode, 422)
    await browser.submit('/extra-security/needed', { choice: 'request' })
    assert.match(textOf(browser.last), /We are mailing a letter with your upgrade code/)
    assert.equal(mySsa.services.newestLetter.owner, person.accountId)
    await browser.submit('/extra-security/needed', { choice: 'skip' })
    assert.equal((await claims(browser)).acr, MY_SSA_ACR.withPassword)
    const later = mySsa.browser()
    await signIn(later, person, wanted)
    assert.equal(later.path, '/extra-security')
  })

  test('turned on elsewhere while this browser has the password only: the text is asked for', async () => {
    const person = await mySsa.person('off')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await mySsa.store.request(person.accountId)
    await mySsa.store.addEnrolment({
      id: person.accountId,
      accountId: person.accountId,
      letterId: 'letter',
      phone: person.phone,
      confirmedAt: 1,
    })
    const enrolment = await mySsa.store.findEnrolment(person.accountId, person.accountId)
    assert.ok(enrolment && (await mySsa.store.turnOn(enrolment)))
    const page = await browser.open(wanted)
    assert.equal(browser.path, '/security-code')
    assert.match(textOf(page), /We will send a text message to: \(\*\*\*\)/)
    await browser.submit('/security-code/texts')
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    assert.equal((await claims(browser)).acr, MY_SSA_ACR.withExtraSecurity)
    assert.ok(await codeOf(browser, wanted))
  })
})

test('letters out of reach keep nobody from signing in: the question can be skipped', async () => {
  const person = await mySsa.person('requested')
  const browser = mySsa.browser()
  mySsa.services.down.add('upgrade-codes')
  try {
    const page = await signIn(browser, person)
    assert.equal(page.statusCode, 200)
    assert.match(textOf(page), /We cannot look for your letter now/)
    assert.equal((await choose(browser, 'enable')).statusCode, 503)
    await browser.open('/extra-security')
    await choose(browser, 'skip')
    assert.equal((await browser.open('/security-settings')).statusCode, 200)
  } finally {
    mySsa.services.down.clear()
  }
  await signIn(mySsa.browser(), person)
  assert.equal(mySsa.services.newestLetter.owner, person.accountId)
})
