import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Refusal } from '@gatehouse/http/refusal'
import { defineService } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { Type } from 'typebox'

const service = defineService({
  name: 'terms',
  summary: 'a service for this test',
  configuration: Type.Object({ GREETING: Type.String({ default: 'hello' }) }),
  refusals: { too_rude: { status: 422, title: 'That was too rude' } },
  errorPage: (problem) => `<h1>${problem.title}</h1>`,
  build(app, ground) {
    app.post(
      '/greetings',
      {
        onRequest: app.requireCaller('attestations.write'),
        schema: {
          body: Type.Object({ name: Type.String({ maxLength: 10 }) }, { additionalProperties: false }),
          response: { 200: Type.Object({ text: Type.String() }) },
        },
      },
      async (request) => {
        if (request.body.name === 'rude') throw new Refusal('too_rude', 'mind your words', { retry: false })
        if (request.body.name === 'broken') throw new Error('secret detail')
        return { text: `${ground.configuration.GREETING} ${request.body.name}` }
      },
    )
  },
})

const { app, as, sign, logLines } = await buildForTest(service)
after(() => app.close())
const allowed = await as('sign-in', 'attestations.write')

function greet(payload: unknown, headers: Record<string, string> = allowed) {
  return app.inject({
    method: 'POST',
    url: '/greetings',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })
}

test('a caller with the right scope is served', async () => {
  const response = await greet({ name: 'Maria' })
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), { text: 'hello Maria' })
})

test('ASVS 8.3.2, 9.2.3: a caller without token, scope, place in the table, or with a token for elsewhere is refused', async () => {
  const cases: [number, Record<string, string>][] = [
    [401, {}],
    [401, { authorization: 'Basic abc' }],
    [401, { authorization: 'Bearer not.a.token' }],
    [403, await as('sign-in', 'user-ids.read')],
    [403, await as('bso', 'attestations.write')],
    [403, await as('sign-in', 'attestations.write', { sub: 'a-person' })],
    [401, await as('sign-in', 'attestations.write', { aud: 'urn:gatehouse:service:cbsv' })],
    [401, await as('sign-in', 'attestations.write', { exp: 1 })],
    [401, { authorization: `Bearer ${await sign({ sub: 'sign-in' })}` }],
  ]
  for (const [status, headers] of cases) {
    const response = await greet({ name: 'Maria' }, headers)
    assert.equal(response.statusCode, status)
    assert.match(response.headers['www-authenticate'] as string, /^Bearer realm="gatehouse"/)
    assert.match(response.headers['content-type'] as string, /^application\/problem\+json/)
  }
})

test('ASVS 2.2.1: what a schema does not allow is refused by field and rule, without the value', async () => {
  const cases: [unknown, string][] = [
    [{ name: 7 }, 'body.name'],
    [{ name: 'far too long a name' }, 'body.name'],
    [{}, 'body.name'],
    [{ name: 'Maria', extra: 'xyzzy' }, 'body.extra'],
  ]
  for (const [body, field] of cases) {
    const response = await greet(body)
    assert.equal(response.statusCode, 400)
    const problem = response.json()
    assert.equal(problem.code, 'invalid_request')
    assert.equal(problem.errors[0].field, field)
    assert.doesNotMatch(response.body, /xyzzy|far too long/)
  }
})

test('an unknown field is named only where it has a name, never by what somebody put in its place', async () => {
  for (const name of ['987-65-4320', '960001012', '<b>', '', 'a'.repeat(65), 'émile']) {
    const response = await greet({ name: 'Maria', [name]: 1 })
    assert.deepEqual(response.json().errors, [{ field: 'body', rule: 'has a field that is not known' }])
  }
})

test('a small body that breaks its schema in thousands of places gets a short answer and a short log line', async () => {
  const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, 0]))
  const before = logLines.length
  const response = await greet({ name: 'Maria', ...fields })
  assert.equal(response.statusCode, 400)
  assert.equal(response.json().errors.length, 50)
  assert.ok(response.body.length < 5_000)
  const lines = logLines.slice(before)
  assert.ok(lines.some((line) => line.includes('5000 places')))
  assert.ok(lines.every((line) => line.length < 500))
})

test('a body that is no JSON, too large, or of another type has its own refusal', async () => {
  assert.equal((await greet('{')).json().code, 'invalid_json')
  assert.equal((await greet({ name: 'x'.repeat(70_000) })).json().code, 'body_too_large')
  const xml = await greet('<a/>', { ...allowed, 'content-type': 'text/xml' })
  assert.equal(xml.json().code, 'unsupported_media_type')
})

test('a refusal answers with its status, code and detail; an unexpected error keeps its detail to the log', async () => {
  const refused = await greet({ name: 'rude' })
  assert.equal(refused.statusCode, 422)
  assert.deepEqual(
    { code: refused.json().code, detail: refused.json().detail, retry: refused.json().retry },
    { code: 'too_rude', detail: 'mind your words', retry: false },
  )
  const broken = await greet({ name: 'broken' })
  assert.equal(broken.statusCode, 500)
  assert.doesNotMatch(broken.body, /secret detail/)
})

test('a browser gets the site page for an error, a program the problem document', async () => {
  const page = await app.inject({ url: '/nowhere', headers: { accept: 'text/html' } })
  assert.equal(page.statusCode, 404)
  assert.match(page.body, /^<h1>/)
  assert.equal((await app.inject('/nowhere')).json().code, 'not_found')
})

test('health, OpenAPI document and public key are open to all', async () => {
  assert.equal((await app.inject('/health/live')).statusCode, 200)
  assert.equal((await app.inject('/health/ready')).statusCode, 200)
  assert.ok((await app.inject('/openapi.json')).json().paths['/greetings'])
  const [key] = (await app.inject('/.well-known/jwks.json')).json().keys
  assert.equal(key.d, undefined)
})
