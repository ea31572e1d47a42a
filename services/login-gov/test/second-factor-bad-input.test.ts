// Whatever is sent to the pages of second factors, nothing breaks and nothing is told of the inside (OWASP ASVS 5.0 16.5.1).

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import fc from 'fast-check'
import { ROOT } from './support/login-gov.ts'
import { optionsOf, type People, startWithPeople } from './support/people.ts'
import { softwareKey } from './support/software-key.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())

const AT_SIGN_IN = [
  '/login/two_factor/sms',
  '/login/two_factor/voice',
  '/login/two_factor/authenticator',
  '/login/two_factor/webauthn',
  '/login/two_factor/webauthn?platform=true',
  '/login/two_factor/piv_cac',
  '/login/two_factor/backup_code',
  '/login/two_factor/personal_key',
  '/login/two_factor/options',
  '/login/piv_cac',
]
const IN_THE_ACCOUNT = [
  '/authentication_methods_setup',
  '/phone_setup',
  '/phone_setup/code',
  '/authenticator_setup',
  '/webauthn_setup',
  '/piv_cac_setup',
  '/manage/phone/x',
  '/manage/auth_app/%00',
  '/manage/webauthn/x/removal',
]
const FIELDS = [
  'code',
  'remember_device',
  'response',
  'certificate',
  'name',
  'default',
  'two_factor_options_form[selection]',
  'new_phone_form[phone]',
  'new_phone_form[otp_delivery_preference]',
]

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '000000',
    'sms',
    'voice',
    'auth_app',
    '202-555-0130',
    '[]',
    '{"id":"x"}',
    'authority',
    '\u0000',
  ),
  fc.json(),
)
const body = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string({ maxLength: 12 })), value, {
  maxKeys: 4,
})

async function expectSound(places: string[], browser: Browser, forgetTries: () => Promise<unknown>) {
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), body, fc.boolean(), async (place, fields, asJson) => {
      await forgetTries()
      const cookie = [...browser.cookies].map(([name, one]) => `${name}=${one}`).join('; ')
      const csrf = /name="_csrf" value="([^"]*)"/.exec(browser.last.body)?.[1] ?? ''
      const answer = await idp.app.inject({
        method: 'POST',
        url: place,
        headers: {
          accept: 'text/html',
          cookie,
          'content-type': asJson ? 'application/json' : 'application/x-www-form-urlencoded',
        },
        payload: asJson ? JSON.stringify(fields) : new URLSearchParams({ ...fields, _csrf: csrf }).toString(),
      })
      statuses.add(answer.statusCode)
      assert.ok(answer.statusCode < 500, `${place} answered ${answer.statusCode}`)
      assert.doesNotMatch(answer.body, /node_modules|\.ts:\d|at async/)
      for (const { name, value: renewed } of answer.cookies) {
        if (renewed) browser.cookies.set(name, encodeURIComponent(renewed))
      }
    }),
    { numRuns: 250 },
  )
  // The pages themselves were reached, not only what stands before them.
  assert.ok(statuses.has(422), [...statuses].join(' '))
}

test('at sign-in', { timeout: 120_000 }, async () => {
  const person = await idp.person()
  await person.addPhone()
  await person.addApp()
  await person.backupCodes()
  await person.personalKey()
  const browser = idp.browser()
  await idp.giveEmailAndPassword(browser, person.email)
  await browser.open('/login/two_factor/options')
  await expectSound(AT_SIGN_IN, browser, () => oneTimeCodes(idp.codes.calls).forgetTries(person.accountId))
  assert.equal((await browser.get('/account')).statusCode, 302)
})

test('in the account', { timeout: 120_000 }, async () => {
  const person = await idp.person()
  const browser = idp.browser()
  await idp.giveEmailAndPassword(browser, person.email)
  await browser.open('/webauthn_setup')
  await browser.submit('/webauthn_setup', { response: softwareKey(ROOT).register(optionsOf(browser.last)) })
  await browser.open('/authentication_methods_setup')
  assert.equal(browser.last.statusCode, 200)
  await expectSound(IN_THE_ACCOUNT, browser, () =>
    oneTimeCodes(idp.codes.calls).forgetTries(person.accountId),
  )
  assert.equal((await browser.get('/account')).statusCode, 200)
})
