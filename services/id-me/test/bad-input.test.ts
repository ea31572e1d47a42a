// Whatever comes in, nothing of ours breaks: never a status of 500 or more, never a stack trace or a path of a file in the
// answer, never a redirect to an address that nobody registered (OWASP ASVS 16.5.1, RFC 6749 §4.1.2.1).

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import {
  AGENCY,
  authorizeUrl,
  CLIENTS,
  codeFor,
  configurationFiles,
  IAL2,
  type IdMe,
  OPERATOR_TOKEN,
  REDIRECT_URI,
  STATE,
  startIdMe,
  tokenParameters,
  tokensFor,
} from './support/id-me.ts'

let idMe: IdMe
let cookie: string
before(async () => {
  idMe = await startIdMe()
  cookie = await idMe.cookieOf('maria')
  await idMe.allowAll('maria')
})
after(() => idMe.app.close())

const RUNS = { numRuns: 200, endOnFailure: true }

type Answer = Awaited<ReturnType<IdMe['app']['inject']>>

const REGISTERED = CLIENTS.flatMap(({ redirect_uris }) => redirect_uris)

function isDecent(answer: Answer) {
  assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.body}`)
  assert.doesNotMatch(answer.body, /\bat .+:\d+:\d+|node_modules|\/src\/|\.ts\b|SQLITE|syntax error/i)
  const { location } = answer.headers
  if (location === undefined) return
  const leadsHome = String(location).startsWith('/') && !/^\/[/\\]/.test(String(location))
  assert.ok(leadsHome || REGISTERED.some((uri) => String(location).startsWith(uri)), String(location))
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '%00',
    '%zz',
    "' or 1=1 --",
    '../../etc/passwd',
    '<script>alert(1)</script>',
    '__proto__',
    'constructor',
    '\r\nset-cookie: a=b',
    '//evil.example',
    'https://evil.example/callback',
    REDIRECT_URI.replace('localhost', 'localhost@evil.example'),
    '\ud800',
    'a'.repeat(5_000),
  ),
)

/** A request whose parts are right or anything else, some left out, some more. */
function around(right: Record<string, string>) {
  const fields = Object.fromEntries(
    Object.entries(right).map(([name, value]) => [
      name,
      fc.option(fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, nasty), { nil: undefined, freq: 8 }),
    ]),
  )
  return fc
    .tuple(fc.record(fields), fc.array(fc.tuple(nasty, nasty), { maxLength: 2 }))
    .map(([given, more]): [string, string][] => [
      ...Object.entries(given).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
      ...more,
    ])
}

const query = (pairs: [string, string][]) =>
  pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const headers = fc.record({
  accept: fc.constantFrom('text/html', 'application/json', '*/*', ''),
  cookie: fc.oneof(fc.constant(''), fc.string({ maxLength: 40 }).map(printable)),
  authorization: fc.oneof(
    fc.constant('Bearer x'),
    fc.base64String({ maxLength: 40 }).map((text) => `Basic ${text}`),
    fc.string({ maxLength: 40 }).map(printable),
  ),
})

/** Node itself refuses other characters in a header. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

const request = Object.fromEntries(new URLSearchParams(authorizeUrl().split('?')[1]))

test('authorize takes any parameters', async () => {
  const right = { ...request, nonce: 'n', op: 'signup', code_challenge: 'x', code_challenge_method: 'S256' }
  await fc.assert(
    fc.asyncProperty(around(right), fc.boolean(), headers, async (pairs, signedIn, given) => {
      const url = `/oauth/authorize?${query(pairs)}`
      isDecent(
        await idMe.app.inject({ url, headers: { ...given, cookie: signedIn ? cookie : given.cookie } }),
      )
    }),
    RUNS,
  )
})

test('authorize takes a query that is no query', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 80 }), async (text) => {
      const url = `/oauth/authorize?${printable(text).replace(/[\s#]/g, '+')}`
      isDecent(await idMe.app.inject({ url, headers: { cookie } }))
    }),
    RUNS,
  )
})

test('logout takes any parameters', async () => {
  const right = { client_id: AGENCY.client_id, redirect_uri: REDIRECT_URI, state: STATE }
  await fc.assert(
    fc.asyncProperty(around(right), headers, async (pairs, given) => {
      isDecent(await idMe.app.inject({ url: `/oauth/logout?${query(pairs)}`, headers: given }))
    }),
    RUNS,
  )
})

test('the token endpoint takes any form', async () => {
  const right = tokenParameters(await codeFor(idMe), { code_verifier: 'v', refresh_token: 'r', scope: IAL2 })
  await fc.assert(
    fc.asyncProperty(around(right), headers, async (pairs, { authorization }) => {
      const answer = await idMe.app.inject({
        method: 'POST',
        url: '/oauth/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(pairs.length % 2 ? { authorization } : {}),
        },
        payload: query(pairs),
      })
      isDecent(answer)
    }),
    RUNS,
  )
})

test('the token endpoint takes any JSON, and any body of any type', async () => {
  const right = tokenParameters(await codeFor(idMe))
  const values = fc.record(
    Object.fromEntries(
      Object.entries(right).map(([name, value]) => [
        name,
        fc.oneof({ weight: 2, arbitrary: fc.constant(value) }, fc.jsonValue({ maxDepth: 2 })),
      ]),
    ),
  )
  const json = fc.oneof(values, fc.jsonValue()).map((value) => JSON.stringify(value))
  const types = fc.constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, nasty), types, async (payload, type) => {
      const answer = await idMe.app.inject({
        method: 'POST',
        url: '/oauth/token',
        headers: { 'content-type': type },
        payload,
      })
      isDecent(answer)
    }),
    RUNS,
  )
})

test('userinfo and attributes take any token, a changed JWT among them', async () => {
  const { id_token = '' } = await tokensFor(idMe)
  const tokens = fc.oneof(
    nasty,
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
    fc
      .tuple(fc.nat(id_token.length - 1), fc.constantFrom('A', '.', '-', ''))
      .map(([at, character]) => id_token.slice(0, at) + character + id_token.slice(at + 1)),
  )
  const paths = fc.constantFrom('v3/userinfo', 'v3/userinfo.json', 'v3/attributes.json', 'v2/data.json')
  await fc.assert(
    fc.asyncProperty(tokens, paths, nasty, async (token, path, callback) => {
      const parameters = query([
        ['access_token', token],
        ...(callback.length % 2 ? ([['callback', callback]] as [string, string][]) : []),
      ])
      const authorization = `Bearer ${printable(token)}`
      for (const given of [
        { url: `/api/public/${path}?${parameters}` },
        { url: `/api/public/${path}`, headers: { authorization } },
      ]) {
        const answer = await idMe.app.inject(given)
        isDecent(answer)
        assert.ok([400, 401].includes(answer.statusCode))
      }
    }),
    RUNS,
  )
})

test('the register of clients takes any body and any id', async () => {
  const [entry] = CLIENTS
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        Object.entries({ ...entry, userinfo_encryption_key: { kty: 'RSA' }, code_lifetime: 1 }).map(
          ([name, value]) => [name, fc.oneof(fc.constant(value), fc.jsonValue({ maxDepth: 2 }))],
        ),
      ),
    ),
  )
  await fc.assert(
    fc.asyncProperty(bodies, nasty, fc.constantFrom('PUT', 'GET', 'DELETE'), async (body, id, method) => {
      const answer = await idMe.app.inject({
        method: method as 'PUT',
        url: `/api/clients/${encoded(id)}`,
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
        ...(method === 'PUT' ? { payload: JSON.stringify(body) } : {}),
      })
      isDecent(answer)
    }),
    RUNS,
  )
})

test('paths that nobody has are answered', async () => {
  const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD')
  await fc.assert(
    fc.asyncProperty(fc.array(nasty, { maxLength: 3 }), methods, headers, async (parts, method, given) => {
      const url = `/${parts.map(encoded).join('/')}`
      isDecent(await idMe.app.inject({ method: method as 'GET', url, headers: given }))
    }),
    RUNS,
  )
})

test('a file of clients that cannot be used stops the start with a message that holds none of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (content) => {
      const clients = [{ ...CLIENTS[0], policies: content }]
      const files = configurationFiles({ clients })
      files.remove()
      const started = await startIdMe({ clients }).catch((error: Error) => error)
      if (!(started instanceof Error)) return started.app.close()
      assert.match(started.message, /^CLIENTS_FILE is not usable/)
      assert.ok(!started.message.includes(AGENCY.client_secret))
    }),
    { numRuns: 10 },
  )
})
