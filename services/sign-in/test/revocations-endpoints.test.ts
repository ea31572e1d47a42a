// What relying services end and ask themselves: RFC 7009 and RFC 7662.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { RelyingService } from './relying-service.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { relying } = suite
const console = createConsole(suite)
const stranger = await suite.relyingService({ redirect_uris: ['https://another.example/callback'] })
const publicClient = await suite.relyingService({
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://app.example/callback'],
})
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const gatewayKey = { ...(await exportJWK(publicKey)), kid: 'gateway', alg: 'ES256', use: 'sig' }
suite.served.set('http://localhost:4008/.well-known/jwks.json', { keys: [gatewayKey] })
after(() => suite.app.close())
afterEach(() => void suite.stub.heal())

type Path = '/revocation' | '/introspection'

function post(
  path: Path,
  form: Record<string, string>,
  client?: { client_id: string; client_secret?: string },
) {
  const secret = Buffer.from(`${client?.client_id}:${client?.client_secret}`).toString('base64')
  return suite.app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(client?.client_secret ? { authorization: `Basic ${secret}` } : {}),
    },
    payload: new URLSearchParams({
      ...(client && !client.client_secret ? { client_id: client.client_id } : {}),
      ...form,
    }).toString(),
  })
}

/** As a service does: with an assertion under its own key. */
async function asGateway(form: Record<string, string>) {
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'gateway' })
    .setIssuer('gateway')
    .setSubject('gateway')
    .setAudience('http://localhost:4000')
    .setIssuedAt()
    .setExpirationTime('1m')
    .setJti(crypto.randomUUID())
    .sign(privateKey)
  return post('/introspection', {
    ...form,
    client_id: 'gateway',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
}

const revoke = (token: string, client?: RelyingService, hint?: string) =>
  post('/revocation', { token, ...(hint ? { token_type_hint: hint } : {}) }, client)
const introspect = async (token: string, client: RelyingService = relying) =>
  (await post('/introspection', { token }, client)).json()

test('both endpoints are told of in discovery (RFC 8414 §2)', async () => {
  const { revocation_endpoint, introspection_endpoint } = (
    await suite.app.inject('/.well-known/openid-configuration')
  ).json()
  assert.equal(revocation_endpoint, 'http://localhost:4000/revocation')
  assert.equal(introspection_endpoint, 'http://localhost:4000/introspection')
})

for (const hint of [undefined, 'access_token', 'refresh_token']) {
  test(`an access token that its client revokes is ended, and its grant goes on; hint: ${hint} (RFC 7009 §2.1)`, async () => {
    const { access_token, refresh_token } = await suite.signedIn()
    const response = await revoke(access_token, relying, hint)
    assert.deepEqual([response.statusCode, response.body], [200, ''])
    assert.equal(await console.isRefused(access_token), true)
    assert.deepEqual(await introspect(access_token), { active: false })
    const next = await relying.refresh(refresh_token)
    assert.equal(next.statusCode, 200)
    assert.equal(await console.isRefused(next.json().access_token), false)
  })

  test(`a refresh token that its client revokes ends its grant with all access tokens; hint: ${hint} (RFC 7009 §2.1)`, async () => {
    const first = await suite.signedIn()
    const elsewhere = await suite.signedIn({ browser: first.browser, client: stranger })
    const response = await revoke(first.refresh_token, relying, hint)
    assert.deepEqual([response.statusCode, response.body], [200, ''])
    assert.equal((await relying.refresh(first.refresh_token)).statusCode, 400)
    assert.equal(await console.isRefused(first.access_token), true)
    assert.deepEqual(await introspect(first.access_token), { active: false })
    assert.equal(await console.isRefused(elsewhere.access_token), false)
    // In the same session a new grant may follow.
    advanceClock(1_000)
    const again = await suite.signedIn({ browser: first.browser })
    assert.equal(await console.isRefused(again.access_token), false)
    assert.equal((await introspect(again.access_token)).active, true)
  })
}

test('a token that is none is as good as revoked (RFC 7009 §2.2)', async () => {
  const { access_token } = await suite.signedIn()
  const forged = await new SignJWT(decodeJwt(access_token))
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'gateway' })
    .sign(privateKey)
  const { id_token } = await suite.signedIn()
  const before = (await console.rules()).length
  for (const token of ['none', forged, id_token, `${access_token}x`]) {
    assert.equal((await revoke(token, relying)).statusCode, 200)
    assert.deepEqual(await introspect(token), { active: false })
  }
  assert.equal((await console.rules()).length, before)
  assert.equal(await console.isRefused(access_token), false)
})

test('a client cannot end the tokens of another, and a client that is not authenticated none (RFC 7009 §2.1, §5)', async () => {
  const { access_token, refresh_token } = await suite.signedIn()
  for (const token of [access_token, refresh_token]) {
    const refused = await revoke(token, stranger)
    assert.deepEqual([refused.statusCode, refused.json().error], [400, 'invalid_request'])
    const wrong = { client_id: relying.client_id, client_secret: 'wrong' }
    assert.equal((await post('/revocation', { token }, wrong)).statusCode, 401)
    assert.equal((await post('/revocation', { token })).statusCode, 400)
    // A public client shows nothing but its name, and learns nothing.
    assert.equal((await revoke(token, publicClient)).statusCode, 200)
  }
  assert.equal(await console.isRefused(access_token), false)
  assert.equal((await relying.refresh(refresh_token)).statusCode, 200)
  const without = await post('/revocation', {}, relying)
  assert.deepEqual([without.statusCode, without.json().error], [400, 'invalid_request'])
})

test('a public client ends its own token (RFC 7009 §2.1)', async () => {
  const { access_token } = await suite.signedIn({ client: publicClient })
  assert.equal((await revoke(access_token, publicClient)).statusCode, 200)
  assert.equal(await console.isRefused(access_token), true)
})

test('an introspection tells the client and the gateway what an access token says (RFC 7662 §2.2)', async () => {
  const { access_token, claims } = await suite.signedIn()
  const expected = { active: true, token_type: 'Bearer', ...claims }
  assert.deepEqual(await introspect(access_token), expected)
  const response = await asGateway({ token: access_token })
  assert.deepEqual(response.json(), expected)
  assert.match(String(response.headers['cache-control']), /no-store/)
})

test('an introspection tells nobody else anything, and a public client nothing at all (RFC 7662 §2.1, §4)', async () => {
  const { access_token, refresh_token } = await suite.signedIn()
  const own = await suite.signedIn({ client: publicClient })
  for (const token of [access_token, refresh_token, own.access_token]) {
    for (const client of [stranger, publicClient]) {
      assert.deepEqual(await introspect(token, client), { active: false })
    }
  }
  assert.equal((await post('/introspection', { token: access_token })).statusCode, 400)
  const wrong = { client_id: relying.client_id, client_secret: 'wrong' }
  assert.equal((await post('/introspection', { token: access_token }, wrong)).statusCode, 401)
})

test('a refresh token and a token for userinfo are introspected by their client, and by nobody once they are ended', async () => {
  const plain = { scope: 'openid profile', resource: '' }
  const { redirect } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(plain))
  const redeemed = await relying.redeem(String(redirect?.searchParams.get('code')))
  const { access_token, refresh_token } = redeemed.json()
  const userinfo = () =>
    suite.app.inject({ url: '/userinfo', headers: { authorization: `Bearer ${access_token}` } })
  for (const token of [access_token, refresh_token]) {
    assert.equal((await introspect(token)).active, true)
    assert.deepEqual(await introspect(token, stranger), { active: false })
  }
  assert.equal((await userinfo()).statusCode, 200)
  await console.revoke('credential', 'login.gov:person-1')
  for (const token of [access_token, refresh_token]) {
    assert.deepEqual(await introspect(token), { active: false })
  }
  assert.equal((await userinfo()).statusCode, 401)
})

const ENDINGS: [string, (claims: Record<string, unknown>) => Promise<unknown>][] = [
  ['its session', (claims) => console.revoke('session', String(claims.sid))],
  ['its credential', () => console.revoke('credential', 'login.gov:person-1')],
  ['its User ID', () => console.revoke('bso_user_id', 'MARIA7K2')],
  ['its company', () => console.revoke('ein', '960001012')],
  ['its client', (claims) => console.revoke('client', String(claims.client_id))],
  ['its provider', () => console.revoke('provider', 'login.gov')],
  ['everything', () => console.revoke('everything', '*')],
  ['time', async () => advanceClock(300_000)],
]
for (const [what, end] of ENDINGS) {
  test(`an access token that ${what} has ended is not active (RFC 7662 §2.2)`, async () => {
    advanceClock(1_000)
    const { access_token, claims } = await suite.signedIn()
    assert.equal((await introspect(access_token)).active, true)
    await end(claims)
    assert.deepEqual(await introspect(access_token), { active: false })
  })
}

test('a token of a service is active until its client is revoked', async () => {
  advanceClock(1_000)
  const grant = {
    grant_type: 'client_credentials',
    resource: 'urn:gatehouse:service:sign-in',
    scope: 'revocations.read',
  }
  const token = async () => {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'gateway' })
      .setIssuer('gateway')
      .setSubject('gateway')
      .setAudience('http://localhost:4000')
      .setIssuedAt()
      .setExpirationTime('1m')
      .setJti(crypto.randomUUID())
      .sign(privateKey)
    const form = {
      ...grant,
      client_id: 'gateway',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }
    return suite.app.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(form).toString(),
    })
  }
  const first = (await token()).json().access_token
  assert.equal((await asGateway({ token: first })).json().active, true)
  await console.revoke('client', 'gateway')
  assert.deepEqual((await asGateway({ token: first })).json(), { active: false })
  assert.equal(await console.isRefused(first), true)
  advanceClock(1_000)
  assert.equal((await asGateway({ token: (await token()).json().access_token })).json().active, true)
  // For longer it gets none at all.
  await console.revoke('client', 'gateway', { lasting: true })
  const refused = await token()
  assert.deepEqual([refused.statusCode, refused.json().error], [401, 'invalid_client'])
})
