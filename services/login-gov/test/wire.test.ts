// Login.gov's wire, row by row: what is asked, what comes back, and the section of the fact sheet that says so. The rows
// are in `wire/`; this file sends them.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import {
  ASSERTION_TEXTS,
  PARAMETER_TEXTS,
  TOKEN_TEXTS,
  USERINFO_TEXTS,
} from '../src/openid-connect/messages.ts'
import {
  ASSERTION_TYPE,
  assertion,
  authorizeUrl,
  CLIENT,
  clientKeys,
  OTHER_REDIRECT_URI,
  REDIRECT_URI,
  ROOT,
  redeem,
  SAME_AGENCY,
  STATE,
  startLoginGov,
} from './support/login-gov.ts'
import { codeFrom, type LoginGov, signedIn, UNHURRIED } from './support/signed-in.ts'
import { type AuthorizeRow, delivered, listed, passing } from './wire/authorize.ts'
import { logoutRows, userInfoRows } from './wire/logout-and-userinfo.ts'
import { paths } from './wire/paths.ts'
import { ACR, NS } from './wire/row.ts'
import { goodTokenRows, type TokenRow, tokenRows, VERIFIER } from './wire/token.ts'

const STRICT = {
  UNAUTHORIZED_SCOPE_ENABLED: 'true',
  FACIAL_MATCH_AVAILABLE: 'false',
  REJECT_ID_TOKEN_HINT_IN_LOGOUT: 'true',
}

let usual: LoginGov
let strict: LoginGov
before(async () => {
  usual = await startLoginGov(UNHURRIED)
  strict = await startLoginGov({ ...STRICT, ...UNHURRIED })
})
after(async () => {
  await usual.app.close()
  await strict.app.close()
})

/** Every text that some row has met, for the last test. */
const met: string[] = []
const idpFor = (row: { strict?: true }) => (row.strict ? strict : usual)

describe('metadata (fact sheet 1)', () => {
  test('the discovery document has exactly these fields with these values', async () => {
    const document = (await usual.app.inject('/.well-known/openid-configuration')).json()
    assert.deepEqual(document, {
      acr_values_supported: [
        `${NS}/aal/2`,
        `${NS}/aal/2?hspd12=true`,
        `${NS}/aal/2?phishing_resistant=true`,
        `${NS}/aal/3`,
        `${NS}/aal/3?hspd12=true`,
        `${NS}/ial/0`,
        `${NS}/ial/1`,
        `${NS}/ial/2`,
        `${NS}/ial/2?bio=preferred`,
        `${NS}/ial/2?bio=required`,
        `${NS}/ial/2?strict=true`,
        `${NS}/loa/1`,
        `${NS}/loa/3`,
        `${ACR}:auth-only`,
        `${ACR}:verified`,
        `${ACR}:verified-facial-match-preferred`,
        `${ACR}:verified-facial-match-required`,
        'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
      ],
      authorization_endpoint: `${ROOT}/openid_connect/authorize`,
      claims_supported: [
        'auth_time',
        'iss',
        'sub',
        'email',
        'email_verified',
        'all_emails',
        'locale',
        'address',
        'phone',
        'phone_verified',
        'given_name',
        'family_name',
        'birthdate',
        'verified_at',
        'social_security_number',
        'x509_subject',
        'x509_presented',
        'x509_issuer',
      ],
      end_session_endpoint: `${ROOT}/openid_connect/logout`,
      grant_types_supported: ['authorization_code'],
      id_token_signing_alg_values_supported: ['RS256'],
      issuer: `${ROOT}/`,
      jwks_uri: `${ROOT}/api/openid_connect/certs`,
      response_types_supported: ['code'],
      scopes_supported: [
        'email',
        'all_emails',
        'locale',
        'openid',
        'profile:verified_at',
        'x509',
        'x509:subject',
        'x509:issuer',
        'x509:presented',
        'address',
        'phone',
        'profile',
        'profile:name',
        'profile:birthdate',
        'social_security_number',
      ],
      service_documentation: 'https://developers.login.gov/',
      subject_types_supported: ['pairwise'],
      token_endpoint: `${ROOT}/api/openid_connect/token`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256'],
      userinfo_endpoint: `${ROOT}/api/openid_connect/userinfo`,
    })
  })

  test('the page for unknown addresses leads to the first page in its language, and can be referred to', async () => {
    for (const [url, link, word] of [
      ['/nowhere', 'href="/">Go to Login.gov<', 'Reference'],
      ['/es/nada', 'href="/es/">Ir a Login.gov<', 'Referencia'],
    ] as const) {
      const page = await usual.app.inject({ method: 'GET', url })
      assert.ok(page.body.includes(link), url)
      assert.match(page.body, new RegExp(`${word}: <code>[0-9a-f-]{36}</code>`), url)
    }
  })
})

describe('paths and pages', () => {
  for (const row of paths) {
    test(`${row.when} (fact sheet ${row.fact}): ${row.method ?? 'GET'} ${row.url.split('?')[0]}`, async () => {
      const response = await usual.app.inject({ method: row.method ?? 'GET', url: row.url })
      assert.equal(response.statusCode, row.status)
      if (row.location) assert.equal(response.headers.location, row.location)
      for (const [name, value] of Object.entries(row.headers ?? {}))
        assert.equal(response.headers[name], value, name)
      if (row.title)
        assert.match(response.body, new RegExp(`<title>(Error: )?${row.title} \\| Login.gov</title>`))
    })
  }

  test('the language follows Accept-Language where nothing else says it (fact sheet 2.1)', async () => {
    const response = await usual.app.inject({
      url: authorizeUrl(),
      headers: { 'accept-language': 'de, es-MX;q=0.8, en;q=0.5' },
    })
    assert.equal(response.headers.location, '/es/')
  })
})

const itemsOf = (body: string) =>
  [...body.matchAll(/<li>([^<]*(?!<a))<\/li>/g)].map(([, text]) => textOf({ body: text } as never))

describe('authorization errors that go back to the relying service', () => {
  const send = (row: AuthorizeRow) => idpFor(row).app.inject(authorizeUrl(row.with, row.prefix))

  for (const row of delivered) {
    test(`${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await send(row)
      assert.equal(response.statusCode, 302)
      const location = new URL(String(response.headers.location))
      assert.equal(location.origin + location.pathname, row.with.redirect_uri ?? REDIRECT_URI)
      assert.deepEqual([...location.searchParams.keys()], ['error', 'error_description', 'state'])
      assert.equal(location.searchParams.get('error'), 'invalid_request')
      assert.equal(location.searchParams.get('error_description'), row.errors.join(' '))
      assert.equal(location.searchParams.get('state'), 'state' in row.with ? (row.with.state ?? '') : STATE)
      met.push(...row.errors)
    })
  }

  test('the query is in alphabetical order with + for spaces, and what the URI has is kept (fact sheet 2.6)', async () => {
    const response = await usual.app.inject(
      authorizeUrl({
        client_id: SAME_AGENCY,
        redirect_uri: OTHER_REDIRECT_URI,
        response_type: 'x y',
        prompt: 'create',
      }),
    )
    assert.equal(
      response.headers.location,
      `http://localhost:4100/callback?error=invalid_request&error_description=${[
        'Response+type+is+not+included+in+the+list',
        'Prompt+No+valid+prompt+values+found.+Please+see+our+documentation+at+https%3A%2F%2Fdevelopers.login.gov%2Fsupport%2F%23oidc-no-prompt',
      ].join('+')}&state=${STATE}&tenant=a`,
    )
  })

  test('errors are told at once to somebody who is signed in, too, and leave the session alone (fact sheet 2.6)', async () => {
    const browser = await signedIn(usual)
    await browser.get(authorizeUrl({ scope: undefined }))
    assert.match(String(browser.last.headers.location), /^http:\/\/localhost:4000\/.*error=invalid_request/)
    assert.ok(await codeFrom(browser))
  })

  for (const row of listed) {
    test(`only the person sees it: ${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await send(row)
      assert.equal(response.statusCode, 200)
      assert.equal(response.headers.location, undefined)
      assert.match(response.body, /<title>OpenID Connect Authorization \|/)
      assert.deepEqual(itemsOf(response.body), row.errors)
      met.push(...row.errors)
    })
  }

  for (const row of passing) {
    test(`no error: ${row.when} (fact sheet ${row.fact})`, async () => {
      const response = await send(row)
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

describe('the token endpoint', () => {
  async function exchange(row: TokenRow) {
    const code = await codeFrom(await signedIn(usual), authorizeUrl(row.from))
    advanceClock(row.after ?? 0)
    const sent = { grant_type: 'authorization_code', code, ...(await row.send()) }
    const given = Object.entries(sent).filter((pair): pair is [string, string] => pair[1] !== undefined)
    return { code, response: await redeem(usual.app, Object.fromEntries(given)) }
  }

  for (const row of tokenRows) {
    test(`${row.when}: 400, and the code stays as good as it was (fact sheet ${row.fact})`, async () => {
      const { code, response } = await exchange(row)
      assert.equal(response.statusCode, 400)
      assert.deepEqual(response.json(), { error: row.errors.join(' ') })
      met.push(...row.errors)
      if (row.after || (row.from && !row.from.code_challenge)) return
      const clientId = row.from?.client_id ?? CLIENT
      const good: Record<string, string> = row.from
        ? { code_verifier: VERIFIER }
        : {
            client_assertion_type: ASSERTION_TYPE,
            client_assertion: await assertion({}, clientKeys.privateKey, clientId),
          }
      const again = await redeem(usual.app, { grant_type: 'authorization_code', code, ...good })
      assert.equal(again.statusCode, 200, again.body)
    })
  }

  for (const row of goodTokenRows) {
    test(`an exchange succeeds: ${row.when} (fact sheet ${row.fact})`, async () => {
      const { response } = await exchange(row)
      assert.equal(response.statusCode, 200, response.body)
    })
  }
})

describe('userinfo', () => {
  for (const row of userInfoRows) {
    test(`${row.when}: 401 with its own words and no challenge (fact sheet ${row.fact})`, async () => {
      const response = await usual.app.inject({
        url: '/api/openid_connect/userinfo',
        headers: row.authorization === undefined ? {} : { authorization: row.authorization },
      })
      assert.equal(response.statusCode, 401)
      assert.deepEqual(response.json(), { error: row.error })
      assert.equal(response.headers['www-authenticate'], undefined)
      met.push(row.error)
    })
  }
})

describe('logout', () => {
  for (const row of logoutRows) {
    test(`${row.when}: a page, never a redirect (fact sheet ${row.fact})`, async () => {
      const { app } = idpFor(row)
      const response = await app.inject(
        `${row.prefix ?? ''}/openid_connect/logout?${new URLSearchParams(row.with)}`,
      )
      assert.equal(response.statusCode, 200)
      assert.match(response.body, /<title>OpenID Connect Logout \|/)
      assert.deepEqual(itemsOf(response.body), row.errors)
      met.push(...row.errors)
    })
  }

  test('an error leaves the session alone (fact sheet 5)', async () => {
    const browser = await signedIn(usual)
    await browser.get('/openid_connect/logout?client_id=urn:nobody')
    assert.ok(await codeFrom(browser))
  })

  const known = { client_id: CLIENT, post_logout_redirect_uri: 'http://localhost:4000/signed-out' }

  test('with nobody signed in the person goes straight back, with state if there is one (fact sheet 5)', async () => {
    const plain = await usual.app.inject(`/openid_connect/logout?${new URLSearchParams(known)}`)
    assert.equal(plain.headers.location, 'http://localhost:4000/signed-out')
    const stated = await usual.app.inject(
      `/openid_connect/logout?${new URLSearchParams({ ...known, state: STATE })}`,
    )
    assert.equal(stated.headers.location, `http://localhost:4000/signed-out?state=${STATE}`)
  })

  test('client_id alone does where hints are refused (fact sheet 5)', async () => {
    const response = await strict.app.inject(`/openid_connect/logout?${new URLSearchParams(known)}`)
    assert.equal(response.headers.location, 'http://localhost:4000/signed-out')
  })

  test('a POST is turned into a GET with the four parameters, no CSRF token needed (fact sheet 5)', async () => {
    const wanted = { client_id: CLIENT, post_logout_redirect_uri: REDIRECT_URI, state: STATE }
    const response = await usual.app.inject({
      method: 'POST',
      url: '/openid_connect/logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ ...wanted, more: 'x' }).toString(),
    })
    assert.equal(response.statusCode, 302)
    assert.equal(response.headers.location, `/openid_connect/logout?${new URLSearchParams(wanted)}`)
  })

  test('a DELETE while nobody is signed in leads to the sign-in page (fact sheet 5)', async () => {
    const response = await usual.app.inject({ method: 'DELETE', url: '/openid_connect/logout' })
    assert.equal(response.headers.location, '/')
  })
})

test('the table has more than 120 rows, and every text of the wire has come up in one', () => {
  const tables = [paths, delivered, listed, passing, tokenRows, goodTokenRows, userInfoRows, logoutRows]
  assert.ok(tables.flat().length > 120)
  for (const row of tables.flat()) assert.ok(row.fact && row.when)
  const all = met.join('\n')
  const texts = { ...PARAMETER_TEXTS.en, ...TOKEN_TEXTS, ...ASSERTION_TEXTS, ...USERINFO_TEXTS }
  const missing = Object.entries(texts).filter(([, text]) => !all.includes(text))
  assert.deepEqual(missing, [])
  for (const words of ['Invalid audience claim', 'Invalid issuer', 'Invalid subject']) {
    assert.ok(all.includes(words), words)
  }
})
