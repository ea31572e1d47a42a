// The token endpoint and what it gives out, with real signatures.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'
import {
  AUTH_ONLY,
  assertion,
  authorizeUrl,
  CLIENT,
  NONCE,
  OTHER_REDIRECT_URI,
  REDIRECT_URI,
  ROOT,
  redeem,
  SAME_AGENCY,
  STATE,
  secondClientKeys,
  signIn,
  startLoginGov,
  TOKEN_URL,
  tokenParameters,
} from './support/login-gov.ts'

const DOCS = 'Please see our documentation at https://developers.login.gov/support/'
const INVALID_CODE = `Code is invalid because doesn’t match any user. ${DOCS}#invalid-code`
const VERIFIER = 'a-verifier-of-more-than-forty-three-characters-0123'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const ISSUER_ERROR = `Client assertion Invalid issuer. Expected ["${CLIENT}"], received someone`

let idp: Awaited<ReturnType<typeof startLoginGov>>
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())

/** Signs in afresh and gives the code; moves the clock past the cool-down of codes first. */
async function newCode(options: { email?: string; changes?: Record<string, string | undefined> } = {}) {
  advanceClock(10_000)
  const browser = idp.browser()
  const back = await signIn(browser, idp.codes, options.email, authorizeUrl(options.changes ?? {}))
  const code = back.searchParams.get('code')
  assert.ok(code, `no code in ${back.href}`)
  return { browser, code, back }
}

const pkce = (challenge = CHALLENGE) => ({
  client_id: SAME_AGENCY,
  redirect_uri: OTHER_REDIRECT_URI,
  code_challenge: challenge,
  code_challenge_method: 'S256',
})

async function userInfo(token: string) {
  return idp.app.inject({
    url: '/api/openid_connect/userinfo',
    headers: { authorization: `Bearer ${token}` },
  })
}

describe('what a good exchange gives', () => {
  test('the redirect carries a UUID and the state, and nothing else (fact sheet 2.6)', async () => {
    const { back } = await newCode()
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.deepEqual([...back.searchParams.keys()], ['code', 'state'])
    assert.match(
      back.searchParams.get('code') ?? '',
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    assert.equal(back.searchParams.get('state'), STATE)
  })

  test('the answer has four members, and expires_in is what is left of the browser session (fact sheet 3)', async () => {
    const { code } = await newCode()
    advanceClock(60_000)
    const response = await redeem(idp.app, await tokenParameters(code))
    assert.equal(response.statusCode, 200, response.body)
    assert.equal(response.headers['cache-control'], 'no-store')
    const answer = response.json()
    assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in', 'id_token'])
    assert.match(answer.access_token, /^[\w-]{22}$/)
    assert.equal(answer.token_type, 'Bearer')
    assert.ok(answer.expires_in > 800 && answer.expires_in <= 840, String(answer.expires_in))
  })

  test('the id_token is signed by the first published key and has exactly these claims (fact sheet 4)', async () => {
    const { code } = await newCode()
    const { id_token: idToken, access_token: accessToken } = (
      await redeem(idp.app, await tokenParameters(code))
    ).json()
    const jwks = (await idp.app.inject('/api/openid_connect/certs')).json()
    await compactVerify(idToken, createLocalJWKSet(jwks))
    assert.deepEqual(decodeProtectedHeader(idToken), { kid: jwks.keys[0].kid, alg: 'RS256' })

    const claims = decodeJwt(idToken)
    const half = (text: string) =>
      createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    const { sub, jti, exp, iat, nbf, verified_at: verifiedAt, ...rest } = claims
    assert.match(String(sub), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    assert.match(String(jti), /^[\w-]{22}$/)
    assert.equal(iat, nbf)
    assert.ok(Math.abs(Number(iat) - epochSeconds()) <= 2)
    assert.ok(Math.abs(Number(exp) - Number(iat) - 900) <= 2)
    assert.equal(typeof verifiedAt, 'number')
    assert.deepEqual(rest, {
      iss: `${ROOT}/`,
      aud: CLIENT,
      nonce: NONCE,
      email: 'maria@example.com',
      email_verified: true,
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      acr: 'urn:acr.login.gov:verified',
      ial: 'urn:acr.login.gov:verified',
      aal: 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
      at_hash: half(accessToken),
      c_hash: half(code),
    })
  })

  test('the JWKS has two RSA keys under the SHA-256 of their PKCS#1 form (fact sheet 1)', async () => {
    const response = await idp.app.inject('/api/openid_connect/certs')
    assert.equal(response.headers['cache-control'], 'max-age=604800, public')
    const { keys } = response.json<{ keys: (JsonWebKey & { kid: string })[] }>()
    assert.equal(keys.length, 2)
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
      const der = createPublicKey({ key, format: 'jwk' }).export({ type: 'pkcs1', format: 'der' })
      assert.equal(key.kid, createHash('sha256').update(der).digest('hex'))
    }
  })

  test('JSON bodies and assertions by the second registered key do as well (fact sheet 1, 3)', async () => {
    const { code } = await newCode()
    const payload = await tokenParameters(code, {
      client_assertion: await assertion({}, secondClientKeys.privateKey),
    })
    const response = await idp.app.inject({ method: 'POST', url: '/api/openid_connect/token', payload })
    assert.equal(response.statusCode, 200, response.body)
  })

  for (const [when, changes] of [
    ['aud is an array', { aud: ['x', TOKEN_URL] }],
    ['aud has a slash at its end', { aud: `${TOKEN_URL}/` }],
    ['there is no exp and no iat', { exp: undefined, iat: undefined }],
    ['iat is nine seconds ahead', { iat: 'ahead' }],
  ] as const) {
    test(`an assertion passes when ${when} (fact sheet 3)`, async () => {
      const { code } = await newCode()
      const claims = {
        ...changes,
        ...('iat' in changes && changes.iat === 'ahead' ? { iat: epochSeconds() + 9 } : {}),
      }
      const response = await redeem(
        idp.app,
        await tokenParameters(code, { client_assertion: await assertion(claims as JWTPayload) }),
      )
      assert.equal(response.statusCode, 200, response.body)
    })
  }

  test('a PKCE client needs no assertion, and padding on its challenge does not count (fact sheet 3)', async () => {
    const { code } = await newCode({ changes: pkce(`${CHALLENGE}=`) })
    const response = await redeem(idp.app, {
      grant_type: 'authorization_code',
      code,
      code_verifier: VERIFIER,
    })
    assert.equal(response.statusCode, 200, response.body)
  })
})

interface Row {
  when: string
  /** What the client sends beside a good code. */
  send: () => Promise<Record<string, string | undefined>> | Record<string, string | undefined>
  errors: string[]
  /** The authorization request that the code came from. */
  from?: Record<string, string | undefined>
}

const withAssertion = async (claims: JWTPayload, key?: Parameters<typeof assertion>[1]) => ({
  client_assertion: await assertion(claims, key),
})
const NEITHER = `Code Client must authenticate via PKCE or private_key_jwt, missing either code_challenge or client_assertion. ${DOCS}#pkce-or-private-key`
const VERIFIER_ERROR = `Code verifier code_verifier did not match code_challenge. ${DOCS}#invalid-code-verifier`
const AUD = `Client assertion Invalid audience claim, expected ${TOKEN_URL}. ${DOCS}#invalid-aud-claim`
const IAT = `Client assertion iat must be an integer or floating point Unix timestamp representing a time in the past. ${DOCS}#invalid-iat`
const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
// Signed by the second of the two keys, since the last failure is the one that is told.
const second = secondClientKeys.privateKey

const rows: Row[] = [
  {
    when: 'grant_type is missing',
    send: () => ({ grant_type: undefined }),
    errors: ['Grant type is not included in the list'],
  },
  {
    when: 'grant_type is client_credentials',
    send: () => ({ grant_type: 'client_credentials' }),
    errors: ['Grant type is not included in the list'],
  },
  {
    when: 'the assertion type is another',
    send: () => ({ client_assertion_type: 'urn:x' }),
    errors: ['Client assertion type is not included in the list'],
  },
  {
    when: 'there is no assertion but its type',
    send: () => ({ client_assertion: undefined }),
    errors: ['Client assertion Nil JSON web token'],
  },
  {
    when: 'the client does not authenticate',
    send: () => ({ client_assertion: undefined, client_assertion_type: undefined }),
    errors: [NEITHER],
  },
  {
    when: 'a private_key_jwt client sends a verifier only',
    send: () => ({ client_assertion: undefined, client_assertion_type: undefined, code_verifier: VERIFIER }),
    errors: [NEITHER],
  },
  { when: 'aud is the issuer', send: () => withAssertion({ aud: `${ROOT}/` }), errors: [AUD] },
  {
    when: 'aud is the old path',
    send: () => withAssertion({ aud: `${ROOT}/openid_connect/token` }),
    errors: [AUD],
  },
  { when: 'aud is missing', send: () => withAssertion({ aud: undefined }), errors: [AUD] },
  {
    when: 'iat is eleven seconds ahead',
    send: () => withAssertion({ iat: epochSeconds() + 11 }),
    errors: [IAT],
  },
  { when: 'iat is text', send: () => withAssertion({ iat: 'now' as never }), errors: [IAT] },
  {
    when: 'aud and iat are both wrong',
    send: () => withAssertion({ aud: 'x', iat: epochSeconds() + 60 }),
    errors: [AUD, IAT],
  },
  {
    when: 'exp is over (RFC 7523 §3)',
    send: () => withAssertion({ exp: epochSeconds() }, second),
    errors: ['Client assertion Signature has expired'],
  },
  {
    when: 'exp is over and the first of two keys signed',
    send: () => withAssertion({ exp: epochSeconds() }),
    errors: ['Client assertion Signature verification failed'],
  },
  {
    when: 'nbf lies ahead',
    send: () => withAssertion({ nbf: epochSeconds() + 5 }, second),
    errors: ['Client assertion Signature nbf has not been reached'],
  },
  { when: 'iss is another', send: () => withAssertion({ iss: 'someone' }, second), errors: [ISSUER_ERROR] },
  {
    when: 'iss is missing',
    send: () => withAssertion({ iss: undefined }, second),
    errors: [ISSUER_ERROR.replace('someone', '<none>')],
  },
  {
    when: 'sub is another',
    send: () => withAssertion({ sub: 'someone' }, second),
    errors: [`Client assertion Invalid subject. Expected ${CLIENT}, received someone`],
  },
  {
    when: 'a foreign key signed',
    send: () => withAssertion({}, foreignKey),
    errors: ['Client assertion Signature verification failed'],
  },
  {
    when: 'alg is none (RFC 8725 §3.1)',
    send: async () => ({ client_assertion: unsigned(await assertion()) }),
    errors: ['Client assertion Expected a different algorithm'],
  },
  {
    when: 'the assertion is no JWT',
    send: () => ({ client_assertion: 'nonsense' }),
    errors: ['Client assertion Not enough or too many segments'],
  },
  {
    when: 'the assertion was tampered with',
    send: async () => ({ client_assertion: tampered(await assertion()) }),
    errors: ['Client assertion Signature verification failed'],
  },
  {
    when: 'a PKCE client sends no verifier (RFC 7636 §4.6)',
    from: pkce(),
    send: () => ({ client_assertion: undefined, client_assertion_type: undefined }),
    errors: [VERIFIER_ERROR],
  },
  {
    when: 'a PKCE client sends a wrong verifier (RFC 7636 §4.6)',
    from: pkce(),
    send: () => ({ client_assertion: undefined, client_assertion_type: undefined, code_verifier: 'wrong' }),
    errors: [VERIFIER_ERROR],
  },
  {
    when: 'a PKCE client never sent a challenge',
    from: { ...pkce(), code_challenge: undefined, code_challenge_method: undefined },
    send: () => ({ client_assertion: undefined, client_assertion_type: undefined, code_verifier: VERIFIER }),
    errors: [VERIFIER_ERROR],
  },
  {
    when: 'a PKCE client sends an assertion instead',
    from: { ...pkce(), code_challenge: undefined, code_challenge_method: undefined },
    send: () => ({}),
    errors: [NEITHER],
  },
]

function unsigned(jwt: string): string {
  const [, claims] = jwt.split('.')
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`
}

function tampered(jwt: string): string {
  const [header, claims = '', signature] = jwt.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), jti: 'changed' }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

describe('what is refused: always 400 with the words of the fact sheet (section 3)', () => {
  for (const row of rows) {
    test(`${row.when}; the code stays as good as it was`, async () => {
      const { code } = await newCode(row.from ? { changes: row.from } : {})
      const refused = await redeem(idp.app, await tokenParameters(code, await row.send()))
      assert.equal(refused.statusCode, 400)
      assert.deepEqual(refused.json(), { error: row.errors.join(' ') })
      if (row.from?.code_challenge === undefined && row.from) return
      const good = row.from
        ? { grant_type: 'authorization_code', code, code_verifier: VERIFIER }
        : await tokenParameters(code)
      assert.equal((await redeem(idp.app, good)).statusCode, 200)
    })
  }

  test('a code is good once (RFC 6749 §4.1.2)', async () => {
    const { code } = await newCode()
    assert.equal((await redeem(idp.app, await tokenParameters(code))).statusCode, 200)
    const again = await redeem(idp.app, await tokenParameters(code))
    assert.deepEqual([again.statusCode, again.json()], [400, { error: INVALID_CODE }])
  })

  test('of two exchanges at once one gets tokens', async () => {
    const { code } = await newCode()
    const parameters = await tokenParameters(code)
    const both = await Promise.all([redeem(idp.app, parameters), redeem(idp.app, parameters)])
    assert.deepEqual(both.map(({ statusCode }) => statusCode).sort(), [200, 400])
  })

  test('an unknown, a blank and a missing code look alike', async () => {
    for (const code of ['5b0e0a5e-5d4b-4a8e-9d55-0b9f4f3b7c11', '', undefined]) {
      const refused = await redeem(idp.app, await tokenParameters('', { code }))
      assert.deepEqual([refused.statusCode, refused.json()], [400, { error: INVALID_CODE }])
    }
  })

  test('an unknown code with a verifier is told both', async () => {
    const refused = await redeem(idp.app, {
      grant_type: 'authorization_code',
      code: 'x',
      code_verifier: VERIFIER,
    })
    assert.deepEqual(refused.json(), { error: `${INVALID_CODE} ${VERIFIER_ERROR}` })
  })

  test('a code is good for 299 seconds and refused from the 300th', async () => {
    const early = await newCode()
    advanceClock(298_000)
    assert.equal((await redeem(idp.app, await tokenParameters(early.code))).statusCode, 200)
    const late = await newCode()
    advanceClock(300_000)
    const refused = await redeem(idp.app, await tokenParameters(late.code))
    assert.deepEqual(
      [refused.statusCode, refused.json()],
      [400, { error: `Code is expired. ${DOCS}#token-expired` }],
    )
  })

  test('a newer authorization takes the place of code, token and nonce (fact sheet 0)', async () => {
    const { browser, code } = await newCode()
    const { access_token: first } = (await redeem(idp.app, await tokenParameters(code))).json()
    assert.equal((await userInfo(first)).statusCode, 200)
    const older =
      new URL(String((await browser.get(authorizeUrl())).headers.location)).searchParams.get('code') ?? ''
    assert.equal((await userInfo(first)).statusCode, 401)
    const nonce = 'another-nonce-0123456789'
    const newer =
      new URL(String((await browser.get(authorizeUrl({ nonce }))).headers.location)).searchParams.get(
        'code',
      ) ?? ''
    assert.deepEqual((await redeem(idp.app, await tokenParameters(older))).json(), { error: INVALID_CODE })
    const { id_token: idToken } = (await redeem(idp.app, await tokenParameters(newer))).json()
    assert.equal(decodeJwt(idToken).nonce, nonce)
  })

  for (const [what, headers, payload] of [
    ['no JSON', { 'content-type': 'application/json' }, '{'],
    ['a repeated field', { 'content-type': 'application/x-www-form-urlencoded' }, 'code=a&code=b'],
    ['another media type', { 'content-type': 'application/xml' }, '<a/>'],
    ['nothing', {}, undefined],
  ] as const) {
    test(`a body that is ${what} is a request without parameters`, async () => {
      const refused = await idp.app.inject({
        method: 'POST',
        url: '/api/openid_connect/token',
        headers,
        ...(payload ? { payload } : {}),
      })
      assert.equal(refused.statusCode, 400)
      assert.deepEqual(refused.json(), {
        error: `Grant type is not included in the list ${INVALID_CODE} ${NEITHER}`,
      })
    })
  }
})

describe('claims (fact sheet 4)', () => {
  async function claimsFor(changes: Record<string, string | undefined>, email?: string) {
    const { code } = await newCode({ changes, ...(email ? { email } : {}) })
    const usesPkce = changes.client_id === SAME_AGENCY || changes.client_id === AUTH_ONLY
    const parameters = usesPkce
      ? { grant_type: 'authorization_code', code, code_verifier: VERIFIER }
      : await tokenParameters(code)
    const answer = (await redeem(idp.app, parameters)).json()
    const response = await userInfo(answer.access_token)
    assert.equal(response.statusCode, 200, response.body)
    return response.json()
  }
  const authOnly = {
    ...pkce(),
    client_id: AUTH_ONLY,
    redirect_uri: 'http://localhost:4200/callback',
    acr_values: 'urn:acr.login.gov:auth-only',
  }

  test('every scope of a proofed request has its claims, in their formats', async () => {
    const claims = await claimsFor({
      scope: 'openid email all_emails locale profile address phone social_security_number x509',
    })
    const { sub, verified_at: verifiedAt, ...rest } = claims
    assert.ok(sub)
    assert.ok(Number.isInteger(verifiedAt) && verifiedAt <= epochSeconds())
    assert.deepEqual(rest, {
      iss: `${ROOT}/`,
      email: 'maria@example.com',
      email_verified: true,
      all_emails: ['maria@example.com'],
      locale: 'en',
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      social_security_number: '987654325',
      address: {
        formatted: '100 Example Street\nBaltimore, MD 21235',
        street_address: '100 Example Street',
        locality: 'Baltimore',
        region: 'MD',
        postal_code: '21235',
      },
      phone: '+12025550142',
      phone_verified: true,
      x509_subject: null,
      x509_issuer: null,
      x509_presented: false,
      ial: 'urn:acr.login.gov:verified',
      aal: 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
    })
  })

  test('profile:name and profile:birthdate give their part only', async () => {
    const claims = await claimsFor({ scope: 'profile:name' })
    assert.deepEqual(Object.keys(claims).sort(), ['aal', 'family_name', 'given_name', 'ial', 'iss', 'sub'])
  })

  test('an auth-only request gets no verified attribute, even of somebody who is proofed', async () => {
    const claims = await claimsFor({
      ...authOnly,
      scope: 'openid email locale profile social_security_number profile:verified_at',
    })
    assert.deepEqual(Object.keys(claims).sort(), [
      'aal',
      'email',
      'email_verified',
      'ial',
      'iss',
      'locale',
      'sub',
      'verified_at',
    ])
    assert.equal(claims.ial, 'urn:acr.login.gov:auth-only')
    assert.equal(claims.verified_at, null)
  })

  test('verified_at is told to an IAL2 client in an auth-only request too', async () => {
    const claims = await claimsFor({
      acr_values: 'urn:acr.login.gov:auth-only',
      scope: 'profile:verified_at',
    })
    assert.equal(typeof claims.verified_at, 'number')
  })

  const NS = 'http://idmanagement.gov/ns/assurance'
  for (const [asked, ial, aal] of [
    [`${NS}/ial/1`, `${NS}/ial/1`, undefined],
    [`${NS}/loa/1`, `${NS}/ial/1`, undefined],
    [`${NS}/loa/3`, `${NS}/ial/2`, undefined],
    [`${NS}/ial/2?bio=preferred`, `${NS}/ial/2`, undefined],
    ['urn:acr.login.gov:verified-facial-match-preferred', 'urn:acr.login.gov:verified', undefined],
    [`${NS}/ial/1 ${NS}/aal/2 ${NS}/aal/3`, `${NS}/ial/1`, `${NS}/aal/3`],
    [`${NS}/ial/1 ${NS}/aal/2?hspd12=true ${NS}/aal/3`, `${NS}/ial/1`, `${NS}/aal/2?hspd12=true`],
  ] as const) {
    test(`asked for ${asked}, ial is ${ial}`, async () => {
      const claims = await claimsFor({ acr_values: asked, scope: 'openid' })
      assert.equal(claims.ial, ial)
      assert.equal(claims.aal, aal ?? 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo')
    })
  }

  test('clients of one agency see the same subject, another agency another one', async () => {
    const one = await claimsFor({ scope: 'openid' })
    const same = await claimsFor({ ...pkce(), scope: 'openid' })
    const other = await claimsFor({ ...authOnly, scope: 'openid' })
    assert.equal(one.sub, same.sub)
    assert.notEqual(one.sub, other.sub)
    const nobodyElse = await claimsFor({ ...authOnly, scope: 'openid' }, 'oliver@example.com')
    assert.notEqual(nobodyElse.sub, other.sub)
  })

  test('userinfo ends with the browser session: 15 idle minutes', async () => {
    const { code } = await newCode()
    const { access_token: token } = (await redeem(idp.app, await tokenParameters(code))).json()
    advanceClock(899_000)
    assert.equal((await userInfo(token)).statusCode, 200)
    advanceClock(1_000)
    assert.equal((await userInfo(token)).statusCode, 401)
  })

  test('a code that is exchanged after the session has ended gives tokens that last no longer', async () => {
    const { browser, code } = await newCode()
    await browser.open('/account')
    await browser.submit('/logout')
    const answer = (await redeem(idp.app, await tokenParameters(code))).json()
    assert.equal(answer.expires_in, 0)
    assert.equal((await userInfo(answer.access_token)).statusCode, 401)
  })
})
