import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeJwt } from 'jose'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { relying } = suite
after(() => suite.app.close())

const HOUR = 3_600_000

async function freshCode(parameters: Record<string, string> = {}) {
  const { redirect } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(parameters))
  return String(redirect?.searchParams.get('code'))
}

function assertRefused(response: { statusCode: number; json(): { error: string } }, error = 'invalid_grant') {
  assert.equal(response.statusCode, 400)
  assert.equal(response.json().error, error)
}

test('a code used twice ends the grant: the tokens that came of it are worth nothing (ASVS 10.4.2, RFC 9700 §4.5)', async () => {
  const { code, refresh_token } = await suite.signedIn()
  assertRefused(await relying.redeem(code))
  assertRefused(await relying.refresh(refresh_token))
})

test('of two redemptions of one code at once at most one gets tokens, and those end (ASVS 15.4.2)', async () => {
  const code = await freshCode()
  const results = await Promise.all([1, 2, 3, 4].map(() => relying.redeem(code)))
  const won = results.filter(({ statusCode }) => statusCode === 200)
  assert.ok(won.length <= 1)
  for (const one of won) assertRefused(await relying.refresh(one.json().refresh_token))
})

test('a code dies after sixty seconds (ASVS 10.4.3)', async () => {
  const [early, late] = [await freshCode(), await freshCode()]
  advanceClock(55_000)
  assert.equal((await relying.redeem(early)).statusCode, 200)
  advanceClock(6_000)
  assertRefused(await relying.redeem(late))
})

test('a code is worth nothing with another verifier, and none without (RFC 7636 §4.6)', async () => {
  assertRefused(await relying.redeem(await freshCode(), { code_verifier: 'v'.repeat(43) }))
  assertRefused(await relying.redeem(await freshCode(), { code_verifier: '' }))
})

test('a code is worth nothing at another client, or for another redirect URI (RFC 6749 §4.1.3)', async () => {
  const other = await suite.relyingService()
  assertRefused(await other.redeem(await freshCode()))
  assertRefused(await relying.redeem(await freshCode(), { redirect_uri: 'https://relying.example/other' }))
})

test('a client that does not show who it is gets nothing for a code (ASVS 10.4.10)', async () => {
  const response = await suite.app.inject({
    method: 'POST',
    url: '/token',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${relying.client_id}:wrong`).toString('base64')}`,
    },
    payload: new URLSearchParams({
      grant_type: 'authorization_code',
      code: await freshCode(),
      redirect_uri: relying.redirectUri,
      code_verifier: relying.codeVerifier,
    }).toString(),
  })
  assert.equal(response.statusCode, 401)
  assert.equal(response.json().error, 'invalid_client')
})

test('a refresh rotates: a new refresh token, and access tokens that tell the same of the person (ASVS 10.4.5)', async () => {
  const { refresh_token, claims } = await suite.signedIn()
  const response = await relying.refresh(refresh_token)
  assert.equal(response.statusCode, 200, response.body)
  const next = response.json()
  assert.notEqual(next.refresh_token, refresh_token)
  const { iat, exp, jti, ...same } = decodeJwt(next.access_token)
  const { iat: _iat, exp: _exp, jti: before, ...was } = claims
  assert.deepEqual(same, was)
  assert.notEqual(jti, before)
  assert.equal(Number(exp) - Number(iat), 300)
})

test('a refresh token used twice ends the grant, and with it its successor (ASVS 10.4.5, RFC 9700 §4.14.2)', async () => {
  const { refresh_token } = await suite.signedIn()
  const next = (await relying.refresh(refresh_token)).json()
  assertRefused(await relying.refresh(refresh_token))
  assertRefused(await relying.refresh(next.refresh_token))
})

test('of two uses of one refresh token at once at most one gets tokens, and the grant ends (ASVS 15.4.2)', async () => {
  const { refresh_token } = await suite.signedIn()
  const results = await Promise.all([1, 2, 3, 4].map(() => relying.refresh(refresh_token)))
  const won = results.filter(({ statusCode }) => statusCode === 200)
  assert.ok(won.length <= 1)
  for (const one of won) assertRefused(await relying.refresh(one.json().refresh_token))
})

test('a refresh token is worth nothing at another client (RFC 6749 §6)', async () => {
  const { refresh_token } = await suite.signedIn()
  assertRefused(await (await suite.relyingService()).refresh(refresh_token))
})

test('using a session does not lengthen it: twelve hours after the authentication it ends, and refreshing with it (ASVS 7.3.2, ASVS 10.4.8, NIST SP 800-63B-4 §2.2.3)', async () => {
  let { refresh_token, browser } = await suite.signedIn()
  const silently = async () =>
    (await suite.walk(browser, relying.authorizeUrl({ prompt: 'none' }))).redirect?.searchParams
  for (let hours = 0; hours < 11; hours += 1) {
    advanceClock(HOUR)
    assert.ok((await silently())?.get('code'), `after ${hours + 1} h`)
    const response = await relying.refresh(refresh_token)
    assert.equal(response.statusCode, 200, response.body)
    refresh_token = response.json().refresh_token
  }
  advanceClock(HOUR + 1_000)
  assert.equal((await silently())?.get('error'), 'login_required')
  assertRefused(await relying.refresh(refresh_token))
})

test('without PKCE no sign-in begins (ASVS 10.4.6, RFC 9700 §2.1.1)', async () => {
  const without: Record<string, string>[] = [
    { code_challenge: '', code_challenge_method: '' },
    { code_challenge_method: 'plain' },
  ]
  for (const parameters of without) {
    const { steps, redirect } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(parameters))
    assert.deepEqual(steps, [])
    assert.equal(redirect?.origin, 'https://relying.example')
    assert.equal(redirect.searchParams.get('error'), 'invalid_request')
    assert.equal(redirect.searchParams.get('state'), 'state-of-the-relying-service')
    assert.equal(redirect.searchParams.get('iss'), 'http://localhost:4000')
  }
})

for (const redirectUri of [
  'https://relying.example/callback/',
  'https://relying.example/callback?x=1',
  'https://relying.example.evil.example/callback',
  'http://relying.example/callback',
]) {
  test(`nobody is sent to ${redirectUri}, which is not registered (ASVS 10.4.1)`, async () => {
    const { redirect, answer } = await suite.walk(
      suite.newBrowser(),
      relying.authorizeUrl({ redirect_uri: redirectUri }),
    )
    assert.equal(redirect, undefined)
    assert.equal(answer.statusCode, 400)
    assert.match(answer.body, /<h1>This sign-in request cannot be served<\/h1>/)
    assert.match(String(answer.headers['content-security-policy']), /default-src 'self'/)
  })
}

test('an unknown client gets the error page (RFC 6749 §4.1.2.1)', async () => {
  const { redirect, answer } = await suite.walk(
    suite.newBrowser(),
    relying.authorizeUrl({ client_id: 'nobody' }),
  )
  assert.equal(redirect, undefined)
  assert.equal(answer.statusCode, 400)
  // By which the request is found in the log; what was sent is not on the page.
  assert.ok(answer.body.includes(`Reference: <code>${answer.headers['x-request-id']}</code>`))
  assert.ok(!answer.body.includes('nobody'))
})

test('prompt=none without a session is login_required, with state and iss (OpenID Connect Core §3.1.2.6, RFC 9207)', async () => {
  const { redirect } = await suite.walk(suite.newBrowser(), relying.authorizeUrl({ prompt: 'none' }))
  assert.equal(redirect?.searchParams.get('error'), 'login_required')
  assert.equal(redirect.searchParams.get('state'), 'state-of-the-relying-service')
  assert.equal(redirect.searchParams.get('iss'), 'http://localhost:4000')
})

for (const responseType of ['token', 'id_token', 'code id_token']) {
  test(`response_type ${responseType} is not offered (ASVS 10.4.4, RFC 9700 §2.1.2)`, async () => {
    const { steps, redirect } = await suite.walk(
      suite.newBrowser(),
      relying.authorizeUrl({ response_type: responseType }),
    )
    assert.deepEqual(steps, [])
    const answer = new URLSearchParams(redirect?.search || redirect?.hash.slice(1))
    assert.match(String(answer.get('error')), /unsupported_response_type|unauthorized_client/)
  })
}

test('userinfo opens to a token for it, and not to one for CBSV (ASVS 10.3.1)', async () => {
  const userinfo = (token: string) =>
    suite.app.inject({ url: '/userinfo', headers: { authorization: `Bearer ${token}` } })
  const code = await freshCode({ resource: '' })
  const { access_token } = (await relying.redeem(code)).json()
  const answer = await userinfo(access_token)
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.json().name, 'Maria Example')
  assert.equal(answer.json().bso_user_id, 'MARIA7K2')
  const forCbsv = await suite.signedIn()
  assert.equal(answer.json().sub, forCbsv.claims.sub)
  assert.equal((await userinfo(forCbsv.access_token)).statusCode, 401)
})
