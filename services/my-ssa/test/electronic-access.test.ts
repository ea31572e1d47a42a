// "You can block electronic access to your information at any time, for any reason."

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { headingOf, seenFromOutside } from './support/answers.ts'
import { applicant, apply, createAccount, detailsOf, eventually, NEW_PASSWORD } from './support/applicants.ts'
import { FakeOffices } from './support/fake-offices.ts'
import { type MySsa, OPERATOR_TOKEN, PASSWORD, startMySsa } from './support/my-ssa.ts'

let mySsa: MySsa
let offices: FakeOffices
before(async () => {
  offices = new FakeOffices()
  mySsa = await startMySsa({ calls: offices.calls })
})
after(() => mySsa.app.close())
beforeEach(() => advanceClock(86_400_000))

const daniel = { firstName: 'DANIEL', lastName: 'Pattern', birthdate: '1968-12-02', ssn: '900-65-4331' }

async function block(details: Record<string, string>) {
  const browser = mySsa.browser()
  await browser.open('/block-electronic-access')
  await browser.submit('/block-electronic-access', details)
  return browser
}

async function signIn(username: string, password: string) {
  const browser = mySsa.browser()
  await browser.open('/sign-in')
  await browser.submit('/sign-in', { username, password })
  return browser
}

function unblock(ssn: string, token = OPERATOR_TOKEN) {
  return mySsa.app.inject({
    method: 'DELETE',
    url: '/api/electronic-access-blocks',
    headers: { authorization: `Bearer ${token}` },
    payload: { ssn },
  })
}

describe('by name, date of birth and SSN', () => {
  test('ends every session, keeps everybody out, tells the e-mail address, and lasts until an operator ends it (OWASP ASVS 5.0 7.4.2)', async () => {
    const signedIn = await mySsa.signedIn('daniel', ['pwd', 'sms'])
    const asked = await block(daniel)
    assert.equal(headingOf(asked.last), 'We received your request')
    await signedIn.open('/security-settings')
    assert.equal(signedIn.path, '/sign-in')
    assert.match(textOf(signedIn.last), /signed out because electronic access/)
    const right = await signIn('DanielPattern68', PASSWORD)
    assert.equal(right.last.statusCode, 403)
    assert.match(textOf(right.last), /Electronic access to your information is blocked.*1-800-772-1213/)
    const wrong = await signIn('DanielPattern68', 'another password')
    assert.match(textOf(wrong.last), /username or password that you entered is not right/)
    const mail = await eventually(() => offices.mailsTo('daniel@example.com').at(-1))
    assert.equal(mail.subject, 'Electronic access to your information is blocked')
    assert.ok(!mail.text.includes('900654331'))

    advanceClock(400 * 86_400_000)
    assert.equal((await signIn('DanielPattern68', PASSWORD)).last.statusCode, 403)
    assert.equal((await unblock('900654331')).statusCode, 204)
    assert.equal((await signIn('DanielPattern68', PASSWORD)).path, '/security-code')
    const opened = 'Electronic access to your information is open again'
    await eventually(() => offices.mailsTo('daniel@example.com').find(({ subject }) => subject === opened))
  })

  test('is answered alike, byte for byte, for an account, a wrong name, a block before, and nobody', async () => {
    const person = await createAccount(mySsa.browser(), offices)
    const details = detailsOf(person)
    const seen = []
    for (const entered of [
      { ...details, lastName: 'Other' },
      { ...details, birthdate: '1990-02-27' },
      details,
      details,
      detailsOf(applicant()),
      // Oliver, who fails.
      { firstName: 'Oliver', middleName: '', lastName: 'Model', birthdate: '1999-01-15', ssn: '987654328' },
    ]) {
      seen.push(seenFromOutside(await block(entered)))
    }
    assert.equal(new Set(seen).size, 1)
    await eventually(() => offices.mailsTo(person.email).find(({ subject }) => /blocked/.test(subject)))
  })

  test('does nothing where name or date of birth are not the person’s', async () => {
    const person = await createAccount(mySsa.browser(), offices)
    await block({ ...detailsOf(person), firstName: 'Other' })
    assert.equal((await signIn(person.username, NEW_PASSWORD)).path, '/security-settings')
  })

  test('keeps a person without an account from getting one', async () => {
    const person = applicant()
    await block(detailsOf(person))
    assert.match(headingOf(await apply(mySsa.browser(), person)) ?? '', /^We cannot create an account/)
    assert.equal((await unblock(person.ssn)).statusCode, 204)
    assert.equal(headingOf(await apply(mySsa.browser(), person)), 'Check your e-mail')
  })

  test('is looked at ten times a day for one SSN, whoever asks', async () => {
    const details = detailsOf(applicant())
    for (let count = 1; count <= 10; count += 1) assert.equal((await block(details)).last.statusCode, 200)
    assert.equal((await block({ ...details, firstName: 'Other' })).last.statusCode, 429)
    advanceClock(86_400_000)
    assert.equal((await block(details)).last.statusCode, 200)
  })

  test('names the fields that are wrong, and shows the SSN to nobody', async () => {
    const browser = await block({ ...daniel, birthdate: '1968-13-02', firstName: '' })
    assert.equal(browser.last.statusCode, 422)
    assert.match(browser.last.body, /href="#firstName"/)
    assert.match(browser.last.body, /href="#birthdate"/)
    assert.ok(!browser.last.body.includes('900-65-4331'))
  })
})

describe('for somebody who is signed in', () => {
  test('takes one confirmation, and the session ends', async () => {
    const person = await createAccount(mySsa.browser(), offices)
    const browser = await signIn(person.username, NEW_PASSWORD)
    await browser.open('/block-electronic-access')
    assert.ok(!browser.last.body.includes('name="ssn"'))
    await browser.submit('/block-electronic-access/confirmation')
    assert.equal(browser.path, '/sign-in')
    assert.match(textOf(browser.last), /electronic access to your information is blocked now/)
    assert.equal((await signIn(person.username, NEW_PASSWORD)).last.statusCode, 403)
  })

  test('cannot be confirmed by somebody who is not', async () => {
    const browser = mySsa.browser()
    const { body } = await browser.open('/block-electronic-access')
    const csrf = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
    const answer = await mySsa.app.inject({
      method: 'POST',
      url: '/block-electronic-access/confirmation',
      headers: {
        cookie: browser.cookiesFor('/block-electronic-access/confirmation'),
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ _csrf: csrf }).toString(),
    })
    assert.equal(answer.headers.location, '/sign-in')
  })
})

describe('the operator', () => {
  test('alone takes a block away, and is told where there is none', async () => {
    await block(daniel)
    assert.equal((await unblock('900654331', 'x'.repeat(43))).statusCode, 401)
    assert.equal((await unblock('900654332')).statusCode, 404)
    const malformed = await unblock('no number')
    assert.equal(malformed.statusCode, 400)
    assert.ok(!malformed.body.includes('no number'))
    assert.equal((await unblock('900654331')).statusCode, 204)
    assert.equal((await unblock('900654331')).statusCode, 404)
  })
})

test('blocks are in the audit trail, and no SSN is there or in the log', async () => {
  const person = await createAccount(mySsa.browser(), offices)
  await block(detailsOf(person))
  await unblock(person.ssn)
  const rows = await mySsa.ground.database.selectFrom('auditEvents').selectAll().execute()
  const kept = JSON.stringify(rows)
  for (const event of ['electronic-access.blocked', 'electronic-access.unblocked'])
    assert.ok(kept.includes(event))
  for (const text of [kept, mySsa.logLines.join('')]) {
    assert.ok(!text.includes(person.ssn) && !text.includes('900654331'))
  }
})
