// The text at each sign-in, and the security settings.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Browser, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { PASSWORD } from './support/my-ssa.ts'
import { type People, type Person, signIn, startWithPeople } from './support/people.ts'

let mySsa: People
before(async () => {
  mySsa = await startWithPeople()
})
after(() => mySsa.app.close())

const standing = ({ accountId }: Person) => mySsa.store.find(accountId)
const wrong = (code: string) => (code.startsWith('9') ? '8' : '9') + code.slice(1)

/** Password and text. */
async function signInByText(browser: Browser, person: Person) {
  await signIn(browser, person)
  return browser.submit('/security-code', { code: mySsa.services.newestCode })
}

describe('the text at sign-in', () => {
  test('goes to the phone after the password; until it is given nothing else opens, and the number is not shown', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    const page = await signIn(browser, person)
    assert.equal(titleOf(page), 'Enter Security Code')
    const { phoneNumber, purpose, length } = mySsa.services.sent.at(-1)?.body ?? assert.fail()
    assert.deepEqual([phoneNumber, purpose, length], [person.phone, 'sign-in', 8])
    assert.ok(!page.body.includes(person.phone.slice(2, 5)), 'the area code is hidden')
    for (const path of [
      '/security-settings',
      '/security-settings/phone',
      '/extra-security',
      '/extra-security/needed',
    ]) {
      await browser.open(path)
      assert.equal(browser.path, '/security-code', path)
    }
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    assert.equal(browser.path, '/security-settings')
    assert.match(textOf(browser.last), /Extra security is on/)
  })

  test('six digits, a wrong code, a code of another person, a used code: none signs in (OWASP ASVS 5.0 6.5.1)', async () => {
    const [person, other] = [await mySsa.person('on'), await mySsa.person('on')]
    await signIn(mySsa.browser(), other)
    const others = mySsa.services.newestCode
    const browser = mySsa.browser()
    await signIn(browser, person)
    const right = mySsa.services.newestCode
    for (const code of [right.slice(0, 6), wrong(right), others]) {
      assert.equal((await browser.submit('/security-code', { code })).statusCode, 422, code)
    }
    const blank = await browser.submit('/security-code', { code: ' ' })
    assert.match(textOf(blank), /Enter the security code\./)
    await browser.submit('/security-code', { code: ` ${right} ` })
    assert.equal(browser.path, '/security-settings')
    const second = mySsa.browser()
    await signIn(second, person)
    assert.equal((await second.submit('/security-code', { code: right })).statusCode, 422)
  })

  test('locked out: until when is told, also right after the next password, and the page still answers (NIST SP 800-63B-4 §3.2.2)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    for (let count = 0; count < 5; count += 1) await browser.submit('/security-code', { code: '00000000' })
    assert.match(textOf(browser.last), /try again in 10 minutes/)
    const sent = mySsa.services.sent.length
    const later = mySsa.browser()
    const page = await signIn(later, person)
    assert.match(textOf(page), /try again in 10 minutes/)
    assert.equal(mySsa.services.sent.length, sent)
    advanceClock(600_000)
    await later.submit('/security-code/texts')
    await later.submit('/security-code', { code: mySsa.services.newestCode })
    assert.equal(later.path, '/security-settings')
  })

  test('texts out of reach: said after the password, and another one can be asked for', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    mySsa.services.down.add('one-time-codes')
    const page = await signIn(browser, person)
    mySsa.services.down.clear()
    assert.match(textOf(page), /We could not send the text message/)
    await browser.submit('/security-code/texts')
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    assert.equal(browser.path, '/security-settings')
  })

  test('the session has a new cookie after the password and after the text (OWASP ASVS 5.0 7.2.4)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    const secret = () => browser.cookies.get('my-ssa-session')
    await browser.open('/forgot-password')
    const secrets = [secret()]
    await signIn(browser, person)
    secrets.push(secret())
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    secrets.push(secret())
    assert.equal(new Set(secrets).size, 3)
  })

  test('a suspended account does not sign in by the text', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    await mySsa.accounts.setSuspended(person.accountId, true)
    await browser.submit('/security-code', { code: mySsa.services.newestCode })
    assert.match(browser.path, /^\/sign-in/)
  })
})

test('a code to a phone that is not the account’s any more signs nobody in', async () => {
  const person = await mySsa.person('on')
  const browser = mySsa.browser()
  await signIn(browser, person)
  await mySsa.store.changePhone(person.accountId, '+14085550177')
  const page = await browser.submit('/security-code', { code: mySsa.services.newestCode })
  assert.equal(titleOf(page), 'Enter Security Code')
  await browser.open('/security-settings')
  assert.equal(browser.path, '/security-code')
})

test('extra security without a phone, which must not be, lets nobody in', async () => {
  const person = await mySsa.person('off')
  await mySsa.store.seed(person.accountId, 'on', undefined)
  const browser = mySsa.browser()
  assert.equal((await signIn(browser, person)).statusCode, 500)
  await browser.open('/security-settings')
  assert.match(browser.path, /^\/(sign-in|security-code)/)
})

test('with the password alone nobody gets to an enrolment that was begun in another browser meanwhile', async () => {
  const person = await mySsa.person('on')
  const browser = mySsa.browser()
  await signIn(browser, person)
  await mySsa.store.turnOff(person.accountId)
  await mySsa.store.request(person.accountId)
  for (const path of ['/extra-security', '/extra-security/phone', '/extra-security/needed']) {
    await browser.open(path)
    assert.equal(browser.path, '/sign-in', path)
  }
})

describe('the security settings', () => {
  test('adding asks for a letter; its state is shown, another one can be requested, the request cancelled', async () => {
    const person = await mySsa.person('off')
    const browser = mySsa.browser()
    const off = await signIn(browser, person)
    assert.match(textOf(off), /Extra security is off/)
    assert.match(off.body, /href="\/block-electronic-access"/)
    await browser.submit('/security-settings/add')
    assert.match(
      textOf(browser.last),
      /Extra security is requested ?\. We mailed your letter on \w+ \d+, \d{4}\. Its code expires on/,
    )
    await browser.submit('/extra-security/letter')
    assert.equal(
      mySsa.services.lettersOf('upgrade-code').filter((one) => one.owner === person.accountId).length,
      2,
    )
    await browser.submit('/extra-security', { choice: 'cancel' })
    assert.match(textOf(browser.last), /Extra security is off/)
  })

  test('asked for while letters are out of reach: noted, and mailed when somebody looks', async () => {
    const person = await mySsa.person('off')
    const browser = mySsa.browser()
    await signIn(browser, person)
    mySsa.services.down.add('upgrade-codes')
    await browser.submit('/security-settings/add')
    assert.match(textOf(browser.last), /Extra security is requested ?\. Your letter is not mailed yet/)
    mySsa.services.down.clear()
    await browser.open('/security-settings')
    assert.match(textOf(browser.last), /We mailed your letter/)
    assert.equal(mySsa.services.newestLetter.owner, person.accountId)
  })

  test('removing takes the password; then none is sent a text, and adding again needs a new letter (OWASP ASVS 5.0 7.5.1)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signInByText(browser, person)
    await browser.open('/security-settings/remove')
    for (const password of ['', `${PASSWORD}x`]) {
      assert.equal((await browser.submit('/security-settings/remove', { password })).statusCode, 422)
      assert.match(browser.last.body, /href="#password"/)
    }
    assert.equal((await standing(person)).state, 'on')
    await browser.submit('/security-settings/remove', { password: PASSWORD })
    assert.match(textOf(browser.last), /Extra security is removed/)
    assert.deepEqual(await standing(person), { state: 'off', phone: undefined, letterId: undefined })
    assert.equal(mySsa.services.mailTo(person.email).at(-1)?.subject, 'You removed extra security')
    const later = mySsa.browser()
    await signIn(later, person)
    assert.equal(later.path, '/security-settings')
    await later.submit('/security-settings/add')
    assert.equal(mySsa.services.newestLetter.owner, person.accountId)
    assert.equal((await standing(person)).state, 'requested')
  })

  test('wrong passwords there count with those of the sign-in: five block both (NIST SP 800-63B-4 §3.2.2)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signInByText(browser, person)
    await browser.open('/security-settings/remove')
    for (let count = 0; count < 5; count += 1) {
      await browser.submit('/security-settings/remove', { password: 'a wrong password' })
    }
    assert.match(textOf(browser.last), /try again in 24 hours/)
    await browser.submit('/security-settings/remove', { password: PASSWORD })
    assert.equal((await standing(person)).state, 'on')
    const later = mySsa.browser()
    await signIn(later, person)
    assert.equal(later.path, '/sign-in')
  })

  test('another phone: password, text to the new one, notice by e-mail (NIST SP 800-63B-4 §4.1.2, §4.6)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signInByText(browser, person)
    await browser.open('/security-settings/phone')
    const number = '(408) 555-0177'
    for (const fields of [
      { number, password: '' },
      { number, password: 'a wrong password' },
      { number: '123', password: PASSWORD },
      { number: person.phone, password: PASSWORD },
      { number: '(202) 555-0194', password: PASSWORD },
    ]) {
      const page = await browser.submit('/security-settings/phone', fields)
      assert.equal(page.statusCode, 422)
      assert.match(page.body, /href="#(number|password)"/)
      assert.ok(!page.body.includes(PASSWORD))
    }
    await browser.submit('/security-settings/phone', { number, password: PASSWORD })
    assert.equal(browser.path, '/security-settings/phone/security-code')
    assert.match(textOf(browser.last), /\(408\) 555-0177/)
    assert.equal((await standing(person)).phone, person.phone, 'not before its text')
    await browser.submit('/security-settings/phone/security-code', { code: '00000000' })
    assert.equal((await standing(person)).phone, person.phone)
    await browser.submit('/security-settings/phone/security-code', { code: mySsa.services.newestCode })
    assert.match(textOf(browser.last), /Your cell phone number is changed/)
    assert.equal((await standing(person)).phone, '+14085550177')
    assert.equal(mySsa.services.mailTo(person.email).at(-1)?.subject, 'Your cell phone number changed')
    await browser.open('/security-settings/phone/security-code')
    assert.equal(browser.path, '/security-settings/phone')
  })

  test('a text for a new phone is none for the sign-in, and the other way round', async () => {
    const person = await mySsa.person('on')
    const [browser, other] = [mySsa.browser(), mySsa.browser()]
    await signInByText(browser, person)
    await browser.open('/security-settings/phone')
    await browser.submit('/security-settings/phone', { number: '4085550178', password: PASSWORD })
    const codeOfNew = mySsa.services.newestCode
    await signIn(other, person)
    const codeOfSignIn = mySsa.services.newestCode
    assert.equal((await other.submit('/security-code', { code: codeOfNew })).statusCode, 422)
    await browser.submit('/security-settings/phone/security-code', { code: codeOfSignIn })
    assert.equal((await standing(person)).phone, person.phone)
  })

  test('no log line and no audit event holds a number, a code or a password (OWASP ASVS 5.0 16.2.5)', async () => {
    const person = await mySsa.person('on')
    const browser = mySsa.browser()
    await signIn(browser, person)
    const code = mySsa.services.newestCode
    await browser.submit('/security-code', { code })
    const { database } = mySsa.ground
    // biome-ignore lint/suspicious/noExplicitAny: the table is another package's
    const events = await (database as any).selectFrom('auditEvents').selectAll().execute()
    const written = JSON.stringify(events) + mySsa.logLines.join('')
    for (const secret of [person.phone, person.phone.slice(2), code, PASSWORD])
      assert.ok(!written.includes(secret))
    assert.match(written, /"signed-in"/)
  })
})
