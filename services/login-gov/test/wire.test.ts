// Login.gov's wire, row by row: what is asked, what comes back, and the section of the fact sheet that says so.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { discoveryDocument } from '../src/openid-connect/discovery-routes.ts'
import { textOf } from './support/browser.ts'
import {
  AUTH_ONLY,
  authorizeUrl,
  CLIENT,
  INACTIVE,
  NONCE,
  OTHER_REDIRECT_URI,
  REDIRECT_URI,
  ROOT,
  SAME_AGENCY,
  STATE,
  startLoginGov,
} from './support/login-gov.ts'

let app: Awaited<ReturnType<typeof startLoginGov>>['app']
before(async () => {
  ;({ app } = await startLoginGov())
})
after(() => app.close())

const DOCS = 'Please see our documentation at https://developers.login.gov/support/'
const BLANK = 'Please fill in this field.'
const SHORT = 'is too short (minimum is 22 characters)'
const NOT_LISTED = 'is not included in the list'

describe('metadata (fact sheet 1)', () => {
  test('the discovery document has exactly these fields and may be kept for a week', async () => {
    const response = await app.inject('/.well-known/openid-configuration')
    assert.equal(response.headers['cache-control'], 'max-age=604800, public')
    assert.equal(response.headers.pragma, undefined)
    assert.deepEqual(Object.keys(response.json()).sort(), [
      'acr_values_supported',
      'authorization_endpoint',
      'claims_supported',
      'end_session_endpoint',
      'grant_types_supported',
      'id_token_signing_alg_values_supported',
      'issuer',
      'jwks_uri',
      'response_types_supported',
      'scopes_supported',
      'service_documentation',
      'subject_types_supported',
      'token_endpoint',
      'token_endpoint_auth_methods_supported',
      'token_endpoint_auth_signing_alg_values_supported',
      'userinfo_endpoint',
    ])
    const document = response.json<ReturnType<typeof discoveryDocument>>()
    assert.equal(document.issuer, `${ROOT}/`)
    assert.equal(document.token_endpoint, `${ROOT}/api/openid_connect/token`)
    assert.equal(document.end_session_endpoint, `${ROOT}/openid_connect/logout`)
    assert.equal(document.acr_values_supported.length, 18)
    assert.ok(!document.acr_values_supported.includes('http://idmanagement.gov/ns/assurance/aal/1'))
    assert.deepEqual(document.token_endpoint_auth_methods_supported, ['private_key_jwt'])
  })
})

test('the page for unknown addresses leads to the first page in its language, and can be referred to', async () => {
  for (const [url, link, word] of [
    ['/nowhere', 'href="/">Go to Login.gov<', 'Reference'],
    ['/es/nada', 'href="/es/">Ir a Login.gov<', 'Referencia'],
  ] as const) {
    const page = await app.inject({ method: 'GET', url })
    assert.ok(page.body.includes(link), url)
    assert.match(page.body, new RegExp(`${word}: <code>[0-9a-f-]{36}</code>`), url)
  }
  assert.equal((await app.inject({ method: 'GET', url: '/es/' })).statusCode, 200)
})

interface PageRow {
  fact: string
  when: string
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  url: string
  status: number
  location?: string
  header?: [string, string]
  title?: string
}

const pages: PageRow[] = [
  { fact: '1', when: 'an unknown path is asked for', url: '/nowhere', status: 404, title: 'Page not found' },
  {
    fact: '1',
    when: 'authorize is posted to',
    method: 'POST',
    url: '/openid_connect/authorize',
    status: 404,
    title: 'Page not found',
  },
  {
    fact: '1',
    when: 'userinfo is posted to',
    method: 'POST',
    url: '/api/openid_connect/userinfo',
    status: 404,
    title: 'Page not found',
  },
  {
    fact: '1',
    when: 'an API path has a language prefix',
    url: '/es/api/openid_connect/certs',
    status: 404,
    title: 'Página no encontrada',
  },
  {
    fact: '1',
    when: 'the Attempts API is off',
    url: '/.well-known/ssf-configuration',
    status: 404,
    title: 'Page not found',
  },
  {
    fact: '1',
    when: 'token answers OPTIONS',
    method: 'OPTIONS',
    url: '/api/openid_connect/token',
    status: 200,
  },
  {
    fact: '1',
    when: 'a page is asked for',
    url: '/',
    status: 200,
    header: ['cache-control', 'no-store'],
    title: 'Sign in',
  },
  {
    fact: '1',
    when: 'a page is asked for, old caches',
    url: '/',
    status: 200,
    header: ['pragma', 'no-cache'],
  },
  {
    fact: '1',
    when: 'a page is asked for in Spanish by its path',
    url: '/es',
    status: 200,
    title: 'Iniciar sesión',
  },
  {
    fact: '2.1',
    when: 'a page is asked for in Spanish by a parameter',
    url: '/?locale=es',
    status: 200,
    title: 'Iniciar sesión',
  },
  {
    fact: '1',
    when: 'a page is asked for in French, which has no texts',
    url: '/fr',
    status: 200,
    title: 'Sign in',
  },
  { fact: '6.1', when: 'the account is asked for by nobody', url: '/account', status: 302, location: '/' },
  {
    fact: '6.1',
    when: 'the code page is asked for by nobody',
    url: '/es/login/two_factor/sms',
    status: 302,
    location: '/es/',
  },
  {
    fact: '6.1 step 1',
    when: 'a valid request comes from nobody',
    url: authorizeUrl(),
    status: 302,
    location: '/',
  },
  {
    fact: '6.1 step 1',
    when: 'a valid request comes in Spanish',
    url: authorizeUrl({}, '/es'),
    status: 302,
    location: '/es/',
  },
  {
    fact: '2.6',
    when: 'the client is not active',
    url: authorizeUrl({
      client_id: INACTIVE,
      redirect_uri: 'http://localhost:4300/callback',
      acr_values: 'urn:acr.login.gov:auth-only',
    }),
    status: 302,
    location: '/errors/service_provider_inactive',
  },
  {
    fact: '2.6',
    when: 'the page about an inactive client is shown',
    url: '/errors/service_provider_inactive',
    status: 200,
    title: 'This service is not available',
  },
  {
    fact: '2.6',
    when: 'somebody goes back to a service that nobody came from',
    url: '/redirect/return_to_sp/cancel',
    status: 302,
    location: '/',
  },
]

describe('paths and pages', () => {
  for (const row of pages) {
    test(`${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await app.inject({ method: row.method ?? 'GET', url: row.url })
      assert.equal(response.statusCode, row.status)
      if (row.location) assert.equal(response.headers.location, row.location)
      if (row.header) assert.equal(response.headers[row.header[0]], row.header[1])
      if (row.title)
        assert.match(response.body, new RegExp(`<title>(Error: )?${row.title} \\| Login.gov</title>`))
    })
  }

  test('the language follows Accept-Language where nothing else says it (fact sheet 2.1)', async () => {
    const response = await app.inject({
      url: authorizeUrl(),
      headers: { 'accept-language': 'de, es-MX;q=0.8, en;q=0.5' },
    })
    assert.equal(response.headers.location, '/es/')
  })
})

interface AuthorizeRow {
  fact: string
  when: string
  with: Record<string, string | undefined>
  /** Messages that the redirect to the relying service carries. */
  errors: string[]
}

const NS = 'http://idmanagement.gov/ns/assurance'
const NO_AUTH = `Acr values The acr_values are not authorized. ${DOCS}#oidc-missing-acr-values`
const NO_ACR = `Acr values No acceptable acr_values found. ${DOCS}#oidc-no-acr-values`
const NO_SCOPE = `Scope No valid scope values found. ${DOCS}#oidc-no-scope`
const NO_PROMPT = `Prompt No valid prompt values found. ${DOCS}#oidc-no-prompt`
const authOnlyClient = { client_id: AUTH_ONLY, redirect_uri: 'http://localhost:4200/callback' }

const delivered: AuthorizeRow[] = [
  {
    fact: '2.1',
    when: 'acr_values is missing',
    with: { acr_values: undefined },
    errors: [`Acr values ${BLANK}`, NO_ACR],
  },
  {
    fact: '0',
    when: 'only vtr says the level',
    with: { acr_values: undefined, vtr: '["C1"]' },
    errors: [`Acr values ${BLANK}`, NO_ACR],
  },
  {
    fact: '2.3',
    when: 'acr_values has unknown values only',
    with: { acr_values: 'urn:acr.login.gov:nothing' },
    errors: [`Acr values ${BLANK}`, NO_ACR],
  },
  {
    fact: '2.3',
    when: 'acr_values has aal/1 only, which is dropped',
    with: { acr_values: `${NS}/aal/1` },
    errors: [`Acr values ${BLANK}`, NO_ACR],
  },
  {
    fact: '2.3',
    when: 'acr_values has no service level',
    with: { acr_values: `${NS}/aal/2` },
    errors: [`Acr values Missing a valid IAL level. ${DOCS}#oidc-missing-ial`],
  },
  {
    fact: '2.3',
    when: 'acr_values is the strict level alone',
    with: { acr_values: `${NS}/ial/2?strict=true` },
    errors: [`Acr values Missing a valid IAL level. ${DOCS}#oidc-missing-ial`],
  },
  {
    fact: '2.3',
    when: 'an IAL1 client asks for proofing',
    with: { ...authOnlyClient, acr_values: 'urn:acr.login.gov:verified' },
    errors: [NO_AUTH],
  },
  {
    fact: '2.3',
    when: 'an IAL1 client asks for proofing in the old words',
    with: { ...authOnlyClient, acr_values: `${NS}/loa/3` },
    errors: [NO_AUTH],
  },
  {
    fact: '2.3',
    when: 'a client that is not allow-listed asks for ialmax',
    with: { acr_values: `${NS}/ial/0` },
    errors: [NO_AUTH],
  },
  { fact: '2.1', when: 'scope is missing', with: { scope: undefined }, errors: [`Scope ${BLANK}`, NO_SCOPE] },
  {
    fact: '2.2',
    when: 'every scope is above the level asked for',
    with: { acr_values: 'urn:acr.login.gov:auth-only', scope: 'profile address' },
    errors: [`Scope ${BLANK}`, NO_SCOPE],
  },
  {
    fact: '2.1',
    when: 'state is missing',
    with: { state: undefined },
    errors: [`State ${BLANK}`, `State ${SHORT}`],
  },
  {
    fact: '2.1',
    when: 'state has 21 characters',
    with: { state: 'a'.repeat(21) },
    errors: [`State ${SHORT}`],
  },
  {
    fact: '2.1',
    when: 'nonce is missing',
    with: { nonce: undefined },
    errors: [`Nonce ${BLANK}`, `Nonce ${SHORT}`],
  },
  {
    fact: '2.1',
    when: 'nonce has 21 characters',
    with: { nonce: 'a'.repeat(21) },
    errors: [`Nonce ${SHORT}`],
  },
  {
    fact: '2.1',
    when: 'response_type is token',
    with: { response_type: 'token' },
    errors: [`Response type ${NOT_LISTED}`],
  },
  {
    fact: '2.1',
    when: 'response_type is missing',
    with: { response_type: undefined },
    errors: [`Response type ${NOT_LISTED}`],
  },
  {
    fact: '2.4',
    when: 'prompt is none',
    with: { prompt: 'none' },
    errors: [`Prompt ${NOT_LISTED}`, NO_PROMPT],
  },
  {
    fact: '2.4',
    when: 'prompt is empty',
    with: { prompt: '' },
    errors: [`Prompt ${BLANK}`, `Prompt ${NOT_LISTED}`, NO_PROMPT],
  },
  {
    fact: '2.4',
    when: 'prompt is create and nobody is allow-listed',
    with: { prompt: 'create' },
    errors: [NO_PROMPT],
  },
  {
    fact: '2.4',
    when: 'prompt is login and the client may not',
    with: { ...authOnlyClient, acr_values: 'urn:acr.login.gov:auth-only', prompt: 'login' },
    errors: [NO_PROMPT],
  },
  {
    fact: '2.1',
    when: 'code_challenge_method is plain',
    with: { code_challenge: 'abc', code_challenge_method: 'plain' },
    errors: [`Code challenge method ${NOT_LISTED}`],
  },
  {
    fact: '2.1',
    when: 'code_challenge is there but empty, without a method',
    with: { code_challenge: '' },
    errors: [`Code challenge method ${NOT_LISTED}`],
  },
  {
    fact: '2.6',
    when: 'several things are wrong, in the order of the rules',
    with: { acr_values: undefined, state: undefined, response_type: 'token' },
    errors: [
      `Acr values ${BLANK}`,
      `State ${BLANK}`,
      `State ${SHORT}`,
      `Response type ${NOT_LISTED}`,
      NO_ACR,
    ],
  },
]

describe('authorization errors that go back to the relying service', () => {
  for (const row of delivered) {
    test(`${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await app.inject(authorizeUrl(row.with))
      assert.equal(response.statusCode, 302)
      const location = new URL(String(response.headers.location))
      assert.equal(location.origin + location.pathname, row.with.redirect_uri ?? REDIRECT_URI)
      assert.equal(location.searchParams.get('error'), 'invalid_request')
      assert.equal(location.searchParams.get('error_description'), row.errors.join(' '))
      assert.equal(location.searchParams.get('state'), 'state' in row.with ? (row.with.state ?? '') : STATE)
    })
  }

  test('the query is in alphabetical order with + for spaces, and what the URI has is kept (fact sheet 2.6)', async () => {
    const response = await app.inject(
      authorizeUrl({
        client_id: SAME_AGENCY,
        redirect_uri: OTHER_REDIRECT_URI,
        state: undefined,
        prompt: 'create',
      }),
    )
    const description = [`State ${BLANK}`, `State ${SHORT}`, NO_PROMPT].join(' ')
    const encoded = encodeURIComponent(description).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    )
    assert.equal(
      response.headers.location,
      `http://localhost:4100/callback?error=invalid_request&error_description=${encoded.replaceAll('%20', '+')}&state=&tenant=a`,
    )
  })

  test('descriptions are in the language of the request (fact sheet 2.6)', async () => {
    const response = await app.inject(authorizeUrl({ response_type: 'token' }, '/es'))
    const location = new URL(String(response.headers.location))
    assert.equal(location.searchParams.get('error_description'), 'Response type no está incluido en la lista')
  })
})

const NO_MATCH = `Redirect uri redirect_uri does not match registered redirect_uri. ${DOCS}#oidc-redirect-match`
const NO_URI = `Redirect uri redirect_uri is invalid. ${DOCS}#oidc-invalid-redirect`

const listed: AuthorizeRow[] = [
  {
    fact: '2.6',
    when: 'the client is unknown',
    with: { client_id: 'urn:nobody' },
    errors: [`Client Bad client_id. ${DOCS}#bad-client-id`, NO_AUTH],
  },
  {
    fact: '2.6',
    when: 'client_id is missing',
    with: { client_id: undefined },
    errors: [`Client ${BLANK}`, `Client Bad client_id. ${DOCS}#bad-client-id`, NO_AUTH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri is not registered',
    with: { redirect_uri: 'http://localhost:4000/elsewhere' },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri has a slash more',
    with: { redirect_uri: `${REDIRECT_URI}/` },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri has a query more',
    with: { redirect_uri: `${REDIRECT_URI}?a=b` },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri has a fragment more',
    with: { redirect_uri: `${REDIRECT_URI}#a` },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri has a path that only a browser takes for the same',
    with: { redirect_uri: 'http://localhost:4000/x/../federation/login-gov/callback' },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri has a user name that hides the host',
    with: { redirect_uri: REDIRECT_URI.replace('localhost', 'localhost@evil.example') },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri is on another port',
    with: { redirect_uri: REDIRECT_URI.replace('4000', '4009') },
    errors: [NO_MATCH],
  },
  {
    fact: '2.5',
    when: 'redirect_uri differs in the case of its path',
    with: { redirect_uri: REDIRECT_URI.replace('federation', 'Federation') },
    errors: [NO_MATCH],
  },
  {
    fact: '2.6',
    when: 'redirect_uri is no URI',
    with: { redirect_uri: 'http://local host/' },
    errors: [NO_URI],
  },
  {
    fact: '2.6',
    when: 'redirect_uri is missing',
    with: { redirect_uri: undefined },
    errors: [NO_URI, `Redirect uri ${BLANK}`],
  },
  {
    fact: '2.6',
    when: 'redirect_uri is wrong and so is the rest',
    with: { redirect_uri: 'http://evil.example/', nonce: undefined },
    errors: [NO_MATCH, `Nonce ${BLANK}`, `Nonce ${SHORT}`],
  },
]

describe('authorization errors that only the person sees', () => {
  for (const row of listed) {
    test(`${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await app.inject(authorizeUrl(row.with))
      assert.equal(response.statusCode, 200)
      assert.equal(response.headers.location, undefined)
      assert.match(response.body, /<title>OpenID Connect Authorization \|/)
      const items = [...response.body.matchAll(/<li>([^<]*(?!<a))<\/li>/g)].map(([, text]) =>
        textOf({ body: text } as never),
      )
      assert.deepEqual(items, row.errors)
    })
  }
})

describe('requests that pass', () => {
  const passing: { fact: string; when: string; with: Record<string, string | undefined> }[] = [
    { fact: '2.1', when: 'openid is not among the scopes', with: { scope: 'email' } },
    {
      fact: '2.1',
      when: 'unknown scopes and levels are there too',
      with: { scope: 'email groups', acr_values: 'urn:acr.login.gov:auth-only urn:made-up' },
    },
    {
      fact: '2.2',
      when: 'scopes of a proofed identity are asked for without one',
      with: { scope: 'email profile', acr_values: 'urn:acr.login.gov:auth-only' },
    },
    { fact: '2.3', when: 'the level is said in the old words', with: { acr_values: `${NS}/loa/1` } },
    {
      fact: '2.3',
      when: 'levels of both kinds are mixed',
      with: { acr_values: `${NS}/ial/2 ${NS}/aal/2?phishing_resistant=true` },
    },
    { fact: '2.3', when: 'a face match is preferred', with: { acr_values: `${NS}/ial/2?bio=preferred` } },
    {
      fact: '2.3',
      when: 'an IAL1 client mixes auth-only with an old IAL2 and is judged by the URN',
      with: { ...authOnlyClient, acr_values: `urn:acr.login.gov:auth-only ${NS}/ial/2` },
    },
    { fact: '2.4', when: 'prompt is login and the client may', with: { prompt: 'login' } },
    {
      fact: '2.1',
      when: 'parameters that nobody reads are there',
      with: { max_age: '0', login_hint: 'a@example.com', response_mode: 'fragment', verified_within: '1d' },
    },
    {
      fact: '2.1',
      when: 'state and nonce have 22 characters',
      with: { state: 'a'.repeat(22), nonce: NONCE.slice(0, 22) },
    },
    {
      fact: '2.5',
      when: 'redirect_uri differs in the case of scheme and host',
      with: { redirect_uri: REDIRECT_URI.replace('http://localhost', 'HTTP://LocalHost') },
    },
    {
      fact: '2.5',
      when: "redirect_uri has an app's own scheme",
      with: {
        ...authOnlyClient,
        redirect_uri: 'gov.gsa.app://result',
        acr_values: 'urn:acr.login.gov:auth-only',
      },
    },
  ]
  for (const row of passing) {
    test(`${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await app.inject(authorizeUrl(row.with))
      assert.equal(response.statusCode, 302)
      assert.equal(response.headers.location, '/')
      const cookies = Object.fromEntries(response.cookies.map((cookie) => [cookie.name, cookie]))
      assert.equal(cookies.sp_issuer?.value, row.with.client_id ?? CLIENT)
      assert.equal(cookies._identity_idp_session?.httpOnly, true)
      assert.equal(cookies._identity_idp_session?.sameSite, 'Lax')
      assert.ok((cookies._identity_idp_session?.value.length ?? 0) >= 43)
    })
  }
})

interface LogoutRow {
  fact: string
  when: string
  with: Record<string, string>
  errors: string[]
}

const logoutErrors: LogoutRow[] = [
  {
    fact: '5',
    when: 'neither client_id nor id_token_hint is given',
    with: { post_logout_redirect_uri: REDIRECT_URI },
    errors: [
      'This application is misconfigured and must send either client_id or id_token_hint. Please see our documentation at https://developers.login.gov/oidc/logout/',
      'Id token hint id_token_hint was not recognized',
    ],
  },
  {
    fact: '5',
    when: 'id_token_hint is none of ours',
    with: { id_token_hint: 'a.b.c', post_logout_redirect_uri: REDIRECT_URI },
    errors: ['Id token hint id_token_hint was not recognized'],
  },
  {
    fact: '5',
    when: 'the client is unknown',
    with: { client_id: 'urn:nobody', post_logout_redirect_uri: REDIRECT_URI },
    errors: [`Client client_id was not recognized. ${DOCS}#client-id-not-recognized`],
  },
  {
    fact: '5',
    when: 'the URI is not registered',
    with: { client_id: CLIENT, post_logout_redirect_uri: 'http://evil.example/' },
    errors: [NO_MATCH],
  },
  {
    fact: '5',
    when: 'the URI is missing',
    with: { client_id: CLIENT },
    errors: [NO_URI, `Post logout redirect uri ${BLANK}`],
  },
  {
    fact: '5',
    when: 'state has 21 characters',
    with: { client_id: CLIENT, post_logout_redirect_uri: REDIRECT_URI, state: 'a'.repeat(21) },
    errors: [`State ${SHORT}`],
  },
]

describe('logout (fact sheet 5)', () => {
  for (const row of logoutErrors) {
    test(`${row.when}: a page, never a redirect`, async () => {
      const response = await app.inject(`/openid_connect/logout?${new URLSearchParams(row.with)}`)
      assert.equal(response.statusCode, 200)
      assert.match(response.body, /<title>OpenID Connect Logout \|/)
      const items = [...response.body.matchAll(/<li>([^<]*)<\/li>/g)].map(([, text]) =>
        textOf({ body: text } as never),
      )
      assert.deepEqual(items, row.errors)
    })
  }

  test('with nobody signed in the person goes straight back, with state if there is one', async () => {
    const base = { client_id: CLIENT, post_logout_redirect_uri: 'http://localhost:4000/signed-out' }
    const plain = await app.inject(`/openid_connect/logout?${new URLSearchParams(base)}`)
    assert.equal(plain.headers.location, 'http://localhost:4000/signed-out')
    const stated = await app.inject(
      `/openid_connect/logout?${new URLSearchParams({ ...base, state: STATE })}`,
    )
    assert.equal(stated.headers.location, `http://localhost:4000/signed-out?state=${STATE}`)
  })

  test('a POST is turned into a GET with the four parameters, no CSRF token needed', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/openid_connect/logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        client_id: CLIENT,
        post_logout_redirect_uri: REDIRECT_URI,
        state: STATE,
        more: 'x',
      }).toString(),
    })
    assert.equal(response.statusCode, 302)
    assert.equal(
      response.headers.location,
      `/openid_connect/logout?${new URLSearchParams({ client_id: CLIENT, post_logout_redirect_uri: REDIRECT_URI, state: STATE })}`,
    )
  })

  test('a DELETE while nobody is signed in leads to the sign-in page', async () => {
    const response = await app.inject({ method: 'DELETE', url: '/openid_connect/logout' })
    assert.equal(response.headers.location, '/')
  })
})

interface UserInfoRow {
  when: string
  authorization?: string
  error: string
}

const userInfoErrors: UserInfoRow[] = [
  { when: 'no header', error: `No Authorization header provided. ${DOCS}#no-auth-header` },
  {
    when: 'another scheme',
    authorization: 'Basic YTpi',
    error: `Malformed Authorization header. ${DOCS}#malformed-auth-header`,
  },
  {
    when: 'the scheme in lower case',
    authorization: 'bearer abc',
    error: `Malformed Authorization header. ${DOCS}#malformed-auth-header`,
  },
  {
    when: 'an empty token',
    authorization: 'Bearer ',
    error: `Malformed Authorization header. ${DOCS}#malformed-auth-header`,
  },
  {
    when: 'an unknown token',
    authorization: 'Bearer abcdefghijklmnopqrstuv',
    error: `Could not find authorization for the contents of the provided access_token or it may have expired. ${DOCS}#auth-header-contents-not-found`,
  },
]

describe('userinfo errors (fact sheet 4)', () => {
  for (const row of userInfoErrors) {
    test(`${row.when} is a 401 with its own words and no challenge`, async () => {
      const response = await app.inject({
        url: '/api/openid_connect/userinfo',
        headers: row.authorization === undefined ? {} : { authorization: row.authorization },
      })
      assert.equal(response.statusCode, 401)
      assert.deepEqual(response.json(), { error: row.error })
      assert.equal(response.headers['www-authenticate'], undefined)
      assert.equal(response.headers['cache-control'], 'no-store')
      assert.equal(response.headers.pragma, 'no-cache')
    })
  }
})
