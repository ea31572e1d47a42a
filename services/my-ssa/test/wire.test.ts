// OpenID Connect as a relying service meets it.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { BASIC, POSTS, SIGN_IN, startMySsa } from './support/my-ssa.ts'
import {
  assertion,
  authorizeUrl,
  CHALLENGE,
  type Changes,
  codeOf,
  idTokenOf,
  NONCE,
  postToken,
  returnOf,
  STATE,
  tokenParameters,
  tokensBySecret,
  tokensFor,
  userInfo,
  VERIFIER,
  verified,
} from './support/wire.ts'

const mySsa = await startMySsa()
after(() => mySsa.app.close())

const { withExtraSecurity, withPassword } = MY_SSA_ACR

test('discovery names what is there (OpenID Connect Discovery 1.0 §3)', async () => {
  const answer = await mySsa.app.inject('/.well-known/openid-configuration')
  const { issuer, ...metadata } = answer.json()
  assert.equal(issuer, 'http://localhost:4003')
  assert.deepEqual(metadata.acr_values_supported, [withPassword, withExtraSecurity])
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256', 'ES256'])
  assert.deepEqual(metadata.grant_types_supported, ['authorization_code'])
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256'])
  assert.deepEqual(metadata.subject_types_supported, ['pairwise'])
  const { keys } = (await mySsa.app.inject('/jwks')).json()
  assert.deepEqual(
    keys.map((key: Record<string, unknown>) => [key.alg, 'd' in key]),
    [
      ['RS256', false],
      ['ES256', false],
    ],
  )
})

const SHOWN: [what: string, changes: Changes][] = [
  ['no client', { client_id: undefined }],
  ['a client that is not registered', { client_id: 'nobody' }],
  ['no redirect_uri', { redirect_uri: undefined }],
  ['a redirect_uri of another client', { redirect_uri: POSTS.redirect_uris[0] }],
  ['more than the registered redirect_uri', { redirect_uri: `${SIGN_IN.redirect_uris[0]}?more` }],
  ['a part of the registered redirect_uri', { redirect_uri: 'http://localhost:4000/federation' }],
]
for (const [what, changes] of SHOWN) {
  test(`an authorization request with ${what} is answered here and redirected nowhere (RFC 6749 §4.1.2.1)`, async () => {
    const browser = await mySsa.signedIn('maria')
    const answer = await browser.open(authorizeUrl(changes))
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.headers.location, undefined)
    assert.match(answer.body, /This sign-in request cannot be served/)
    assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/)
  })
}

const TOLD: [what: string, changes: Changes, error: string][] = [
  ['an implicit response type', { response_type: 'id_token' }, 'unsupported_response_type'],
  ['no response type', { response_type: undefined }, 'invalid_request'],
  [
    'no code challenge (RFC 7636)',
    { code_challenge: undefined, code_challenge_method: undefined },
    'invalid_request',
  ],
  ['a plain code challenge (RFC 9700 §2.1.1)', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a code challenge without its method', { code_challenge_method: undefined }, 'invalid_request'],
  ['a code challenge that is too short', { code_challenge: CHALLENGE.slice(1) }, 'invalid_request'],
  ['an unknown prompt', { prompt: 'guess' }, 'invalid_request'],
  ['prompt none beside another', { prompt: 'none login' }, 'invalid_request'],
  ['a max_age that is no number', { max_age: 'young' }, 'invalid_request'],
  ['a negative max_age', { max_age: '-1' }, 'invalid_request'],
  ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
  ['an id_token_hint that nobody signed', { id_token_hint: 'e30.e30.' }, 'invalid_request'],
  ['prompt none, signed in or not (OpenID Connect Core §3.1.2.6)', { prompt: 'none' }, 'login_required'],
]
for (const [what, changes, error] of TOLD) {
  test(`an authorization request with ${what} is told to the relying service as ${error}`, async () => {
    const browser = await mySsa.signedIn('maria')
    const back = await returnOf(browser, authorizeUrl(changes))
    assert.equal(back.origin + back.pathname, SIGN_IN.redirect_uris[0])
    const query = new URLSearchParams(back.search || back.hash.slice(1))
    assert.equal(query.get('error'), error)
    assert.equal(query.get('state'), STATE)
    assert.equal(query.get('iss'), 'http://localhost:4003')
    assert.equal(query.get('code'), null)
  })
}

test('a scope beyond the one that a client has registered is refused', async () => {
  const browser = await mySsa.signedIn('maria')
  const back = await returnOf(browser, authorizeUrl({ scope: 'openid email' }, BASIC))
  assert.equal(back.searchParams.get('error'), 'invalid_scope')
})

for (const [what, changes] of Object.entries<Changes>({
  'prompt=consent': { prompt: 'consent' },
  'an unknown scope': { scope: 'openid profile more' },
  'an unknown acr': { acr_values: 'urn:somebody:else' },
  'an unknown parameter': { more: 'of it' },
  'claims, which are not looked at': { claims: '{' },
})) {
  test(`an authorization request with ${what} is served`, async () => {
    assert.ok(await codeOf(await mySsa.signedIn('maria'), authorizeUrl(changes)))
  })
}

test('the ID token says how the person signed in and nothing about the person', async () => {
  for (const [methods, acr, amr] of [
    [['pwd'], withPassword, ['pwd']],
    [['pwd', 'sms'], withExtraSecurity, ['pwd', 'sms', 'mfa']],
  ] as const) {
    const browser = await mySsa.signedIn('daniel', [...methods])
    const signedInAt = Math.floor(now() / 1000)
    const tokens = await tokensFor(mySsa, browser, authorizeUrl({ scope: 'openid profile email' }))
    const { claims, header } = await verified(mySsa, tokens.id_token)
    const { sub, iat, exp, at_hash, auth_time, ...rest } = claims
    assert.deepEqual(rest, { acr, amr, nonce: NONCE, aud: SIGN_IN.client_id, iss: 'http://localhost:4003' })
    assert.equal(header.alg, 'RS256')
    assert.equal(exp, (iat ?? 0) + 300)
    assert.ok(Math.abs(Number(auth_time) - signedInAt) <= 10)
    assert.match(sub ?? '', /^[\w-]{43}$/)
    assert.notEqual(at_hash, tokens.access_token)
  }
})

test('auth_time stays that of the sign-in', async () => {
  const browser = await mySsa.signedIn('daniel', ['pwd', 'sms'])
  const first = await idTokenOf(mySsa, browser)
  advanceClock(600_000)
  const second = await idTokenOf(mySsa, browser)
  assert.equal(second.auth_time, first.auth_time)
  assert.ok(Number(second.iat) >= Number(first.iat) + 600)
})

test('a relying service that asks for ES256 gets it', async () => {
  const browser = await mySsa.signedIn('maria')
  const code = await codeOf(browser, authorizeUrl({}, BASIC))
  const basic = Buffer.from(`${BASIC.client_id}:${BASIC.client_secret}`).toString('base64')
  const answer = await postToken(
    mySsa,
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: BASIC.redirect_uris[0],
      code_verifier: VERIFIER,
    },
    { authorization: `Basic ${basic}` },
  )
  assert.equal(answer.statusCode, 200, answer.body)
  const { header } = await verified(mySsa, answer.json().id_token, BASIC.client_id)
  assert.equal(header.alg, 'ES256')
})

test('the subject is pairwise: one for a relying service, another for each (OpenID Connect Core §8.1)', async () => {
  const browser = await mySsa.signedIn('maria')
  const here = await idTokenOf(mySsa, browser)
  const again = await idTokenOf(mySsa, await mySsa.signedIn('maria'))
  const tokens = await tokensBySecret(mySsa, POSTS, await codeOf(browser, authorizeUrl({}, POSTS)))
  const there = (await verified(mySsa, tokens.id_token, POSTS.client_id)).claims
  const other = await idTokenOf(mySsa, await mySsa.signedIn('daniel'))
  assert.equal(again.sub, here.sub)
  assert.equal(new Set([here.sub, there.sub, other.sub, (await mySsa.accountOf('maria')).id]).size, 4)
  assert.equal((await userInfo(mySsa, tokens.access_token)).json().sub, there.sub)
})

const TOLD_BY_SCOPE: [scope: string, claims: object][] = [
  ['openid', {}],
  [
    'openid profile',
    {
      name: 'Maria Example',
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      preferred_username: 'MariaExample84',
    },
  ],
  ['openid email', { email: 'maria@example.com', email_verified: true }],
  ['openid social_security_number', { social_security_number: '987654325' }],
  [
    'openid address',
    {
      address: {
        formatted: '100 Example Street\nBaltimore, MD 21235',
        street_address: '100 Example Street',
        locality: 'Baltimore',
        region: 'MD',
        postal_code: '21235',
        country: 'US',
      },
    },
  ],
]
for (const [scope, expected] of TOLD_BY_SCOPE) {
  test(`userinfo tells what the scope ${scope} covers, and no more`, async () => {
    const tokens = await tokensFor(mySsa, await mySsa.signedIn('maria'), authorizeUrl({ scope }))
    const answer = await userInfo(mySsa, tokens.access_token)
    assert.equal(answer.statusCode, 200)
    const { sub, ...claims } = answer.json()
    assert.ok(sub)
    assert.deepEqual(claims, expected)
    assert.equal(tokens.scope, scope)
  })
}

test('userinfo tells nothing without a token, with an ID token, or after five minutes', async () => {
  const tokens = await tokensFor(mySsa, await mySsa.signedIn('maria'))
  assert.equal((await mySsa.app.inject('/userinfo')).statusCode, 401)
  assert.equal((await userInfo(mySsa, tokens.id_token)).statusCode, 401)
  advanceClock(270_000)
  assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 200)
  advanceClock(31_000)
  assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 401)
})

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const REFUSED: [what: string, changes: () => Promise<Changes>, error: string][] = [
  ['a code that nobody has', async () => ({ code: 'x'.repeat(43) }), 'invalid_grant'],
  ['no code', async () => ({ code: undefined }), 'invalid_request'],
  ['another verifier (RFC 7636 §4.6)', async () => ({ code_verifier: 'x'.repeat(43) }), 'invalid_grant'],
  ['no verifier', async () => ({ code_verifier: undefined }), 'invalid_grant'],
  ['another redirect_uri', async () => ({ redirect_uri: POSTS.redirect_uris[0] }), 'invalid_grant'],
  ['no redirect_uri', async () => ({ redirect_uri: undefined }), 'invalid_request'],
  ['a refresh token', async () => ({ grant_type: 'refresh_token' }), 'unsupported_grant_type'],
  ['no grant type', async () => ({ grant_type: undefined }), 'invalid_request'],
  ['no authentication', async () => ({ client_assertion: undefined }), 'invalid_client'],
  [
    'another client',
    async () => ({
      client_id: POSTS.client_id,
      client_secret: POSTS.client_secret,
      client_assertion: undefined,
      client_assertion_type: undefined,
    }),
    'invalid_grant',
  ],
  [
    'a secret instead of a key',
    async () => ({
      client_secret: POSTS.client_secret,
      client_assertion: undefined,
      client_assertion_type: undefined,
    }),
    'invalid_client',
  ],
  [
    'an assertion of another key',
    async () => ({ client_assertion: await assertion({}, stranger.privateKey) }),
    'invalid_client',
  ],
  [
    'an assertion for another audience (RFC 7523 §3)',
    async () => ({ client_assertion: await assertion({ aud: 'http://localhost:4001' }) }),
    'invalid_client',
  ],
  [
    'an assertion that is over',
    async () => ({ client_assertion: await assertion({ exp: Math.floor(now() / 1000) - 60 }) }),
    'invalid_client',
  ],
  [
    'an assertion without jti',
    async () => ({ client_assertion: await assertion({ jti: undefined }) }),
    'invalid_client',
  ],
  [
    'an assertion about another client',
    async () => ({ client_assertion: await assertion({ sub: POSTS.client_id }) }),
    'invalid_request',
  ],
]
for (const [what, changes, error] of REFUSED) {
  test(`a token request with ${what} is ${error} and leaves the code good`, async () => {
    const code = await codeOf(await mySsa.signedIn('maria'))
    const answer = await postToken(mySsa, await tokenParameters(code, await changes()))
    assert.equal(answer.json().error, error, answer.body)
    assert.equal(answer.statusCode, error === 'invalid_client' ? 401 : 400)
    assert.equal(answer.headers['cache-control'], 'no-store')
    const right = await postToken(mySsa, await tokenParameters(code))
    assert.equal(right.statusCode, 200, right.body)
  })
}

test('a wrong client secret is invalid_client, in the body and in the header', async () => {
  const code = await codeOf(await mySsa.signedIn('maria'), authorizeUrl({}, POSTS))
  const body = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: POSTS.redirect_uris[0],
    code_verifier: VERIFIER,
  }
  const wrong = { ...body, client_id: POSTS.client_id, client_secret: 'f'.repeat(32) }
  assert.equal((await postToken(mySsa, wrong)).json().error, 'invalid_client')
  const header = { authorization: `Basic ${Buffer.from(`${BASIC.client_id}:x`).toString('base64')}` }
  assert.equal((await postToken(mySsa, body, header)).statusCode, 401)
  // What is kept of the secret is not the secret.
  const kept = mySsa.ground.secrets.digest('client secret', POSTS.client_secret)
  const stolen = { ...body, client_id: POSTS.client_id, client_secret: kept }
  assert.equal((await postToken(mySsa, stolen)).json().error, 'invalid_client')
  assert.ok(await tokensBySecret(mySsa, POSTS, code))
})

test('an assertion is good once (RFC 7523 §3)', async () => {
  const client_assertion = await assertion()
  const browser = await mySsa.signedIn('maria')
  const [one, two] = [await codeOf(browser), await codeOf(browser)]
  const first = await postToken(mySsa, await tokenParameters(one, { client_assertion }))
  const second = await postToken(mySsa, await tokenParameters(two, { client_assertion }))
  assert.deepEqual([first.statusCode, second.json().error], [200, 'invalid_client'])
})

test('a code is good for a minute', async () => {
  const browser = await mySsa.signedIn('maria')
  const late = await codeOf(browser)
  advanceClock(61_000)
  assert.equal((await postToken(mySsa, await tokenParameters(late))).json().error, 'invalid_grant')
  const early = await codeOf(browser)
  advanceClock(40_000)
  assert.equal((await postToken(mySsa, await tokenParameters(early))).statusCode, 200)
})

test('a code is good once, and a second use ends what came of the first (RFC 6749 §4.1.2)', async () => {
  const code = await codeOf(await mySsa.signedIn('maria'))
  const parameters = await Promise.all([1, 2, 3, 4].map(() => tokenParameters(code)))
  const answers = await Promise.all(parameters.map((one) => postToken(mySsa, one)))
  const won = answers.filter(({ statusCode }) => statusCode === 200)
  assert.equal(won.length, 1)
  assert.equal((await postToken(mySsa, await tokenParameters(code))).json().error, 'invalid_grant')
  assert.equal((await userInfo(mySsa, won[0]?.json().access_token)).statusCode, 401)
})

test('a form_post answer comes to whoever asks for it', async () => {
  const browser = await mySsa.signedIn('maria')
  const answer = await browser.open(authorizeUrl({ response_mode: 'form_post' }))
  assert.equal(answer.statusCode, 200)
  assert.match(answer.body, /name="code"/)
  assert.match(answer.body, /<noscript>/)
})
