// Whatever a form about accounts is sent with, the page answers: never a status of 500 or more, no stack trace, nothing of what
// was typed run as markup (OWASP ASVS 5.0 1.2.1, 16.5.1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { postAnything } from '@gatehouse/provider/for-tests/any-form'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import fc from 'fast-check'
import { applicant, apply, confirmEmail, createAccount } from './support/applicants.ts'
import { FakeOffices } from './support/fake-offices.ts'
import { type MySsa, OPERATOR_TOKEN, startMySsa } from './support/my-ssa.ts'

let mySsa: MySsa
let offices: FakeOffices
before(async () => {
  offices = new FakeOffices()
  mySsa = await startMySsa({ calls: offices.calls })
})
after(() => mySsa.app.close())
beforeEach(() => advanceClock(86_400_000))

const GOOD = fc.constantFrom(
  '1990-02-28',
  '0000-00-00',
  '912345678',
  'MD',
  '21235',
  'yes',
  'email',
  'letter',
  'MariaExample84',
)

const PERSON = ['firstName', 'middleName', 'lastName', 'birthdate', 'ssn']
const ADDRESS = ['street', 'city', 'state', 'zip', 'email']

/** @param from the page whose token goes along */
const postTo = (browser: Browser, place: string, names: readonly string[], runs: number, from = place) =>
  postAnything(mySsa.app, browser, place, { names, runs, from, good: GOOD })

test('forms for whoever comes', async () => {
  for (const [place, fields] of [
    ['/sign-in', ['username', 'password', 'continue']],
    ['/sign-out', ['anything']],
    ['/create-account', ['acknowledged']],
    ['/create-account/confirmation', ['token']],
    ['/create-account/e-mail', ['anything']],
    ['/create-account/username', ['username', 'password', 'extraSecurity']],
    ['/forgot-username', PERSON],
    ['/forgot-password', ['username', 'how']],
    ['/forgot-password/link', ['token', 'password']],
    ['/reset-password', ['username', 'temporaryPassword', 'password']],
    ['/block-electronic-access', PERSON],
    ['/block-electronic-access/confirmation', ['anything']],
  ] as const) {
    await postTo(mySsa.browser(), place, fields, 25, '/sign-in')
  }
})

test('forms of an application', async () => {
  const browser = mySsa.browser()
  const person = applicant()
  await apply(browser, person)
  await confirmEmail(browser, offices, person)
  await postTo(browser, '/create-account/username', ['username', 'password', 'extraSecurity'], 25)
  await postTo(browser, '/create-account/about-you', [...PERSON, ...ADDRESS], 50)
})

test('forms of somebody who is signed in', async () => {
  const browser = mySsa.browser()
  await createAccount(browser, offices)
  for (const place of [
    '/sign-in',
    '/create-account',
    '/create-account/confirmation',
    '/block-electronic-access',
  ]) {
    await postTo(browser, place, ['username', 'acknowledged', 'token', 'ssn'], 10, '/block-electronic-access')
  }
})

test('the operator’s interface', async () => {
  const body = fc.oneof(fc.dictionary(fc.constantFrom('ssn', 'other'), fc.jsonValue()), fc.jsonValue())
  await fc.assert(
    fc.asyncProperty(body, async (payload) => {
      const answer = await mySsa.app.inject({
        method: 'DELETE',
        url: '/api/electronic-access-blocks',
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
        payload: JSON.stringify(payload),
      })
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500)
    }),
    { numRuns: 50 },
  )
})
