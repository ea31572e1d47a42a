import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import { buildSignIn } from './signing-in.ts'
import { newestSignIn, reachOf, revoke, startListener, until } from './support/receiver.ts'

const [suite, listener] = await Promise.all([buildSignIn(), startListener()])
after(async () => {
  await suite.app.close()
  await listener.close()
})
afterEach(() => {
  listener.got.length = 0
  listener.answer = () => ({ status: 200 })
  suite.stub.heal()
})
listener.answer = () => ({ status: 200 })

let services = 0
/** A relying service that wants to be told when sessions end. */
async function toldService(metadata: Record<string, unknown> = {}) {
  services += 1
  return suite.relyingService({
    redirect_uris: [`https://relying-${services}.example/callback`],
    backchannel_logout_uri: `${listener.url}/logout-${services}`,
    backchannel_logout_session_required: true,
    ...metadata,
  })
}

async function logoutTokens(clientId: string, count = 1) {
  await until(() => listener.got.length >= count)
  const jwks = createLocalJWKSet((await suite.app.inject('/jwks')).json<JSONWebKeySet>())
  const own = listener.got.filter(({ body }) => {
    const { aud } = decodeJwt(new URLSearchParams(body).get('logout_token') ?? '')
    return aud === clientId
  })
  return Promise.all(
    own.map(async ({ headers, body }) => {
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
      const { payload } = await jwtVerify(new URLSearchParams(body).get('logout_token') ?? '', jwks, {
        typ: 'logout+jwt',
        issuer: 'http://localhost:4000',
        audience: clientId,
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
      })
      return payload
    }),
  )
}

const own = async (revocationId: string, clientId: string) =>
  (await reachOf(suite, revocationId)).find(
    ({ service, channel }) => service === clientId && channel === 'back-channel-logout',
  )

test('discovery says that relying services are told, with the session (OIDC Back-Channel Logout §2.1)', async () => {
  const { backchannel_logout_supported, backchannel_logout_session_supported } = (
    await suite.app.inject('/.well-known/openid-configuration')
  ).json()
  assert.deepEqual([backchannel_logout_supported, backchannel_logout_session_supported], [true, true])
})

test('whom a revoked session signed in to gets a logout token with the sub and sid of its ID tokens (§2.4)', async () => {
  const client = await toldService()
  const { person } = await suite.signedIn({ client })
  assert.ok(person.sid, 'the ID token names the session')
  const { sessionUid } = await newestSignIn(suite)
  assert.notEqual(person.sid, sessionUid)
  const { revocationId } = await revoke(suite, 'session', sessionUid)
  const [token] = await logoutTokens(client.client_id)
  assert.deepEqual([token?.sub, token?.sid], [person.sub, person.sid])
  assert.deepEqual(token?.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
  assert.equal(token?.nonce, undefined)
  await until(async () => (await own(revocationId, client.client_id))?.state === 'reached')
  assert.ok(Number((await own(revocationId, client.client_id))?.milliseconds) >= 0)
})

test('each relying service of the session is told by its own names, and others are not', async () => {
  const [one, other] = [await toldService(), await toldService()]
  await toldService()
  const first = await suite.signedIn({ client: one })
  const second = await suite.signedIn({ client: other, browser: first.browser })
  const { accountId } = await newestSignIn(suite)
  await revoke(suite, 'account', accountId)
  await until(() => listener.got.length >= 2)
  const [atOne] = await logoutTokens(one.client_id, 2)
  const [atOther] = await logoutTokens(other.client_id, 2)
  assert.deepEqual([atOne?.sub, atOne?.sid], [first.person.sub, first.person.sid])
  assert.deepEqual([atOther?.sub, atOther?.sid], [second.person.sub, second.person.sid])
  assert.notEqual(atOne?.sid, atOther?.sid)
})

test('a client that does not ask for the session is told of the person', async () => {
  const client = await toldService({ backchannel_logout_session_required: false })
  const { person } = await suite.signedIn({ client })
  assert.equal(person.sid, undefined)
  await revoke(suite, 'session', (await newestSignIn(suite)).sessionUid)
  const [token] = await logoutTokens(client.client_id)
  assert.deepEqual([token?.sub, token?.sid], [person.sub, undefined])
})

for (const [kind, value] of [
  ['ein', '960001012'],
  ['bso_user_id', 'MARIA7K2'],
] as const) {
  test(`of a revoked ${kind} those are told where the person acted for it`, async () => {
    const [client, plain] = [await toldService(), await toldService({ scope: 'openid' })]
    const { person, browser } = await suite.signedIn({ client })
    await suite.walk(browser, plain.authorizeUrl({ scope: 'openid', resource: '' }))
    await revoke(suite, kind, value)
    const [token] = await logoutTokens(client.client_id)
    assert.equal(token?.sid, person.sid)
    assert.deepEqual(await logoutTokens(plain.client_id), [])
    advanceClock(1_000)
  })
}

test('who does not take it is told again: administrators see that it failed, and then that it was taken', async () => {
  listener.answer = () => ({ status: 503 })
  const client = await toldService()
  await suite.signedIn({ client })
  const { revocationId } = await revoke(suite, 'session', (await newestSignIn(suite)).sessionUid)
  await until(async () => (await own(revocationId, client.client_id))?.state === 'pending')
  await listener.count(1)
  await until(async () => {
    advanceClock(1_000)
    return (await own(revocationId, client.client_id))?.state === 'failed'
  })
  assert.equal(listener.got.length, 2)
  listener.answer = () => ({ status: 200 })
  await until(async () => {
    advanceClock(1_000)
    return (await own(revocationId, client.client_id))?.state === 'reached'
  })
})

test('a relying service whose own access is ended is told too', async () => {
  const client = await toldService()
  const { person } = await suite.signedIn({ client })
  await revoke(suite, 'client', client.client_id, { lasting: true })
  const [token] = await logoutTokens(client.client_id)
  assert.equal(token?.sid, person.sid)
})

test('who hangs is left, and keeps the answer to the administrator waiting for no longer than a second', {
  timeout: 20_000,
}, async () => {
  listener.answer = () => 'never'
  const client = await toldService()
  await suite.signedIn({ client })
  const { sessionUid } = await newestSignIn(suite)
  const begun = performance.now()
  const { revocationId } = await revoke(suite, 'session', sessionUid)
  assert.ok(performance.now() - begun < 2_400)
  await until(async () => {
    advanceClock(1_000)
    return (await own(revocationId, client.client_id))?.state === 'failed'
  })
})

test('a person who logs out ends their sessions everywhere, without a revocation', async () => {
  const client = await toldService()
  const { person, browser } = await suite.signedIn({ client })
  const page = await browser.get('/logout')
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.body) ?? []
  const out = await browser.post('/logout/confirm', { xsrf, logout: 'yes' })
  assert.equal(out.statusCode, 303)
  const tokens = await logoutTokens(client.client_id)
  assert.deepEqual(
    tokens.map(({ sub, sid }) => [sub, sid]),
    [[person.sub, person.sid]],
  )
})

test('no log line has a logout token or a sid', async () => {
  const client = await toldService()
  listener.answer = () => ({ status: 500 })
  const { person } = await suite.signedIn({ client })
  await revoke(suite, 'session', (await newestSignIn(suite)).sessionUid)
  await listener.count(1)
  const log = suite.logLines.join('')
  assert.ok(!log.includes(String(person.sid)))
  assert.ok(!/eyJ[\w-]{20,}/.test(log))
})
