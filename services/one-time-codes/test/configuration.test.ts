import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ConfigurationError, readConfiguration } from '@gatehouse/http/configuration'
import { createPhoneNumberRule } from '../src/challenges/phone-numbers.ts'
import { carrierAccount } from '../src/deliveries/carrier-account.ts'
import { codePolicies } from '../src/policies.ts'
import { service } from '../src/service.ts'

const sid = `AC${randomBytes(16).toString('hex')}`
const token = randomBytes(16).toString('hex')
const urls = { lab: 'http://lab.example' }

test('Login.gov has its own numbers, other services the default ones', () => {
  const policies = codePolicies()
  assert.deepEqual([policies('login-gov').coolDownMs, policies('login-gov').wrongTries], [10_000, 10])
  assert.deepEqual([policies('sign-in').coolDownMs, policies('sign-in').wrongTries], [30_000, 5])
})

test('ID.me locks out at the third wrong try, for a day (facts id-me §7)', () => {
  const { wrongTries, lockOutMs, lifetimeMs, coolDownMs, sends } = codePolicies()('id-me')
  assert.deepEqual([wrongTries, lockOutMs], [3, 24 * 60 * 60_000])
  assert.deepEqual([lifetimeMs, coolDownMs, sends], [600_000, 30_000, 10])
})

test('CODE_POLICIES overrides single numbers, for a service or for those without a row of their own', () => {
  const policies = codePolicies('{"login-gov":{"coolDownMs":0},"default":{"wrongTries":3}}')
  assert.deepEqual([policies('login-gov').coolDownMs, policies('login-gov').wrongTries], [0, 10])
  assert.deepEqual([policies('sign-in').coolDownMs, policies('sign-in').wrongTries], [30_000, 3])
})

for (const [why, json] of [
  [
    'codes that live longer than ten minutes (NIST SP 800-63B-4 §3.1.3.2)',
    '{"default":{"lifetimeMs":600001}}',
  ],
  ['more than a hundred wrong tries (NIST SP 800-63B-4 §3.2.2)', '{"login-gov":{"wrongTries":101}}'],
  ['a service that there is not', '{"loging-gov":{"wrongTries":3}}'],
  ['a number that there is not', '{"login-gov":{"tries":3}}'],
  ['text that is not JSON', 'wrongTries=3'],
] as const) {
  test(`CODE_POLICIES is refused with ${why}`, () => {
    assert.throws(() => codePolicies(json), ConfigurationError)
  })
}

test('with an account at Twilio, Twilio is the carrier, in the test profile too', () => {
  for (const PROFILE of ['test', 'live'] as const) {
    const given = { PROFILE, TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, TWILIO_FROM: '+12025550199' }
    assert.deepEqual(carrierAccount(given, urls), { accountSid: sid, authToken: token, from: '+12025550199' })
  }
})

test('the lab is the carrier in the test profile only', () => {
  const given = { LAB_ACCOUNT_SID: sid, LAB_AUTH_TOKEN: token }
  assert.equal(carrierAccount({ PROFILE: 'test', ...given }, urls).labUrl, 'http://lab.example')
  assert.throws(() => carrierAccount({ PROFILE: 'live', ...given }, urls), /TWILIO_ACCOUNT_SID is required/)
})

test('between containers the lab is reached at its internal address', () => {
  const given = { LAB_ACCOUNT_SID: sid, LAB_AUTH_TOKEN: token, LAB_INTERNAL_URL: 'http://lab:4012' }
  assert.equal(carrierAccount({ PROFILE: 'test', ...given }, urls).labUrl, 'http://lab:4012')
})

test('half an account is refused by the name of what is missing', () => {
  for (const [name, given] of [
    ['TWILIO_AUTH_TOKEN', { TWILIO_ACCOUNT_SID: sid }],
    ['TWILIO_FROM', { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token }],
    ['LAB_ACCOUNT_SID', {}],
    ['LAB_AUTH_TOKEN', { LAB_ACCOUNT_SID: sid }],
  ] as const) {
    assert.throws(
      () => carrierAccount({ PROFILE: 'test', ...given }, urls),
      new RegExp(`${name} is required`),
    )
  }
})

test('an account identifier of another form is refused without being repeated', () => {
  const read = () => readConfiguration(service.configuration, { TWILIO_ACCOUNT_SID: 'SK123' })
  assert.throws(
    read,
    (error: Error) => /TWILIO_ACCOUNT_SID/.test(error.message) && !/SK123/.test(error.message),
  )
})

test('the numbers of the lab’s carrier are usable in area codes that do not exist, through the lab only', async () => {
  const throughLab = createPhoneNumberRule({ throughLab: true })
  const throughTwilio = createPhoneNumberRule({ throughLab: false })
  assert.equal(await throughLab('+12125550100', 'call'), true)
  assert.equal(await throughLab('+12115550199', 'call'), true)
  assert.equal(await throughTwilio('+12115550199', 'call'), false)
  assert.equal(await throughLab('+12115550200', 'text'), false)
  assert.equal(await throughTwilio('+12025554567', 'call'), true)
})
