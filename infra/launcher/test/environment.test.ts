import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SERVICE_NAMES, urlVariable } from '@gatehouse/contracts/services'
import { portsFrom, urlsAt } from '../src/addresses.ts'
import { type SuiteSettings, serviceEnvironments } from '../src/environment.ts'

const settings: SuiteSettings = {
  dataDirectory: '/data',
  urls: urlsAt(portsFrom(5000)),
  firstStart: {
    personas: [],
    carrierAccount: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'token of the carrier' },
    files: {
      personas: '/p',
      numident: '/n',
      providers: '/i',
      loginGovClients: '/c',
      idMeClients: '/e',
      mySsaClients: '/m',
    },
  },
  log: { file: '/data/gatehouse.log', level: 'warn' },
  inherited: {},
}

test('every service gets its port, the address of every service, and the same profile, folder and log', () => {
  const environments = serviceEnvironments(settings)
  for (const name of SERVICE_NAMES) {
    const environment = environments[name]
    assert.equal(environment.PORT, new URL(settings.urls[name]).port)
    for (const other of SERVICE_NAMES) assert.equal(environment[urlVariable(other)], settings.urls[other])
    assert.equal(environment.PROFILE, 'test')
    assert.equal(environment.DATA_DIR, '/data')
    assert.equal(environment.LOG_FILE, '/data/gatehouse.log')
    assert.equal(environment.LOG_LEVEL, 'warn')
    assert.equal(environment.DATABASE_URL, undefined)
    assert.ok(Object.values(environment).every((value) => typeof value === 'string'))
  }
})

test('only the carrier and its customer know the account with the carrier', () => {
  const environments = serviceEnvironments(settings)
  const knowing = SERVICE_NAMES.filter((name) => environments[name].LAB_AUTH_TOKEN)
  assert.deepEqual(knowing.toSorted(), ['lab', 'one-time-codes'])
  assert.equal(environments.lab.LAB_AUTH_TOKEN, environments['one-time-codes'].LAB_AUTH_TOKEN)
})

test('a Twilio account in the environment reaches the service that sends, and no other', () => {
  const inherited = {
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_AUTH_TOKEN: 't',
    TWILIO_FROM: '+12025550100',
    HOME: '/',
  }
  const environments = serviceEnvironments({ ...settings, inherited })
  assert.equal(environments['one-time-codes'].TWILIO_AUTH_TOKEN, 't')
  for (const name of SERVICE_NAMES) {
    assert.equal(environments[name].HOME, undefined)
    if (name !== 'one-time-codes') assert.equal(environments[name].TWILIO_ACCOUNT_SID, undefined)
  }
})

test('without an account SID nothing of Twilio is passed on, and codes go to the lab', () => {
  const inherited = { TWILIO_AUTH_TOKEN: 't', TWILIO_FROM: '+12025550100' }
  assert.deepEqual(serviceEnvironments({ ...settings, inherited }), serviceEnvironments(settings))
})

test('what a test overrides goes before everything else, for that service alone', () => {
  const environments = serviceEnvironments({
    ...settings,
    databaseUrl: 'sqlite::memory:',
    overrides: { terms: { LOG_LEVEL: 'debug' } },
  })
  assert.equal(environments.terms.LOG_LEVEL, 'debug')
  assert.equal(environments.lab.LOG_LEVEL, 'warn')
  assert.equal(environments.lab.DATABASE_URL, 'sqlite::memory:')
})

test('which providers a relying service offers is said in the environment of the start, and reaches sign-in alone', () => {
  const IDENTITY_PROVIDERS = '{"bso":["login.gov","my-ssa"]}'
  const environments = serviceEnvironments({ ...settings, inherited: { IDENTITY_PROVIDERS } })
  for (const name of SERVICE_NAMES) {
    const expected = name === 'sign-in' ? IDENTITY_PROVIDERS : undefined
    assert.equal(environments[name].IDENTITY_PROVIDERS, expected, name)
  }
})
