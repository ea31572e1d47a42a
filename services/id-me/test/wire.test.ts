// ID.me's wire, row by row: what is asked, what comes back, and the section of the fact sheet (id-me) that says so.

import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { calculatePKCECodeChallenge } from 'openid-client'
import { DEPARTURES } from '../src/about/departures.ts'
import { clientOf } from '../src/clients/client-entry.ts'
import { REQUEST_ERRORS, TOKEN_ERRORS } from '../src/oauth/errors.ts'
import { sqlGrants } from '../src/oauth/grants.ts'
import { createDestinations } from '../src/oauth/pending-request.ts'
import { PATHS } from '../src/paths.ts'
import {
  AGENCY,
  authorize,
  authorizeUrl,
  CLOSED,
  codeFor,
  IAL2,
  type IdMe,
  NS,
  postToken,
  REDIRECT_URI,
  ROOT,
  SHOP,
  SHOP_URI,
  STATE,
  startIdMe,
  tokenParameters,
  tokensFor,
  userInfo,
  VETERANS,
  VETERANS_URI,
  verifier,
} from './support/id-me.ts'

let idMe: IdMe
before(async () => {
  idMe = await startIdMe()
})
after(() => idMe.app.close())

const challenge = await calculatePKCECodeChallenge(verifier)
const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
const HEX = /^[\da-f]{32}$/

const met = { request: new Set<string>(), token: new Set<string>() }

describe('metadata (fact sheet 1)', () => {
  test('the discovery document has exactly the advertised sets', async () => {
    const response = await idMe.app.inject('/oidc/.well-known/openid-configuration')
    const { response_types_supported: types, ...rest } = response.json()
    assert.deepEqual(types.length, 7)
    for (const type of ['code', 'token', 'id_token']) assert.ok(types.includes(type))
    assert.deepEqual(rest, {
      issuer: `${ROOT}/oidc`,
      authorization_endpoint: `${ROOT}/oauth/authorize`,
      token_endpoint: `${ROOT}/oauth/token`,
      userinfo_endpoint: `${ROOT}/api/public/v3/userinfo`,
      jwks_uri: `${ROOT}/oidc/.well-known/jwks`,
      scopes_supported: ['openid'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
      id_token_encryption_alg_values_supported: ['RSA-OAEP'],
      id_token_encryption_enc_values_supported: ['A256CBC-HS512'],
      userinfo_signing_alg_values_supported: ['RS256', 'ES256'],
      userinfo_encryption_alg_values_supported: ['RSA-OAEP'],
      userinfo_encryption_enc_values_supported: ['A256CBC-HS512'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    })
  })

  test('the keys say what they are for, and hold nothing private', async () => {
    const { keys } = (await idMe.app.inject('/oidc/.well-known/jwks')).json()
    assert.equal(keys.length, 1)
    for (const { kid, n, e, ...rest } of keys) {
      assert.deepEqual(rest, { kty: 'RSA', alg: 'RS256', use: 'sig' })
      assert.ok(kid && n && e)
    }
  })
})

describe('paths', () => {
  const rows: { fact: string; method?: 'POST' | 'PUT'; url: string; status: number }[] = [
    { fact: '1', url: '/oidc/.well-known/openid-configuration', status: 200 },
    { fact: '1', url: '/oidc/.well-known/jwks', status: 200 },
    { fact: '1', url: '/oidc/.well-known/jwks.json', status: 404 },
    { fact: '1: the same name at the host root', url: '/.well-known/openid-configuration', status: 404 },
    { fact: '1', method: 'POST', url: '/oauth/authorize', status: 404 },
    { fact: '1', url: '/oauth/token', status: 404 },
    { fact: '1', method: 'PUT', url: '/api/public/v3/userinfo', status: 404 },
    { fact: '1: no end_session_endpoint', url: '/oidc/logout', status: 404 },
    { fact: '1', url: '/nowhere', status: 404 },
  ]
  for (const { fact, method = 'GET', url, status } of rows) {
    test(`${method} ${url} is answered with ${status} [${fact}]`, async () => {
      assert.equal((await idMe.app.inject({ method, url })).statusCode, status)
    })
  }
})

interface ErrorRow {
  fact: string
  when: string
  url: string
  error: string
}

const authorizeErrors: ErrorRow[] = [
  ...['client_id', 'response_type', 'redirect_uri'].map((name) => ({
    fact: '6',
    when: `${name} is missing`,
    url: authorizeUrl({ [name]: undefined }),
    error: 'invalid_request',
  })),
  { fact: '6', when: 'nothing is given', url: '/oauth/authorize', error: 'invalid_request' },
  {
    fact: '6 (RFC 6749 §3.1)',
    when: 'a parameter is there twice',
    url: `${authorizeUrl()}&state=again`,
    error: 'invalid_request',
  },
  ...['state', 'nonce'].map((name) => ({
    fact: '6 (RFC 6749 appendix A.5)',
    when: `${name} has a control character`,
    url: authorizeUrl({ [name]: 'a\0b' }),
    error: 'invalid_request',
  })),
  {
    fact: '6',
    when: 'nobody knows the client',
    url: authorizeUrl({ client_id: 'nobody' }),
    error: 'invalid_client',
  },
  {
    fact: '6',
    when: 'the client is not active',
    url: authorizeUrl({ client_id: CLOSED.client_id, redirect_uri: 'http://localhost:4300/callback' }),
    error: 'invalid_client',
  },
  ...[
    'http://localhost:4000/elsewhere',
    `${REDIRECT_URI}/`,
    `${REDIRECT_URI}?more=1`,
    `${REDIRECT_URI}#fragment`,
    REDIRECT_URI.replace('http:', 'HTTP:'),
    VETERANS_URI,
    'javascript:alert(1)',
  ].map((redirect_uri) => ({
    fact: '2 and 6',
    when: `redirect_uri is ${redirect_uri}`,
    url: authorizeUrl({ redirect_uri }),
    error: 'invalid_redirect_uri',
  })),
  ...['token', 'id_token', 'code token', 'code id_token token', 'CODE', 'code code'].map((response_type) => ({
    fact: '1 and 6',
    when: `response_type is ${response_type}`,
    url: authorizeUrl({ response_type }),
    error: 'unsupported_response_type',
  })),
  { fact: '3', when: 'there is no scope', url: authorizeUrl({ scope: undefined }), error: 'invalid_scope' },
  {
    fact: '3',
    when: 'the scope is openid alone',
    url: authorizeUrl({ scope: 'openid' }),
    error: 'invalid_scope',
  },
  ...['profile', 'email', `${NS}/ial/3/aal/3`].map((scope) => ({
    fact: '3',
    when: `${scope} is no policy of ID.me`,
    url: authorizeUrl({ scope: `openid ${scope}` }),
    error: 'invalid_scope',
  })),
  {
    fact: '3: no such policy for the client',
    when: 'the policy is one of other clients',
    url: authorizeUrl({
      client_id: VETERANS.client_id,
      redirect_uri: VETERANS_URI,
      scope: 'openid military',
    }),
    error: 'invalid_scope',
  },
  {
    fact: '3: one policy',
    when: 'two policies are asked for',
    url: authorizeUrl({ scope: `openid military ${IAL2}` }),
    error: 'invalid_scope',
  },
  {
    fact: '2: S256 is the required method',
    when: 'code_challenge_method is plain',
    url: authorizeUrl({ ...pkce, code_challenge_method: 'plain' }),
    error: 'invalid_request',
  },
  {
    fact: '2',
    when: 'code_challenge_method is missing',
    url: authorizeUrl({ code_challenge: challenge }),
    error: 'invalid_request',
  },
  {
    fact: '2',
    when: 'code_challenge is missing',
    url: authorizeUrl({ code_challenge_method: 'S256' }),
    error: 'invalid_request',
  },
  {
    fact: '2 (RFC 7636 §4.2)',
    when: 'code_challenge is not 32 bytes',
    url: authorizeUrl({ ...pkce, code_challenge: 'short' }),
    error: 'invalid_request',
  },
  {
    fact: '2',
    when: 'the client must use PKCE and does not',
    url: authorizeUrl({ client_id: SHOP.client_id, redirect_uri: SHOP_URI, scope: 'login' }),
    error: 'invalid_request',
  },
]

const logout = (parameters: Record<string, string>) => `/oauth/logout?${new URLSearchParams(parameters)}`
const { client_id } = AGENCY
const logoutErrors: ErrorRow[] = [
  { fact: '1 and 6', when: 'nothing is given', url: '/oauth/logout', error: 'invalid_request' },
  {
    fact: '1 and 6',
    when: 'client_id is missing',
    url: logout({ redirect_uri: REDIRECT_URI }),
    error: 'invalid_request',
  },
  { fact: '1 and 6', when: 'redirect_uri is missing', url: logout({ client_id }), error: 'invalid_request' },
  {
    fact: '6',
    when: 'a parameter is there twice',
    url: `${logout({ client_id, redirect_uri: REDIRECT_URI })}&client_id=other`,
    error: 'invalid_request',
  },
  {
    fact: '6',
    when: 'nobody knows the client',
    url: logout({ client_id: 'nobody', redirect_uri: REDIRECT_URI }),
    error: 'invalid_client',
  },
  {
    fact: '6',
    when: 'redirect_uri is not registered',
    url: logout({ client_id, redirect_uri: VETERANS_URI }),
    error: 'invalid_redirect_uri',
  },
]

describe('errors of authorize and logout have status 200 and lead nowhere (RFC 6749 §4.1.2.1)', () => {
  for (const { fact, when, url, error } of [...authorizeErrors, ...logoutErrors]) {
    const endpoint = url.split('?', 1)[0]
    test(`${endpoint}: ${error} when ${when} [${fact}]`, async () => {
      const cookie = await idMe.cookieOf('maria')
      const json = await idMe.app.inject({ url, headers: { accept: 'application/json', cookie } })
      assert.equal(json.statusCode, 200)
      assert.equal(json.json().error, error)
      assert.match(json.json().error_description, /^[\w ]+$/)
      const page = await idMe.app.inject({ url, headers: { accept: 'text/html', cookie } })
      assert.equal(page.statusCode, 200)
      assert.match(String(page.headers['content-type']), /^text\/html/)
      assert.ok(page.body.includes(`<code id="error">${error}</code>`))
      for (const { headers } of [json, page]) assert.equal(headers.location, undefined)
      met.request.add(error)
    })
  }
})

describe('where an authorization request leads', () => {
  const rows: { fact: string; when: string; url: string; id?: string; methods?: string[]; path: string }[] = [
    { fact: '2', when: 'nobody is signed in', url: authorizeUrl(), path: PATHS.signIn },
    { fact: '2', when: 'the state is left out', url: authorizeUrl({ state: undefined }), path: PATHS.signIn },
    { fact: '2', when: 'op=signup', url: authorizeUrl({ op: 'signup' }), path: PATHS.signUp },
    {
      fact: '2',
      when: 'op is something else',
      url: authorizeUrl({ op: 'verify' }),
      path: PATHS.signIn,
    },
    { fact: '2', when: 'eid is given', url: authorizeUrl({ eid: '123' }), path: PATHS.signIn },
    {
      fact: '3: IAL2 and AAL2',
      when: 'a password alone was given',
      url: authorizeUrl(),
      id: 'maria',
      methods: ['password'],
      path: PATHS.secondFactor,
    },
    {
      fact: '3',
      when: 'a password alone was given, for ial/1/aal/2',
      url: authorizeUrl({ scope: `openid ${NS}/ial/1/aal/2` }),
      id: 'maria',
      methods: ['password'],
      path: PATHS.secondFactor,
    },
    {
      fact: '3',
      when: 'a password alone was given, for mfa',
      url: authorizeUrl({ scope: 'openid mfa' }),
      id: 'maria',
      methods: ['password'],
      path: PATHS.secondFactor,
    },
    {
      fact: '3',
      when: 'nobody verified the identity',
      url: authorizeUrl(),
      id: 'priya',
      path: PATHS.verification,
    },
    {
      fact: '3',
      when: 'nobody verified the identity, for loa/3',
      url: authorizeUrl({ scope: `openid ${NS}/loa/3` }),
      id: 'priya',
      path: PATHS.verification,
    },
    {
      fact: '3: forces proofing again',
      when: 'the identity is verified, for 2-always-verify',
      url: authorizeUrl({ scope: `openid ${IAL2}-always-verify` }),
      id: 'maria',
      path: PATHS.verification,
    },
    {
      fact: '3',
      when: 'the identity is verified, for loa/3_force',
      url: authorizeUrl({ scope: `openid ${NS}/loa/3_force` }),
      id: 'maria',
      path: PATHS.verification,
    },
    {
      fact: '3',
      when: 'the person belongs to another community',
      url: authorizeUrl({ scope: 'openid military' }),
      id: 'mateo',
      path: PATHS.group,
    },
    {
      fact: '3',
      when: 'the community is that of Canada',
      url: authorizeUrl({ scope: 'openid military_canada' }),
      id: 'james',
      path: PATHS.group,
    },
  ]
  for (const { fact, when, url, id, methods, path } of rows) {
    test(`${when}: to ${path} [${fact}]`, async () => {
      const cookie = id === undefined ? '' : await idMe.cookieOf(id, methods)
      const answer = await idMe.app.inject({ url, headers: { cookie } })
      assert.equal(answer.statusCode, 302)
      assert.equal(answer.headers.location, path)
    })
  }

  test('what the person has not allowed yet is asked for first (assumed)', async () => {
    const fresh = await startIdMe()
    const cookie = await fresh.cookieOf('maria')
    const answer = await fresh.app.inject({ url: authorizeUrl(), headers: { cookie } })
    assert.equal(answer.headers.location, PATHS.consent)
    await fresh.app.close()
  })

  test('whoever is suspended meanwhile is signed out', async () => {
    const fresh = await startIdMe()
    const cookie = await fresh.cookieOf('maria')
    await fresh.accounts.setSuspended((await fresh.accountOf('maria')).id, true)
    const answer = await fresh.app.inject({ url: authorizeUrl(), headers: { cookie } })
    assert.equal(answer.headers.location, PATHS.signIn)
    const page = await fresh.app.inject({ url: authorizeUrl(), headers: { cookie } })
    assert.equal(page.headers.location, PATHS.signIn)
    // Or the sign-in page would send them back here, and so on.
    const signIn = await fresh.app.inject({ url: PATHS.signIn, headers: { cookie } })
    assert.equal(signIn.statusCode, 200)
    await fresh.app.close()
  })

  test('a request out of a form of ours waits in a spelling that can stand in a header', () => {
    const client = clientOf(
      { client_id, name: 'A service', redirect_uris: [REDIRECT_URI], policies: ['login'] },
      '',
    )
    const destinations = createDestinations({ find: () => client })
    const url = `${authorizeUrl({ scope: 'login' })}&more=\r\nset-cookie: a=\u00e9`
    const { query } = destinations.resume(url) as { query: string }
    assert.match(query, /^[\x21-\x7e]+$/)
    assert.equal(destinations.resume('https://evil.example/'), undefined)
    assert.equal(destinations.resume('/oauth/authorize?client_id=x'), undefined)
  })

  test('a policy that verifies each time lets pass once that is done, for this request alone [3]', async () => {
    await idMe.allowAll('maria')
    const url = authorizeUrl({ scope: `openid ${IAL2}-always-verify` })
    const cookie = await idMe.cookieOf('maria')
    const ask = () => idMe.app.inject({ url, headers: { cookie } })
    assert.equal((await ask()).headers.location, PATHS.verification)
    const session = await idMe.sessions.find(cookie.split('=')[1] ?? '')
    assert.ok(session)
    await idMe.sessions.change(session, { pending: { ...(session.pending as object), isVerified: true } })
    assert.match(String((await ask()).headers.location), /[?&]code=/)
    assert.equal((await ask()).headers.location, PATHS.verification)
  })
})

describe('the way back', () => {
  const rows: { fact: string; when: string; url: string; id?: string; methods?: string[]; back: RegExp }[] = [
    {
      fact: '2: a code of 32 hexadecimal characters',
      when: 'all is well',
      url: authorizeUrl(),
      back: new RegExp(`^${REDIRECT_URI}\\?code=[\\da-f]{32}&state=${STATE}$`),
    },
    {
      fact: '2: state is optional',
      when: 'no state was given',
      url: authorizeUrl({ state: undefined }),
      back: new RegExp(`^${REDIRECT_URI}\\?code=[\\da-f]{32}$`),
    },
    {
      fact: '2 (RFC 6749 §3.1.2)',
      when: 'the redirect URI has a query',
      url: authorizeUrl({ client_id: VETERANS.client_id, redirect_uri: VETERANS_URI }),
      back: /^http:\/\/localhost:4100\/callback\?tenant=a&code=[\da-f]{32}&state=/,
    },
    {
      fact: '2',
      when: 'the redirect URI is that of an app',
      url: authorizeUrl({
        client_id: SHOP.client_id,
        redirect_uri: SHOP_URI,
        scope: 'military',
        ...pkce,
      }),
      id: 'james',
      back: /^gov\.example\.shop:\/\/result\?code=[\da-f]{32}&state=/,
    },
    {
      fact: '3',
      when: 'a password is enough',
      url: authorizeUrl({ scope: `openid ${NS}/ial/1/aal/1` }),
      id: 'priya',
      methods: ['password'],
      back: /[?]code=/,
    },
    {
      fact: '3',
      when: 'scope is login',
      url: authorizeUrl({ scope: 'login' }),
      id: 'priya',
      methods: ['password'],
      back: /[?]code=/,
    },
    {
      fact: "3: VA's comparison:minimum",
      when: 'comparison:minimum stands beside the policy',
      url: authorizeUrl({ scope: `openid comparison:minimum ${NS}/loa/1/vets` }),
      back: /[?]code=/,
    },
  ]
  for (const { fact, when, url, id = 'maria', methods, back } of rows) {
    test(`${when} [${fact}]`, async () => {
      assert.match((await authorize(idMe, id, url, methods)).href, back)
    })
  }

  test('whoever gives up is sent back with access_denied (assumed), and is not left half signed in', async () => {
    const begun = await idMe.app.inject({ url: authorizeUrl() })
    const { name, value } = begun.cookies[0]!
    const cookie = `${name}=${value}`
    const answer = await idMe.app.inject({ url: '/oauth/cancel', headers: { cookie } })
    assert.equal(answer.headers.location, `${REDIRECT_URI}?error=access_denied&state=${STATE}`)
    const again = await idMe.app.inject({ url: '/oauth/cancel', headers: { cookie } })
    assert.equal(again.headers.location, PATHS.signIn)
  })

  test('logout ends the session and goes to the registered redirect URI [1]', async () => {
    const cookie = await idMe.cookieOf('maria')
    const url = logout({ client_id, redirect_uri: 'http://localhost:4000/signed-out' })
    const answer = await idMe.app.inject({ url, headers: { cookie } })
    assert.equal(answer.statusCode, 302)
    assert.equal(answer.headers.location, 'http://localhost:4000/signed-out')
    const after = await idMe.app.inject({ url: authorizeUrl(), headers: { cookie } })
    assert.equal(after.headers.location, PATHS.signIn)
  })
})

interface TokenRow {
  fact: string
  when: string
  change?: Record<string, string | undefined>
  headers?: Record<string, string>
  /** Changes of the authorization request. */
  ask?: Record<string, string | undefined>
  error: string
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
const wrong = randomBytes(16).toString('hex')
const withoutClient = { client_id: undefined, client_secret: undefined }

const tokenErrors: TokenRow[] = [
  ...['grant_type', 'code', 'redirect_uri', 'client_id'].map((name) => ({
    fact: '4 and 6',
    when: `${name} is missing`,
    change: { [name]: undefined },
    error: 'invalid_request',
  })),
  ...['password', 'client_credentials', 'AUTHORIZATION_CODE'].map((grant_type) => ({
    fact: '6',
    when: `grant_type is ${grant_type}`,
    change: { grant_type },
    error: 'invalid_request',
  })),
  {
    fact: '6',
    when: 'the client authenticates in two ways',
    headers: basic(AGENCY.client_id, AGENCY.client_secret),
    error: 'invalid_request',
  },
  {
    fact: '6',
    when: 'the client of the header is another than that of the body',
    change: { client_secret: undefined },
    headers: basic(VETERANS.client_id, VETERANS.client_secret),
    error: 'invalid_request',
  },
  {
    fact: '6',
    when: 'the secret is missing',
    change: { client_secret: undefined },
    error: 'invalid_client',
  },
  { fact: '6', when: 'the secret is wrong', change: { client_secret: wrong }, error: 'invalid_client' },
  {
    fact: '6',
    when: 'the secret is that of another client',
    change: { client_secret: VETERANS.client_secret },
    error: 'invalid_client',
  },
  { fact: '6', when: 'nobody knows the client', change: { client_id: wrong }, error: 'invalid_client' },
  { fact: '6', when: 'the client is not active', change: CLOSED, error: 'invalid_client' },
  {
    fact: '6: 400 for Basic too',
    when: 'Basic has a wrong secret',
    change: withoutClient,
    headers: basic(AGENCY.client_id, wrong),
    error: 'invalid_client',
  },
  {
    fact: '6',
    when: 'Basic is not base64',
    change: withoutClient,
    headers: { authorization: 'Basic %%%' },
    error: 'invalid_client',
  },
  {
    fact: '6',
    when: 'the header is Bearer',
    change: withoutClient,
    headers: { authorization: 'Bearer abc' },
    error: 'invalid_client',
  },
  { fact: '6', when: 'nobody gave out the code', change: { code: wrong }, error: 'invalid_grant' },
  {
    fact: '6',
    when: 'the code is that of another client',
    change: { ...VETERANS },
    error: 'invalid_grant',
  },
  {
    fact: '2 (RFC 7636 §4.6)',
    when: 'the verifier is missing',
    ask: pkce,
    error: 'invalid_grant',
  },
  {
    fact: '2 (RFC 7636 §4.6)',
    when: 'the verifier is another',
    ask: pkce,
    change: { code_verifier: 'a'.repeat(43) },
    error: 'invalid_grant',
  },
  {
    fact: '2 (RFC 9700 §2.1.1)',
    when: 'there is a verifier and was no challenge',
    change: { code_verifier: verifier },
    error: 'invalid_grant',
  },
  {
    fact: '6',
    when: 'redirect_uri is another',
    change: { redirect_uri: 'http://localhost:4000/signed-out' },
    error: 'invalid_redirect_uri',
  },
  {
    fact: '6',
    when: 'redirect_uri is not registered',
    change: { redirect_uri: 'http://localhost:4000/elsewhere' },
    error: 'invalid_redirect_uri',
  },
  {
    fact: '6',
    when: 'the client may not use refresh tokens',
    change: { ...SHOP, grant_type: 'refresh_token', refresh_token: wrong },
    error: 'unauthorized_client',
  },
  {
    fact: '6',
    when: 'there is no refresh token',
    change: { grant_type: 'refresh_token' },
    error: 'invalid_request',
  },
  {
    fact: '6',
    when: 'nobody gave out the refresh token',
    change: { grant_type: 'refresh_token', refresh_token: wrong },
    error: 'invalid_grant',
  },
]

describe('errors of the token endpoint have status 400, and cost the code nothing', () => {
  for (const { fact, when, change, headers, ask, error } of tokenErrors) {
    test(`${error} when ${when} [${fact}]`, async () => {
      const code = await codeFor(idMe, 'maria', authorizeUrl(ask))
      const refused = await postToken(idMe.app, tokenParameters(code, change), headers)
      assert.equal(refused.statusCode, 400)
      assert.equal(refused.json().error, error)
      assert.match(refused.json().error_description, /^[\w, ]+$/)
      assert.equal(refused.headers['cache-control'], 'no-store')
      met.token.add(error)
      const right = ask ? { code_verifier: verifier } : {}
      assert.equal((await postToken(idMe.app, tokenParameters(code, right))).statusCode, 200)
    })
  }

  test('invalid_request when the body is neither a form nor JSON, or a field is there twice [4]', async () => {
    const bodies = [
      ['application/json', '{"grant_type":'],
      ['application/json', '[]'],
      // Not to be taken for a request without PKCE.
      ['application/json', JSON.stringify({ ...tokenParameters('a code'), code_verifier: 1 })],
      ['application/xml', '<grant/>'],
      ['application/x-www-form-urlencoded', 'code=a&code=b'],
    ] as const
    for (const [type, payload] of bodies) {
      const answer = await idMe.app.inject({
        method: 'POST',
        url: '/oauth/token',
        headers: { 'content-type': type },
        payload,
      })
      assert.equal(answer.statusCode, 400, type)
      assert.equal(answer.json().error, 'invalid_request', type)
    }
  })

  test('invalid_resource_owner when the account is suspended, or gone [6]', async () => {
    const fresh = await startIdMe()
    const { id } = await fresh.accountOf('maria')
    const codes = [await codeFor(fresh), await codeFor(fresh)]
    await fresh.accounts.setSuspended(id, true)
    const suspended = await postToken(fresh.app, tokenParameters(codes[0]!))
    await fresh.accounts.remove(id)
    const gone = await postToken(fresh.app, tokenParameters(codes[1]!))
    for (const answer of [suspended, gone]) {
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.json().error, 'invalid_resource_owner')
      met.token.add('invalid_resource_owner')
    }
    await fresh.app.close()
  })

  test('invalid_scope when a refresh asks for more than was granted [6]', async () => {
    const { refresh_token = '' } = await tokensFor(idMe)
    const ask = (scope: string) =>
      postToken(idMe.app, { grant_type: 'refresh_token', refresh_token, ...AGENCY, scope })
    const refused = await ask('openid military')
    assert.equal(refused.statusCode, 400)
    assert.equal(refused.json().error, 'invalid_scope')
    met.token.add('invalid_scope')
    assert.equal((await ask(`openid ${IAL2}`)).statusCode, 200)
  })
})

describe('tokens (fact sheet 4)', () => {
  test('the answer has these fields, for a form and for JSON, client_secret_post and client_secret_basic', async () => {
    const { client_id: id, client_secret: secret } = AGENCY
    const json = async (parameters: Record<string, string>) =>
      idMe.app.inject({ method: 'POST', url: '/oauth/token', payload: parameters })
    const answers = [
      await postToken(idMe.app, tokenParameters(await codeFor(idMe))),
      await json(tokenParameters(await codeFor(idMe))),
      await postToken(idMe.app, tokenParameters(await codeFor(idMe), withoutClient), basic(id, secret)),
    ]
    for (const answer of answers) {
      assert.equal(answer.statusCode, 200, answer.body)
      const { access_token, refresh_token, id_token, ...rest } = answer.json()
      assert.match(access_token, HEX)
      assert.match(refresh_token, HEX)
      assert.equal(id_token.split('.').length, 3)
      assert.deepEqual(rest, {
        token_type: 'bearer',
        expires_in: 300,
        scope: `openid ${IAL2}`,
        refresh_expires_in: 604_800,
      })
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
  })

  test('without openid there is no id_token; who may not refresh gets no refresh token', async () => {
    const plain = await tokensFor(idMe, 'maria', authorizeUrl({ scope: IAL2 }))
    assert.deepEqual(Object.keys(plain).sort(), [
      'access_token',
      'expires_in',
      'refresh_expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ])
    const asked = { client_id: SHOP.client_id, redirect_uri: SHOP_URI, scope: 'military', ...pkce }
    const code = await codeFor(idMe, 'james', authorizeUrl(asked))
    const change = { ...SHOP, redirect_uri: SHOP_URI, code_verifier: verifier }
    const answer = await postToken(idMe.app, tokenParameters(code, change))
    assert.deepEqual(Object.keys(answer.json()).sort(), ['access_token', 'expires_in', 'scope', 'token_type'])
  })

  test('a code is good for five minutes, up to the last', async () => {
    const [early, late] = [await codeFor(idMe), await codeFor(idMe)]
    advanceClock(295_000)
    assert.equal((await postToken(idMe.app, tokenParameters(early))).statusCode, 200)
    advanceClock(5_000)
    assert.equal((await postToken(idMe.app, tokenParameters(late))).json().error, 'invalid_grant')
  })

  test('a second use of a code is refused and revokes all tokens issued from it', async () => {
    const code = await codeFor(idMe)
    const first = (await postToken(idMe.app, tokenParameters(code))).json()
    const renewed = (
      await postToken(idMe.app, {
        grant_type: 'refresh_token',
        refresh_token: first.refresh_token,
        ...AGENCY,
      })
    ).json()
    const second = await postToken(idMe.app, tokenParameters(code))
    assert.equal(second.statusCode, 400)
    assert.equal(second.json().error, 'invalid_grant')
    for (const { access_token, refresh_token } of [first, renewed]) {
      assert.equal((await userInfo(idMe.app, access_token)).statusCode, 401)
      const refresh = { grant_type: 'refresh_token', refresh_token, ...AGENCY }
      assert.equal((await postToken(idMe.app, refresh)).json().error, 'invalid_grant')
    }
  })

  test('of two that use a code at once at most one gets tokens, and those are revoked', async () => {
    const code = await codeFor(idMe)
    const answers = await Promise.all([1, 2].map(() => postToken(idMe.app, tokenParameters(code))))
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    assert.equal(won.length, 1)
    assert.equal((await userInfo(idMe.app, won[0]!.json().access_token)).statusCode, 401)
  })

  test('a grant that is revoked while its tokens are looked at spends none of them', async () => {
    const grants = sqlGrants(idMe.ground.database)
    const expiresAt = now() + 60_000
    const issued = (name: string) => ({
      access: { digest: `access ${name}`, expiresAt },
      refresh: { digest: `refresh ${name}`, expiresAt },
    })
    const { id: accountId } = await idMe.accountOf('maria')
    await grants.handOff(
      {
        accountId,
        clientId: AGENCY.client_id,
        redirectUri: REDIRECT_URI,
        scope: IAL2,
        policy: IAL2,
        attributes: ['uuid'],
        nonce: undefined,
        codeChallenge: undefined,
        multifactor: true,
        codeExpiresAt: expiresAt,
      },
      'a code',
    )
    assert.ok(await grants.redeem('a code', issued('one')))
    const grant = (await grants.findByCode('a code')) ?? assert.fail('the grant is gone')
    await grants.revoke(grant.id)
    assert.equal(await grants.useAccessToken('access one'), false)
    assert.equal(await grants.refresh(grant.id, 'refresh one', issued('two')), false)
    assert.equal(await grants.findByToken('access', 'access two'), undefined)
  })

  test('an access token is used once, by whichever endpoint', async () => {
    const paths = [
      '/api/public/v3/userinfo',
      '/api/public/v3/userinfo.json',
      '/api/public/v3/attributes.json',
      '/api/public/v2/attributes.json',
      '/api/public/v2/data.json',
    ]
    for (const path of paths) {
      const { access_token = '' } = await tokensFor(idMe)
      assert.equal((await userInfo(idMe.app, access_token, path)).statusCode, 200, path)
      for (const again of paths) {
        const refused = await userInfo(idMe.app, access_token, again)
        assert.equal(refused.statusCode, 401, `${path} ${again}`)
        assert.equal(refused.json().error, 'invalid_token')
        assert.match(String(refused.headers['www-authenticate']), /error="invalid_token"/)
      }
    }
  })

  test('of two that use an access token at once one gets an answer', async () => {
    const { access_token = '' } = await tokensFor(idMe)
    const answers = await Promise.all([1, 2].map(() => userInfo(idMe.app, access_token)))
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 401])
  })

  test('an access token is good for 300 seconds', async () => {
    const [early, late] = [await tokensFor(idMe), await tokensFor(idMe)]
    advanceClock(295_000)
    assert.equal((await userInfo(idMe.app, early.access_token ?? '')).statusCode, 200)
    advanceClock(5_000)
    assert.equal((await userInfo(idMe.app, late.access_token ?? '')).statusCode, 401)
  })

  test('a refresh token is good for seven days, once; a second use revokes what came of it (assumed)', async () => {
    const [{ refresh_token: early = '' }, { refresh_token: late = '' }] = [
      await tokensFor(idMe),
      await tokensFor(idMe),
    ]
    const refresh = (refresh_token: string) =>
      postToken(idMe.app, { grant_type: 'refresh_token', refresh_token, ...AGENCY })
    advanceClock(604_790_000)
    const renewed = await refresh(early)
    assert.equal(renewed.statusCode, 200)
    assert.ok(renewed.json().id_token)
    assert.equal((await refresh(early)).json().error, 'invalid_grant')
    assert.equal((await refresh(renewed.json().refresh_token)).json().error, 'invalid_grant')
    assert.equal((await userInfo(idMe.app, renewed.json().access_token)).statusCode, 401)
    advanceClock(10_000)
    assert.equal((await refresh(late)).json().error, 'invalid_grant')
  })

  test('of two that use a refresh token at once at most one gets tokens, and those are revoked (RFC 9700 §4.14.2)', async () => {
    const { refresh_token = '' } = await tokensFor(idMe)
    const refresh = () => postToken(idMe.app, { grant_type: 'refresh_token', refresh_token, ...AGENCY })
    const answers = await Promise.all([refresh(), refresh()])
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    assert.equal(won.length, 1)
    assert.equal((await userInfo(idMe.app, won[0]!.json().access_token)).statusCode, 401)
  })

  test('a refresh token is good for its own client alone', async () => {
    const { refresh_token = '' } = await tokensFor(idMe)
    const refresh = (client: typeof AGENCY) =>
      postToken(idMe.app, { grant_type: 'refresh_token', refresh_token, ...client })
    assert.equal((await refresh(VETERANS)).json().error, 'invalid_grant')
    assert.equal((await refresh(AGENCY)).statusCode, 200)
  })

  test('a client may have lifetimes of its own', async () => {
    const asked = { client_id: VETERANS.client_id, redirect_uri: VETERANS_URI }
    const change = { ...VETERANS, redirect_uri: VETERANS_URI }
    const code = await codeFor(idMe, 'maria', authorizeUrl(asked))
    const { expires_in, refresh_expires_in, access_token } = (
      await postToken(idMe.app, tokenParameters(code, change))
    ).json()
    assert.deepEqual([expires_in, refresh_expires_in], [30, 3_600])
    advanceClock(30_000)
    assert.equal((await userInfo(idMe.app, access_token)).statusCode, 401)
    const late = await codeFor(idMe, 'maria', authorizeUrl(asked))
    advanceClock(60_000)
    assert.equal((await postToken(idMe.app, tokenParameters(late, change))).json().error, 'invalid_grant')
  })

  test('the id_token is signed by a key of the set, and echoes the nonce (assumed)', async () => {
    const { id_token = '' } = await tokensFor(idMe, 'maria', authorizeUrl({ nonce: 'a nonce' }))
    const keys = createLocalJWKSet((await idMe.app.inject('/oidc/.well-known/jwks')).json())
    const { payload, protectedHeader } = await jwtVerify(id_token, keys, {
      issuer: `${ROOT}/oidc`,
      audience: AGENCY.client_id,
      algorithms: ['RS256'],
    })
    assert.ok(protectedHeader.kid)
    assert.equal(payload.nonce, 'a nonce')
    assert.equal(payload.exp! - payload.iat!, 18_000)
  })

  test('no code, token, secret or person is in a log line', async () => {
    const code = await codeFor(idMe)
    const { access_token } = (await postToken(idMe.app, tokenParameters(code))).json()
    await idMe.app.inject({ url: `/api/public/v3/attributes.json?access_token=${access_token}` })
    const lines = idMe.logLines.join('\n')
    for (const secret of [code, access_token, AGENCY.client_secret, 'Example', '987654325'])
      assert.ok(!lines.includes(secret))
  })
})

describe('the table of departures', () => {
  for (const { what, probe } of DEPARTURES) {
    if (!probe) continue
    test(`${probe.method} ${probe.path} is answered with ${probe.status}: ${what}`, async () => {
      const { method, path: url, status } = probe
      const answer = await idMe.app.inject({ method: method as 'GET' | 'POST', url })
      assert.equal(answer.statusCode, status)
    })
  }

  test('GET /about shows every row of it', async () => {
    const page = await idMe.app.inject({ url: '/about', headers: { accept: 'text/html' } })
    assert.equal(page.statusCode, 200)
    assert.equal([...page.body.matchAll(/<tr><td/g)].length, DEPARTURES.length)
  })
})

test('every error of the lists was met above (fact sheet 6)', () => {
  assert.deepEqual([...met.request].sort(), [...REQUEST_ERRORS].sort())
  assert.deepEqual([...met.token].sort(), [...TOKEN_ERRORS].sort())
})
