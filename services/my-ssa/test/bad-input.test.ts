// Whatever comes in at the wire, nothing of ours breaks: never a status of 500 or more, never a stack trace in the answer,
// never a redirect to an address that nobody registered (OWASP ASVS 5.0 16.5.1, RFC 6749 §4.1.2.1).

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { CLIENTS, type MySsa, OPERATOR_TOKEN, POSTS, startMySsa } from './support/my-ssa.ts'
import {
  authorizeUrl,
  type Changes,
  codeOf,
  REDIRECT_URI,
  tokenParameters,
  tokensFor,
  userInfo,
} from './support/wire.ts'

const mySsa = await startMySsa()
after(() => mySsa.app.close())

const RUNS = { numRuns: 150, endOnFailure: true }
const REGISTERED = (CLIENTS as { redirect_uris: string[] }[]).flatMap(({ redirect_uris }) => redirect_uris)

type Answer = Awaited<ReturnType<MySsa['app']['inject']>>

function isDecent(answer: Answer) {
  assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.body}`)
  assert.doesNotMatch(answer.body, /\bat .+:\d+:\d+|node_modules|\/src\/|\.ts\b|SQLITE|syntax error/i)
  const { location } = answer.headers
  if (location === undefined) return
  const to = String(location)
  const leadsHome = (to.startsWith('/') && !/^\/[/\\]/.test(to)) || to.startsWith('http://localhost:4003/')
  assert.ok(leadsHome || REGISTERED.some((uri) => to.startsWith(uri)), to)
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
    'login',
    'none',
    'a'.repeat(5_000),
  ),
)

/** A request whose parts are right or anything else, some left out, some more. */
function around(right: Changes) {
  const fields = Object.fromEntries(
    Object.entries(right).map(([name, value]) => [
      name,
      fc.option(fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, nasty), { nil: undefined, freq: 9 }),
    ]),
  )
  return fc
    .tuple(fc.record(fields), fc.array(fc.tuple(nasty, nasty), { maxLength: 2 }))
    .map(([given, more]) => {
      const pairs = Object.entries(given).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      )
      return [...pairs, ...more].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')
    })
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed())

const request = Object.fromEntries(new URLSearchParams(authorizeUrl().split('?')[1]))

test('authorize takes any parameters, by GET and POST, from whoever is signed in or not', async () => {
  const right = { ...request, prompt: 'login', max_age: '60', acr_values: 'x', response_mode: 'query' }
  await fc.assert(
    fc.asyncProperty(around(right), fc.boolean(), fc.boolean(), async (query, isPost, isSignedIn) => {
      const browser = isSignedIn ? await mySsa.signedIn('maria') : mySsa.browser()
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = isPost
        ? await mySsa.app.inject({ method: 'POST', url: '/authorize', headers: form, payload: query })
        : await browser.open(`/authorize?${query}`)
      isDecent(answer)
    }),
    RUNS,
  )
})

test('the token endpoint takes any form', async () => {
  const code = await codeOf(await mySsa.signedIn('maria'))
  const right = { ...(await tokenParameters(code)), client_secret: POSTS.client_secret }
  await fc.assert(
    fc.asyncProperty(
      around(right),
      fc.option(fc.base64String({ maxLength: 40 }), { nil: undefined }),
      async (payload, basic) => {
        const headers = {
          'content-type': 'application/x-www-form-urlencoded',
          ...(basic === undefined ? {} : { authorization: `Basic ${basic}` }),
        }
        isDecent(await mySsa.app.inject({ method: 'POST', url: '/token', headers, payload }))
      },
    ),
    RUNS,
  )
})

test('the token endpoint takes any body of any type', async () => {
  const types = fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', '')
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), nasty), types, async (payload, type) => {
      const headers = { 'content-type': type }
      isDecent(await mySsa.app.inject({ method: 'POST', url: '/token', headers, payload }))
    }),
    RUNS,
  )
})

test('userinfo takes any token, and a changed one opens nothing', async () => {
  const { access_token: token = '' } = await tokensFor(mySsa, await mySsa.signedIn('maria'))
  const changed = fc
    .tuple(fc.nat(token.length - 1), fc.constantFrom('A', '.', '-', ''))
    .map(([at, letter]) => token.slice(0, at) + letter + token.slice(at + 1))
  const any = fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x21-\x7e]/g, '?'))
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, any), async (given) => {
      const answer = await userInfo(mySsa, given)
      isDecent(answer)
      assert.equal(answer.statusCode === 200, given === token)
    }),
    RUNS,
  )
})

test('an interaction and logging out take any parameters', async () => {
  const right = { id_token_hint: 'x.y.z', client_id: 'posts', post_logout_redirect_uri: 'x', state: 's' }
  await fc.assert(
    fc.asyncProperty(around(right), nasty, async (query, uid) => {
      isDecent(await mySsa.app.inject(`/logout?${query}`))
      isDecent(await mySsa.app.inject(`/interaction/${encoded(uid)}`))
      isDecent(await mySsa.app.inject(`/interaction/${encoded(uid)}/exit`))
    }),
    RUNS,
  )
})

test('the register of clients takes any JSON', async () => {
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  const values = fc.record({
    client_id: fc.constant('posts'),
    client_name: fc.oneof(fc.constant('a name'), fc.jsonValue()),
    redirect_uris: fc.oneof(fc.array(nasty, { maxLength: 3 }), fc.jsonValue()),
    post_logout_redirect_uris: fc.oneof(fc.constant([]), fc.array(nasty, { maxLength: 3 })),
    jwks: fc.oneof(fc.constant({ keys: [{ kty: 'EC' }] }), fc.jsonValue()),
    scope: fc.oneof(fc.constant('openid'), nasty),
    token_endpoint_auth_method: fc.constantFrom('private_key_jwt', 'client_secret_post', 'none'),
  })
  await fc.assert(
    fc.asyncProperty(values, async (payload) => {
      const answer = await mySsa.app.inject({
        method: 'PUT',
        url: '/api/clients/posts',
        headers,
        payload: payload as object,
      })
      isDecent(answer)
    }),
    RUNS,
  )
})
