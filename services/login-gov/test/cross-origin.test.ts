// Which pages of other origins may read the endpoints for programs (fact sheet 1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CLIENTS, configurationFiles, OPERATOR_TOKEN, ROOT, startLoginGov } from './support/login-gov.ts'
import type { LoginGov } from './support/signed-in.ts'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())

const ALLOWED = 'http://localhost:4200'
const READ = [
  '/.well-known/openid-configuration',
  '/api/openid_connect/certs',
  '/api/openid_connect/userinfo',
]
const TOKEN = '/api/openid_connect/token'

const ask = (
  url: string,
  origin: string | undefined,
  method: 'GET' | 'POST' | 'OPTIONS' = 'GET',
  more: Record<string, string> = {},
) => idp.app.inject({ method, url, headers: { ...(origin === undefined ? {} : { origin }), ...more } })
type Answer = Awaited<ReturnType<typeof ask>>
const allowed = ({ headers }: Answer) => ({
  origin: headers['access-control-allow-origin'],
  methods: headers['access-control-allow-methods'],
  credentials: headers['access-control-allow-credentials'],
})
const NOTHING = { origin: undefined, methods: undefined, credentials: undefined }

describe('cross-origin requests (fact sheet 1)', () => {
  for (const url of READ) {
    test(`${url} is told to the origin of a redirect URI, for GET, without credentials`, async () => {
      assert.deepEqual(allowed(await ask(url, ALLOWED)), {
        origin: ALLOWED,
        methods: 'GET',
        credentials: undefined,
      })
    })
  }

  test('token is told for POST and OPTIONS, with credentials, whatever the answer', async () => {
    const expected = { origin: ALLOWED, methods: 'POST, OPTIONS', credentials: 'true' }
    const refused = await ask(TOKEN, ALLOWED, 'POST')
    assert.equal(refused.statusCode, 400)
    assert.deepEqual(allowed(refused), expected)
    const plain = await ask(TOKEN, ALLOWED, 'OPTIONS')
    assert.deepEqual([plain.statusCode, plain.body], [200, ''])
    assert.deepEqual(allowed(plain), expected)
  })

  test('a preflight is answered for the methods that there are', async () => {
    const preflight = (method: string, headers = 'authorization') => ({
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    })
    const userInfo = await ask('/api/openid_connect/userinfo', ALLOWED, 'OPTIONS', preflight('GET'))
    assert.equal(userInfo.statusCode, 200)
    assert.equal(userInfo.headers['access-control-allow-headers'], 'authorization')
    const token = await ask(TOKEN, ALLOWED, 'OPTIONS', preflight('POST', 'content-type'))
    assert.equal(token.statusCode, 200)
    assert.equal(token.headers['access-control-allow-headers'], 'content-type')
    const wrong = await ask('/api/openid_connect/userinfo', ALLOWED, 'OPTIONS', preflight('DELETE'))
    assert.equal(wrong.statusCode, 404)
    const foreign = await ask(
      '/api/openid_connect/userinfo',
      'http://evil.example',
      'OPTIONS',
      preflight('GET'),
    )
    assert.equal(foreign.statusCode, 404)
  })

  for (const [who, origin] of [
    ['nobody', undefined],
    ['another origin', 'http://evil.example'],
    ['another port', 'http://localhost:4201'],
    ['another scheme', 'https://localhost:4200'],
    ['an opaque origin', 'null'],
    ['an origin that begins like one', 'http://localhost:4200.evil.example'],
    ['an origin with a slash', `${ALLOWED}/`],
    ['the service itself', ROOT],
  ] as const) {
    test(`${who} gets the usual answer without the headers`, async () => {
      const response = await ask('/.well-known/openid-configuration', origin)
      assert.equal(response.statusCode, 200)
      assert.deepEqual(allowed(response), NOTHING)
    })
  }

  test("the service's own origin is not told even where a client is registered on it", async () => {
    const own = { ...CLIENTS[0], client_id: 'urn:own', redirect_uris: [`${ROOT}/callback`] }
    const files = configurationFiles({ clients: [own] })
    const other = await startLoginGov(files.environment)
    files.remove()
    const response = await other.app.inject({
      url: '/api/openid_connect/certs',
      headers: { origin: ROOT },
    })
    assert.deepEqual(allowed(response), NOTHING)
    await other.app.close()
  })

  for (const url of [
    '/',
    '/openid_connect/authorize',
    '/openid_connect/logout',
    '/api/clients',
    '/es/api/openid_connect/certs',
    '/health/live',
  ]) {
    test(`${url} is told to no other origin`, async () => {
      assert.deepEqual(allowed(await ask(url, ALLOWED)), NOTHING)
    })
  }

  test('an origin that is registered meanwhile is known two minutes later at most', async () => {
    const origin = 'https://late.example'
    await ask(READ[0] ?? '', origin)
    await idp.app.inject({
      method: 'PUT',
      url: '/api/clients/urn:late',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
      payload: {
        client_id: 'urn:late',
        friendly_name: 'Late',
        agency_id: 1,
        ial: 1,
        redirect_uris: [`${origin}/callback`],
      },
    })
    assert.equal(allowed(await ask(READ[0] ?? '', origin)).origin, undefined)
    advanceClock(120_000)
    assert.equal(allowed(await ask(READ[0] ?? '', origin)).origin, origin)
  })
})
