// Whatever is sent to the endpoints: never a failure of ours, never a stack trace or a path of a file in an answer
// (OWASP ASVS 16.5.1).

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { type JWTPayload, SignJWT } from 'jose'
import {
  ASSERTION_TYPE,
  assertion,
  authorizeUrl,
  CLIENT,
  clientKeys,
  OPERATOR_TOKEN,
  REDIRECT_URI,
  redeem,
  secondClientKeys,
  startLoginGov,
  tokenParameters,
} from './support/login-gov.ts'
import { codeFrom, type LoginGov, signedIn, UNHURRIED } from './support/signed-in.ts'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov(UNHURRIED)
})
after(() => idp.app.close())

const RUNS = { numRuns: 200, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false }
const TRACE = /\n\s+at |node:internal|node_modules|file:\/\/|\.ts:\d|sqlite|SELECT |stack"/i

interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS' | 'HEAD'
  url: string
  headers?: Record<string, string>
  payload?: string
}

async function check(request: Request) {
  const response = await idp.app.inject(request)
  assert.ok(
    response.statusCode < 500,
    `${response.statusCode} for ${JSON.stringify(request)}: ${idp.logLines.at(-2)}`,
  )
  assert.doesNotMatch(response.body, TRACE)
  assert.doesNotMatch(JSON.stringify(response.headers), TRACE)
  return response
}

/** Texts that a parser might stumble over, beside any others. */
const nasty = fc.constantFrom(
  '',
  ' ',
  '\0',
  '%',
  '%00',
  '%zz',
  "' or 1=1 --",
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  '\r\nset-cookie: a=b',
  '\ud800',
  '𝕏'.repeat(50),
  'a'.repeat(3_000),
  '{"a":1}',
  '../../etc/passwd',
  'http://[',
  'javascript:alert(1)',
  'null',
  'undefined',
  '[object Object]',
)
const text = fc.oneof(nasty, fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }))
/** A text, or one that is right. */
const oftenRight = (right: string) => fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, text)
const queryOf = (fields: Record<string, unknown>) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) query.append(name, String(one))
  }
  return query.toString()
}
/** Values that a header can carry. */
const headerText = text.map((value) => value.replace(/[^\t\x20-\x7e]/g, '?'))
const headers = fc.record(
  {
    'accept-language': headerText,
    accept: fc.constantFrom('text/html', '*/*', 'application/json', ''),
    cookie: headerText.map((value) => `_identity_idp_session=${value}; sp_issuer=${value}`),
    origin: headerText,
    'access-control-request-method': headerText,
    'x-forwarded-host': headerText,
    'x-http-method-override': headerText,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>

describe('no input makes a failure of ours (OWASP ASVS 16.5.1)', () => {
  test('parameters and headers at authorize, signed in or not', async () => {
    const browser = await signedIn(idp)
    const session = `_identity_idp_session=${browser.cookies.get('_identity_idp_session')}`
    const parameters = fc.record(
      {
        client_id: oftenRight(CLIENT),
        redirect_uri: oftenRight(REDIRECT_URI),
        response_type: oftenRight('code'),
        acr_values: oftenRight('urn:acr.login.gov:verified'),
        scope: oftenRight('openid email'),
        state: oftenRight('a'.repeat(22)),
        nonce: oftenRight('a'.repeat(22)),
        prompt: fc.oneof(fc.constantFrom('login', 'create', 'select_account'), text),
        code_challenge: text,
        code_challenge_method: oftenRight('S256'),
        verified_within: fc.oneof(
          text,
          fc.nat().map((days) => `${days}d`),
        ),
        locale: text,
        vtr: text,
      },
      { requiredKeys: [] },
    )
    const prefix = fc.constantFrom('', '/en', '/es', '/fr', '/zh', '/xx')
    await fc.assert(
      fc.asyncProperty(parameters, headers, prefix, fc.boolean(), async (given, sent, base, isSignedIn) => {
        const all = isSignedIn ? { ...sent, cookie: session } : sent
        // That would sign the person out for all that follow.
        if (isSignedIn && given.prompt === 'login') given.prompt = 'select_account'
        await check({
          method: 'GET',
          url: `${base}/openid_connect/authorize?${queryOf(given)}`,
          headers: all,
        })
      }),
      RUNS,
    )
  })

  test('queries of any bytes', async () => {
    const raw = fc.string({ maxLength: 80 }).map((query) => query.replace(/[\s#]/g, '+'))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '/openid_connect/authorize',
          '/openid_connect/logout',
          '/api/openid_connect/userinfo',
          '/api/openid_connect/certs',
          '/.well-known/openid-configuration',
          '/bounced',
          '/about',
        ),
        raw,
        async (path, query) => {
          await check({ method: 'GET', url: `${path}?${encodeURI(query).replace(/%25/g, '%')}` })
        },
      ),
      RUNS,
    )
  })

  const body = fc.oneof(
    fc.record({ type: fc.constant('application/json'), payload: fc.json({ maxDepth: 3 }) }),
    fc.record({
      type: fc.constant('application/x-www-form-urlencoded'),
      payload: fc
        .array(
          fc.tuple(
            fc.oneof(
              fc.constantFrom(
                'code',
                'grant_type',
                'client_assertion',
                'state',
                '_method',
                '_csrf',
                'locale',
              ),
              text,
            ),
            text,
          ),
          { maxLength: 6 },
        )
        .map((pairs) => new URLSearchParams(pairs).toString()),
    }),
    fc.record({ type: headerText, payload: text }),
  )

  for (const [method, path] of [
    ['POST', '/api/openid_connect/token'],
    ['POST', '/openid_connect/logout'],
    ['DELETE', '/openid_connect/logout'],
    ['POST', '/es/openid_connect/logout'],
    ['POST', '/openid_connect/authorize'],
    ['OPTIONS', '/api/openid_connect/token'],
    ['POST', '/'],
  ] as const) {
    test(`any body at ${method} ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(body, headers, async ({ type, payload }, sent) => {
          await check({ method, url: path, headers: { ...sent, 'content-type': type }, payload })
        }),
        RUNS,
      )
    })
  }

  const json = fc.jsonValue({ maxDepth: 2 })
  const claim = fc.oneof(
    json,
    fc.constantFrom({ toString: 1 }, { valueOf: null }, [], [[]], 1e308, -1, 0.5, CLIENT, [CLIENT]),
  )

  test('assertions: valid ones with claims changed and signed anew', async () => {
    const code = await codeFrom(await signedIn(idp))
    const claims = fc.dictionary(
      fc.constantFrom('iss', 'sub', 'aud', 'iat', 'exp', 'nbf', 'jti', '__proto__', 'constructor'),
      claim,
    )
    await fc.assert(
      fc.asyncProperty(claims, async (changes) => {
        const payload = { iss: CLIENT, sub: CLIENT, aud: 'x', ...changes } as JWTPayload
        const signed = await new SignJWT(payload)
          .setProtectedHeader({ alg: 'RS256' })
          .sign(secondClientKeys.privateKey)
        const response = await redeem(idp.app, await tokenParameters(code, { client_assertion: signed }))
        assert.equal(response.statusCode, 400)
        assert.equal(typeof response.json().error, 'string')
        assert.doesNotMatch(response.body, TRACE)
      }),
      RUNS,
    )
  })

  test('assertions: valid ones cut, changed and put together otherwise', async () => {
    const code = await codeFrom(await signedIn(idp))
    const valid = await assertion({}, clientKeys.privateKey)
    const parts = valid.split('.')
    const encoded = fc.oneof(
      fc.constantFrom(...parts),
      json.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
      text,
    )
    const mutated = fc.oneof(
      fc.tuple(encoded, encoded, encoded).map((some) => some.join('.')),
      fc.array(encoded, { maxLength: 6 }).map((some) => some.join('.')),
      fc
        .tuple(fc.nat({ max: valid.length - 1 }), fc.string({ maxLength: 2 }))
        .map(([at, put]) => valid.slice(0, at) + put + valid.slice(at + 1)),
    )
    await fc.assert(
      fc.asyncProperty(mutated, async (client_assertion) => {
        fc.pre(client_assertion !== valid)
        const payload = new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          client_assertion_type: ASSERTION_TYPE,
          client_assertion,
        }).toString()
        await check({
          method: 'POST',
          url: '/api/openid_connect/token',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload,
        })
      }),
      RUNS,
    )
  })

  test('any Authorization header at userinfo', async () => {
    const given = fc.oneof(
      headerText,
      headerText.map((token) => `Bearer ${token}`),
    )
    await fc.assert(
      fc.asyncProperty(given, async (authorization) => {
        const response = await check({
          method: 'GET',
          url: '/api/openid_connect/userinfo',
          headers: { authorization },
        })
        assert.equal(response.statusCode, 401)
      }),
      RUNS,
    )
  })

  test('any hint, client and address at logout', async () => {
    const code = await codeFrom(await signedIn(idp))
    const { id_token: idToken } = (await redeem(idp.app, await tokenParameters(code))).json()
    const hint = fc.oneof(
      text,
      fc.nat({ max: idToken.length - 1 }).map((at) => `${idToken.slice(0, at)}A${idToken.slice(at + 1)}`),
    )
    const parameters = fc.record(
      {
        client_id: oftenRight(CLIENT),
        id_token_hint: hint,
        post_logout_redirect_uri: oftenRight(REDIRECT_URI),
        state: oftenRight('a'.repeat(22)),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(parameters, async (given) => {
        await check({ method: 'GET', url: `/openid_connect/logout?${queryOf(given)}` })
      }),
      RUNS,
    )
  })

  test('any registration at the register of clients, by the operator and by others', async () => {
    const entry = fc.record(
      {
        client_id: fc.constant('urn:fuzz'),
        friendly_name: fc.oneof(fc.constant('Fuzz'), json),
        agency_id: fc.oneof(fc.constant(1), json),
        ial: fc.constantFrom(1, 2, 3, '1', null),
        pkce: fc.oneof(fc.boolean(), fc.constant(null), json),
        public_keys: fc.oneof(
          fc.constant([]),
          fc.array(
            fc.oneof(text, fc.constantFrom({ kty: 'RSA' }, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }), json),
            { maxLength: 3 },
          ),
        ),
        redirect_uris: fc.array(fc.oneof(fc.webUrl(), text), { maxLength: 4 }),
        push_notification_url: fc.oneof(fc.webUrl(), text),
        default_aal: fc.oneof(fc.constant(2), json),
        active: fc.oneof(fc.boolean(), json),
        more: json,
      },
      { requiredKeys: ['client_id', 'redirect_uris'] },
    )
    const authorization = fc.oneof(
      { weight: 4, arbitrary: fc.constant(`Bearer ${OPERATOR_TOKEN}`) },
      headerText,
    )
    const method = fc.constantFrom('GET', 'PUT', 'DELETE', 'POST', 'PATCH')
    await fc.assert(
      fc.asyncProperty(entry, authorization, method, async (given, token, verb) => {
        await check({
          method: verb as Request['method'],
          url: '/api/clients/urn:fuzz',
          headers: { authorization: token, 'content-type': 'application/json' },
          payload: JSON.stringify(given),
        })
        // Whatever was let in can be read by what uses it.
        await check({ method: 'GET', url: authorizeUrl({ client_id: 'urn:fuzz' }) })
        await check({
          method: 'GET',
          url: '/api/openid_connect/certs',
          headers: { origin: 'https://fuzz.example' },
        })
      }),
      RUNS,
    )
  })

  test('unknown paths, by any method', async () => {
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD')
    const path = fc.oneof(
      fc.webPath().map((one) => one || '/'),
      text.map((one) => `/${encodeURIComponent(one.toWellFormed())}`),
      text.map((one) => `/api/clients/${encodeURIComponent(one.toWellFormed())}`),
      fc.constantFrom(
        '/%',
        '/%zz',
        '/%ff',
        '/.git/config',
        '/api/clients/%',
        '/assets/../package.json',
        '/assets/login-gov/%2e%2e/service.ts',
        '//evil.example',
      ),
    )
    await fc.assert(
      fc.asyncProperty(path, method, headers, async (url, verb, sent) => {
        await check({ method: verb as Request['method'], url, headers: sent })
      }),
      RUNS,
    )
  })
})
