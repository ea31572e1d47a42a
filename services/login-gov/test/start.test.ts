// Starting: configuration, seeding, and going on after the process was killed.

import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { buildForTest } from '@gatehouse/http/testing'
import { readClientFile } from '@gatehouse/provider/clients/client-file'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import { ClientEntry, entryProblems } from '../src/clients/client-entry.ts'
import { isRegistered } from '../src/clients/redirect-uri.ts'
import { service } from '../src/service.ts'
import { fakeOneTimeCodes } from './support/fake-one-time-codes.ts'
import {
  CLIENTS,
  configurationFiles,
  passPassword,
  redeem,
  startOverFile,
  tokenParameters,
} from './support/login-gov.ts'

describe('a killed process loses nothing that it acknowledged', () => {
  test('a sign-in goes on after a restart between any two steps', async () => {
    const { folder, remove } = configurationFiles()
    const rootSecret = randomBytes(32)
    const codes = fakeOneTimeCodes()
    const start = () => startOverFile(`sqlite:${join(folder, 'login-gov.sqlite')}`, rootSecret, codes)
    let running = await start()
    let browser = new Browser(running.app)
    // Nothing is closed in an orderly way: the next process opens the file as the last one left it.
    const killed: (typeof running)[] = []
    async function kill() {
      const { cookies, last, path } = browser
      killed.push(running)
      running = await start()
      browser = new Browser(running.app)
      for (const [name, value] of cookies) browser.cookies.set(name, value)
      browser.last = last
      browser.path = path
    }
    const certs = async () => (await running.app.inject('/api/openid_connect/certs')).json()

    const keys = await certs()
    await passPassword(browser)
    await kill()
    await browser.submit('/login/two_factor/sms', { code: codes.newestCode })
    assert.equal(browser.path, '/sign_up/completed')
    await kill()
    await browser.submit('/sign_up/completed')
    const code = new URL(String(browser.last.headers.location)).searchParams.get('code') ?? ''
    await kill()
    const response = await redeem(running.app, await tokenParameters(code))
    assert.equal(response.statusCode, 200, response.body)
    const { access_token: token } = response.json()
    await kill()
    const headers = { authorization: `Bearer ${token}` }
    const userInfo = await running.app.inject({ url: '/api/openid_connect/userinfo', headers })
    assert.equal(userInfo.json().email, 'maria@example.com')
    assert.equal((await redeem(running.app, await tokenParameters(code))).statusCode, 400)
    assert.deepEqual(await certs(), keys)
    for (const { app, database } of [...killed, running]) {
      await app.close()
      await database.destroy()
    }
    remove()
  })
})

test('the mock does not start where PROFILE is live, and names a setting it cannot use', async () => {
  const files = configurationFiles()
  const start = (more: Record<string, string>) =>
    buildForTest(service, { environment: { ...files.environment, ...more } })
  await assert.rejects(start({ PROFILE: 'live' }), /PROFILE is test only/)
  await assert.rejects(start({ FORM_ACTION_ORIGINS: 'localhost' }), /FORM_ACTION_ORIGINS must be/)
  files.remove()
})

describe('the file of clients', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  const [client] = CLIENTS
  const refused: [string, unknown, RegExp][] = [
    ['is no JSON', 'nonsense', /CLIENTS_FILE is not usable: it must be a JSON array/],
    [
      'lacks a field',
      [{ ...client, friendly_name: undefined }],
      /CLIENTS_FILE is not usable: \[0\] .*friendly_name/,
    ],
    ['has a field that nobody knows', [{ ...client, secret: 'x' }], /\[0\] .*secret/],
    ['has an assurance level that is none', [{ ...client, ial: 3 }], /\[0\]\.ial/],
    ['registers a client twice', [client, client], /\[1\]\.client_id is registered twice/],
    [
      'has a redirect URI without a scheme',
      [{ ...client, redirect_uris: ['/callback'] }],
      /\[0\]\.redirect_uris\.0 is not an absolute URI/,
    ],
    [
      'has no key for a client that needs one',
      [{ ...client, public_keys: [] }],
      /\[0\]\.public_keys needs a key/,
    ],
    [
      'has a key that is none',
      [{ ...client, public_keys: ['x'] }],
      /\[0\]\.public_keys\.0 is neither a PEM nor a JWK/,
    ],
    [
      'has a small key',
      [{ ...client, public_keys: [small] }],
      /\[0\]\.public_keys\.0 has fewer than 2048 bits/,
    ],
    [
      'has a key of another kind',
      [{ ...client, public_keys: [elliptic] }],
      /\[0\]\.public_keys\.0 is not an RSA key/,
    ],
  ]
  for (const [what, clients, message] of refused) {
    test(`is refused when it ${what}`, async () => {
      const files = configurationFiles({ clients })
      await assert.rejects(
        readClientFile(files.environment.CLIENTS_FILE, ClientEntry, entryProblems),
        (error: Error) => {
          assert.ok(error instanceof ConfigurationError)
          assert.match(error.message, message)
          return true
        },
      )
      files.remove()
    })
  }

  test('is refused when it is not there', async () => {
    const files = configurationFiles()
    rmSync(files.environment.CLIENTS_FILE)
    await assert.rejects(
      readClientFile(files.environment.CLIENTS_FILE, ClientEntry, entryProblems),
      /CLIENTS_FILE cannot be read/,
    )
    files.remove()
  })
})

describe('redirect URIs (fact sheet 2.5)', () => {
  const rows: [string, string, boolean][] = [
    ['HTTPS://Example.com:443', 'https://example.com/', true],
    ['http://example.com:80/a', 'http://example.com/a', true],
    ['gov.gsa.app://result', 'GOV.GSA.APP://RESULT/', true],
    ['https://example.com/a', 'https://example.com/a/', false],
    ['https://example.com/a%2fb', 'https://example.com/a%2Fb', false],
    ['https://example.com/a?b', 'https://example.com/a?B', false],
    ['https://example.com:8443/', 'https://example.com/', false],
    ['https://example.com.evil.example/', 'https://example.com/', false],
    ['https://example.com\\@evil.example/', 'https://example.com/', false],
    ['https://example.com/\n', 'https://example.com/', false],
  ]
  for (const [given, registered, expected] of rows) {
    test(`${JSON.stringify(given)} ${expected ? 'is' : 'is not'} ${registered}`, () => {
      assert.equal(isRegistered(given, [registered]), expected)
    })
  }

  test('a client without URIs matches nothing', () => {
    assert.equal(isRegistered('https://example.com/', []), false)
  })
})
