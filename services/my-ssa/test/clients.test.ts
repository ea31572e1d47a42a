// The register of relying services: the file, the operator's API, and what oidc-provider makes of it.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, test } from 'node:test'
import { BASIC, OPERATOR_TOKEN, POSTS, SIGN_IN, startMySsa } from './support/my-ssa.ts'
import { authorizeUrl, codeOf, postToken, tokensBySecret, VERIFIER } from './support/wire.ts'

const mySsa = await startMySsa()
after(() => mySsa.app.close())

const operator = { authorization: `Bearer ${OPERATOR_TOKEN}` }
const at = (clientId: string) => `/api/clients/${encodeURIComponent(clientId)}`
const api = (method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object, headers: object = operator) =>
  mySsa.app.inject({ method, url, headers: { ...headers }, ...(body ? { payload: body } : {}) })

const NEW = {
  client_id: 'new',
  client_name: 'New',
  client_secret: 'a secret of the new one'.replaceAll(' ', '-'),
  redirect_uris: ['http://localhost:4200/callback'],
  token_endpoint_auth_method: 'client_secret_post',
}

const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const withoutSecret = ({ client_secret: _secret, ...entry }: typeof NEW) => entry

const UNUSABLE: [what: string, entry: object, field: string][] = [
  ['no redirect URI', { ...NEW, redirect_uris: [] }, 'redirect_uris'],
  ['a redirect URI with a fragment', { ...NEW, redirect_uris: ['http://a.example/#b'] }, 'redirect_uris'],
  ['a redirect URI that is none', { ...NEW, redirect_uris: ['callback'] }, 'redirect_uris'],
  [
    'a redirect URI that a browser would run',
    { ...NEW, redirect_uris: ['javascript:alert(1)'] },
    'redirect_uris',
  ],
  ['an app scheme without being native', { ...NEW, redirect_uris: ['gov.example.app://x'] }, 'redirect_uris'],
  ['a scope that nobody has', { ...NEW, scope: 'openid everything' }, 'scope'],
  [
    'a key method without keys',
    { ...withoutSecret(NEW), token_endpoint_auth_method: 'private_key_jwt' },
    'jwks',
  ],
  [
    'a private key',
    { ...withoutSecret(NEW), token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [privateKey] } },
    'jwks',
  ],
  [
    'a secret beside a key method',
    { ...NEW, token_endpoint_auth_method: 'private_key_jwt', jwks: SIGN_IN.jwks },
    'client_secret',
  ],
  ['no secret', withoutSecret(NEW), 'client_secret'],
  ['a short secret', { ...NEW, client_secret: 'short' }, 'client_secret'],
  ['no authentication', { ...NEW, token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
  ['another algorithm', { ...NEW, id_token_signed_response_alg: 'none' }, 'id_token_signed_response_alg'],
  ['an unknown field', { ...NEW, colour: 'blue' }, 'colour'],
]
for (const [what, entry, field] of UNUSABLE) {
  test(`a registration with ${what} is refused by the file and by the API, naming ${field}`, async () => {
    const answer = await api('PUT', at('new'), entry)
    assert.equal(answer.statusCode, 400)
    const { errors, code } = answer.json()
    assert.equal(code, 'invalid_request')
    assert.ok(JSON.stringify(errors).includes(field), JSON.stringify(errors))
    await assert.rejects(startMySsa({ clients: [entry] }), (error: Error) => {
      assert.match(error.message, /^CLIENTS_FILE is not usable: \[0\]/)
      assert.ok(error.message.includes(field), error.message)
      assert.ok(!error.message.includes(NEW.client_secret))
      return true
    })
    assert.equal((await api('GET', at('new'))).statusCode, 404)
  })
}

test('the file is a list, and no client is in it twice', async () => {
  await assert.rejects(startMySsa({ clients: {} }), /must be a JSON array/)
  await assert.rejects(startMySsa({ clients: [POSTS, POSTS] }), /client_id is registered twice/)
})

test('a client that the operator registers can be used at once, and not any more when it is removed', async () => {
  const browser = await mySsa.signedIn('maria')
  assert.equal((await browser.open(authorizeUrl({}, NEW))).statusCode, 400)
  const added = await api('PUT', at('new'), NEW)
  assert.equal(added.statusCode, 201)
  assert.ok(!added.body.includes(NEW.client_secret))
  const tokens = await tokensBySecret(mySsa, NEW, await codeOf(browser, authorizeUrl({}, NEW)))

  const changed = { ...withoutSecret(NEW), redirect_uris: ['http://localhost:4200/other'] }
  assert.equal((await api('PUT', at('new'), changed)).statusCode, 200)
  assert.equal((await browser.open(authorizeUrl({}, NEW))).statusCode, 400)
  const moved = { ...NEW, redirect_uris: changed.redirect_uris }
  assert.ok(
    await tokensBySecret(mySsa, moved, await codeOf(browser, authorizeUrl({}, moved))),
    'secret stays',
  )

  assert.equal((await api('DELETE', at('new'))).statusCode, 204)
  assert.equal((await browser.open(authorizeUrl({}, moved))).statusCode, 400)
  const userinfo = { url: '/userinfo', headers: { authorization: `Bearer ${tokens.access_token}` } }
  assert.equal((await mySsa.app.inject(userinfo)).statusCode, 401)
  assert.equal((await api('DELETE', at('new'))).statusCode, 404)
})

test('a code of a client that is removed meanwhile gets no token', async () => {
  await api('PUT', at('new'), NEW)
  const code = await codeOf(await mySsa.signedIn('maria'), authorizeUrl({}, NEW))
  await api('DELETE', at('new'))
  const answer = await postToken(mySsa, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: NEW.redirect_uris[0],
    code_verifier: VERIFIER,
    client_id: NEW.client_id,
    client_secret: NEW.client_secret,
  })
  assert.equal(answer.json().error, 'invalid_client')
})

test('a client whose sign-in waits may be removed: the person is told, and nothing is redirected', async () => {
  await api('PUT', at('new'), NEW)
  const browser = mySsa.browser()
  await browser.get(authorizeUrl({}, NEW))
  const interaction = String(browser.last.headers.location)
  await api('DELETE', at('new'))
  const page = await browser.open(interaction)
  assert.equal(page.statusCode, 200)
  assert.ok(!page.body.includes('localhost:4200'))
})

test('secrets are shown to nobody and kept as digests', async () => {
  const { clients } = (await api('GET', '/api/clients')).json()
  assert.deepEqual(clients.map(({ client_id: id }: { client_id: string }) => id).sort(), [
    'basic',
    'posts',
    'urn:gatehouse:sign-in',
  ])
  const rows = await mySsa.ground.database.selectFrom('clients').selectAll().execute()
  const all = JSON.stringify([clients, rows, mySsa.logLines])
  for (const { client_secret: secret } of [POSTS, BASIC]) assert.ok(!all.includes(secret))
})

test('the register is for the operator alone', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer guess' },
    { authorization: `Basic ${OPERATOR_TOKEN}` },
  ]) {
    assert.equal((await api('GET', '/api/clients', undefined, headers)).statusCode, 401)
    assert.equal((await api('PUT', at('new'), NEW, headers)).statusCode, 401)
    assert.equal((await api('DELETE', at('posts'), undefined, headers)).statusCode, 401)
  }
  assert.equal((await api('GET', at('posts'))).statusCode, 200)
})

test('a registration says the id of its address', async () => {
  const answer = await api('PUT', at('other'), NEW)
  assert.equal(answer.statusCode, 400)
  assert.match(answer.body, /is not the one of the address/)
})
