import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { buildSignIn } from './signing-in.ts'
import { createReceiver, revoke, type StreamAnswer } from './support/receiver.ts'

const PUSH = 'urn:ietf:rfc:8935'
const POLL = 'urn:ietf:rfc:8936'
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'
const PUSH_URL = 'https://receiver.example/events'

const suite = await buildSignIn()
after(() => suite.app.close())
afterEach(() => void suite.stub.heal())

const push = (more: Record<string, unknown> = {}) => ({
  method: PUSH,
  endpoint_url: PUSH_URL,
  ...more,
})

test('the configuration names both delivery methods, the keys and every endpoint (SSF 1.0 §7.1)', async () => {
  const { statusCode, ...answer } = await suite.app.inject('/.well-known/ssf-configuration')
  assert.equal(statusCode, 200)
  const at = (path: string) => `http://localhost:4000${path}`
  assert.deepEqual(answer.json(), {
    spec_version: '1_0',
    issuer: 'http://localhost:4000',
    jwks_uri: at('/jwks'),
    delivery_methods_supported: [PUSH, POLL],
    configuration_endpoint: at('/ssf/streams'),
    status_endpoint: at('/ssf/status'),
    add_subject_endpoint: at('/ssf/subjects/additions'),
    remove_subject_endpoint: at('/ssf/subjects/removals'),
    verification_endpoint: at('/ssf/verifications'),
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
    default_subjects: 'ALL',
  })
})

test('a receiver gets a token of its own for the interface of receivers and for nothing else, without naming a resource', async () => {
  const receiver = await createReceiver(suite)
  const token = await receiver.accessToken()
  assert.equal(decodeProtectedHeader(token).typ, 'at+jwt')
  const { aud, sub, scope } = decodeJwt(token)
  assert.deepEqual([aud, sub, scope], ['urn:gatehouse:ssf', receiver.client_id, 'ssf.manage ssf.read'])
  for (const resource of ['urn:gatehouse:cbsv', 'urn:gatehouse:service:terms', 'urn:gatehouse:admin']) {
    const refused = await receiver.token({ grant_type: 'client_credentials', scope: 'cbsv.verify', resource })
    assert.deepEqual([refused.statusCode, refused.json().error], [400, 'invalid_target'])
  }
})

test('in a person’s name nobody gets at the interface of receivers', async () => {
  const receiver = await createReceiver(suite)
  const browser = suite.newBrowser()
  const { redirect } = await suite.walk(
    browser,
    receiver.authorizeUrl({ resource: 'urn:gatehouse:ssf', scope: 'openid ssf.manage' }),
  )
  assert.equal(redirect?.searchParams.get('error'), 'invalid_target')
})

for (const [which, metadata] of [
  [
    'client_credentials without a scope of receivers',
    { scope: 'openid', grant_types: ['client_credentials'] },
  ],
  [
    'a back-channel logout address without https',
    { backchannel_logout_uri: 'http://relying.example/logout' },
  ],
  [
    'a back-channel logout address with a password',
    { backchannel_logout_uri: 'https://a:b@relying.example/' },
  ],
] as const) {
  test(`nobody registers ${which}`, async () => {
    const refused = await suite.register({ redirect_uris: ['https://relying.example/callback'], ...metadata })
    assert.equal(refused.statusCode, 400, refused.body)
    assert.equal(refused.json().error, 'invalid_client_metadata')
  })
}

test('a stream is created, read, changed in part, replaced and deleted (SSF 1.0 §8.1.1)', async () => {
  const receiver = await createReceiver(suite)
  const created = await receiver.stream({
    delivery: push({ authorization_header: 'Bearer the-receiver-knows-us-by-this' }),
    events_requested: [SESSION_REVOKED, 'https://example.com/unknown'],
    description: 'Of Example Payroll',
    unknown_member: 1,
  })
  const { stream_id } = created
  assert.equal(created.iss, 'http://localhost:4000')
  assert.equal(created.aud, receiver.client_id)
  assert.deepEqual(created.events_delivered, [SESSION_REVOKED])
  assert.deepEqual(created.delivery, { method: PUSH, endpoint_url: PUSH_URL })
  assert.equal((created.events_supported as string[]).length, 6)

  const one = await receiver.call('GET', `/ssf/streams?stream_id=${stream_id}`)
  assert.deepEqual(one.json(), created)
  assert.deepEqual((await receiver.call('GET', '/ssf/streams')).json(), [created])

  const patched = await receiver.call('PATCH', '/ssf/streams', { stream_id, description: 'Another' })
  assert.deepEqual(patched.json(), { ...created, description: 'Another' })
  const replaced = await receiver.call('PUT', '/ssf/streams', { stream_id, delivery: { method: POLL } })
  const { description: _, events_requested: __, ...rest } = created
  assert.deepEqual(replaced.json(), {
    ...rest,
    events_delivered: created.events_supported,
    delivery: { method: POLL, endpoint_url: `http://localhost:4000/ssf/streams/${stream_id}/events` },
  })

  assert.equal((await receiver.call('DELETE', `/ssf/streams?stream_id=${stream_id}`)).statusCode, 204)
  assert.equal((await receiver.call('GET', `/ssf/streams?stream_id=${stream_id}`)).statusCode, 404)
  assert.deepEqual((await receiver.call('GET', '/ssf/streams')).json(), [])
  assert.equal((await receiver.call('DELETE', `/ssf/streams?stream_id=${stream_id}`)).statusCode, 404)
})

test('the secret that a receiver gives for its pushes stands sealed in the table, and no answer or log line has it (ASVS 14.2.4)', async () => {
  const secret = 'Bearer the-receiver-knows-us-by-this'
  const receiver = await createReceiver(suite)
  const { stream_id } = await receiver.stream({ delivery: push({ authorization_header: secret }) })
  const rows = await suite.ground.database
    .selectFrom('ssfStreams')
    .selectAll()
    .where('streamId', '=', stream_id)
    .execute()
  const answers = await receiver.call('GET', '/ssf/streams')
  for (const text of [JSON.stringify(rows), answers.body, suite.logLines.join('')])
    assert.ok(!text.includes('the-receiver-knows-us-by-this'))
})

test('a receiver has one stream: the second is 409, and of two at once one is made', async () => {
  const receiver = await createReceiver(suite)
  const token = await receiver.accessToken()
  const answers = await Promise.all([1, 2].map(() => receiver.call('POST', '/ssf/streams', {}, token)))
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [201, 409])
  assert.equal((await receiver.call('POST', '/ssf/streams', {})).statusCode, 409)
})

const BAD: [string, Record<string, unknown>][] = [
  ['an unknown delivery method', { delivery: { method: 'urn:example', endpoint_url: PUSH_URL } }],
  ['a push without an address', { delivery: { method: PUSH } }],
  ['a push to plain http elsewhere', { delivery: push({ endpoint_url: 'http://receiver.example/' }) }],
  [
    'a push to an address with a password',
    { delivery: push({ endpoint_url: 'https://a:b@receiver.example/' }) },
  ],
  ['a push to something that is no web address', { delivery: push({ endpoint_url: 'file:///etc/passwd' }) }],
  ['a header that would be two', { delivery: push({ authorization_header: 'a\r\nx: y' }) }],
  ['an address of its own to poll', { delivery: { method: POLL, endpoint_url: PUSH_URL } }],
  ['events that are no list', { events_requested: SESSION_REVOKED }],
]
for (const [what, request] of BAD) {
  test(`a stream with ${what} is refused`, async () => {
    const receiver = await createReceiver(suite)
    const answer = await receiver.call('POST', '/ssf/streams', request)
    assert.equal(answer.statusCode, 400, answer.body)
    assert.deepEqual((await receiver.call('GET', '/ssf/streams')).json(), [])
  })
}

test('what the transmitter says of a stream the receiver may repeat and not change (SSF 1.0 §8.1.1.3)', async () => {
  const receiver = await createReceiver(suite)
  const created = await receiver.stream()
  const { stream_id } = created
  assert.equal((await receiver.call('PATCH', '/ssf/streams', created)).statusCode, 200)
  for (const change of [
    { iss: 'https://other.example' },
    { aud: 'another' },
    { events_supported: [] },
    { delivery: { method: POLL, endpoint_url: 'https://other.example' } },
  ]) {
    for (const method of ['PATCH', 'PUT'] as const)
      assert.equal((await receiver.call(method, '/ssf/streams', { stream_id, ...change })).statusCode, 400)
  }
})

test('nobody gets at the stream of another receiver', async () => {
  const [one, other] = [await createReceiver(suite), await createReceiver(suite)]
  const { stream_id, delivery } = await one.stream()
  await other.stream()
  const answers = await Promise.all([
    other.call('GET', `/ssf/streams?stream_id=${stream_id}`),
    other.call('PATCH', '/ssf/streams', { stream_id, description: 'x' }),
    other.call('PUT', '/ssf/streams', { stream_id }),
    other.call('DELETE', `/ssf/streams?stream_id=${stream_id}`),
    other.call('GET', `/ssf/status?stream_id=${stream_id}`),
    other.call('POST', '/ssf/status', { stream_id, status: 'disabled' }),
    other.call('POST', '/ssf/verifications', { stream_id }),
    other.call('POST', '/ssf/subjects/removals', {
      stream_id,
      subject: { format: 'iss_sub', iss: 'http://localhost:4000', sub: 'x' },
    }),
    other.call('POST', delivery.endpoint_url, { returnImmediately: true }),
  ])
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    answers.map(() => 404),
  )
})

const ROUTES: ['GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', string, boolean][] = [
  ['GET', '/ssf/streams', true],
  ['POST', '/ssf/streams', false],
  ['PATCH', '/ssf/streams', false],
  ['PUT', '/ssf/streams', false],
  ['DELETE', '/ssf/streams?stream_id=x', false],
  ['GET', '/ssf/status?stream_id=x', true],
  ['POST', '/ssf/status', false],
  ['POST', '/ssf/verifications', false],
  ['POST', '/ssf/subjects/additions', false],
  ['POST', '/ssf/subjects/removals', false],
  ['POST', '/ssf/streams/x/events', true],
]
test('every route asks for a token of a receiver; with ssf.read alone it looks and listens (RFC 6750 §3.1)', async () => {
  const receiver = await createReceiver(suite)
  const reading = await receiver.accessToken({ scope: 'ssf.read' })
  const person = await suite.signedIn({ client: receiver.client })
  const { authorization } = await suite.as('admin', 'revocations.write')
  for (const [method, url, mayRead] of ROUTES) {
    const payload = method === 'GET' || method === 'DELETE' ? {} : { payload: {} }
    const without = await suite.app.inject({ method, url, ...payload })
    assert.equal(without.statusCode, 401, url)
    assert.match(String(without.headers['www-authenticate']), /^Bearer/)
    for (const foreign of [person.access_token, authorization.replace('Bearer ', ''), 'a.b.c'])
      assert.equal((await receiver.call(method, url, payload.payload, foreign)).statusCode, 401, url)
    const { statusCode } = await receiver.call(method, url, payload.payload, reading)
    assert.equal(statusCode === 403, !mayRead, `${method} ${url}: ${statusCode}`)
  }
})

test('a revoked client is let in no more, by its old token neither', async () => {
  const receiver = await createReceiver(suite)
  const token = await receiver.accessToken()
  assert.equal((await receiver.call('GET', '/ssf/streams', undefined, token)).statusCode, 200)
  await revoke(suite, 'client', receiver.client_id)
  assert.equal((await receiver.call('GET', '/ssf/streams', undefined, token)).statusCode, 401)
  advanceClock(1_000)
  const fresh = await receiver.accessToken()
  assert.equal((await receiver.call('GET', '/ssf/streams', undefined, fresh)).statusCode, 200)
})

test('a verification comes back with its state, at most once in ten seconds (SSF 1.0 §8.1.4)', async () => {
  const receiver = await createReceiver(suite)
  const stream = await receiver.stream({ events_requested: [SESSION_REVOKED] })
  const { stream_id } = stream
  const ask = (state: string) => receiver.call('POST', '/ssf/verifications', { stream_id, state })
  assert.equal((await ask('one')).statusCode, 204)
  const early = await ask('two')
  assert.deepEqual([early.statusCode, early.headers['retry-after']], [429, '10'])
  advanceClock(10_000)
  assert.equal((await ask('three')).statusCode, 204)
  const { events } = await receiver.poll(stream)
  assert.deepEqual(
    events.map((event) => event.events),
    [{ [VERIFICATION]: { state: 'one' } }, { [VERIFICATION]: { state: 'three' } }],
  )
  for (const event of events) {
    assert.deepEqual(event.sub_id, { format: 'opaque', id: stream_id })
    assert.equal(event.sub, undefined)
    assert.equal(event.exp, undefined)
  }
})

test('a paused stream holds its events and goes on in order; a disabled one holds nothing (SSF 1.0 §8.1.2)', async () => {
  const receiver = await createReceiver(suite)
  const stream = await receiver.stream()
  const { stream_id } = stream
  const status = async (to: string, reason?: string) => {
    const answer = await receiver.call('POST', '/ssf/status', { stream_id, status: to, reason })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json()
  }
  const verify = async (state: string) => {
    advanceClock(10_000)
    const answer = await receiver.call('POST', '/ssf/verifications', { stream_id, state })
    return answer.statusCode
  }
  const states = async (of: StreamAnswer) =>
    (await receiver.poll(of)).events.map((event) => event.events[VERIFICATION]?.state)

  assert.deepEqual(await status('paused', 'moving house'), {
    stream_id,
    status: 'paused',
    reason: 'moving house',
  })
  assert.deepEqual((await receiver.call('GET', `/ssf/status?stream_id=${stream_id}`)).json(), {
    stream_id,
    status: 'paused',
    reason: 'moving house',
  })
  for (const state of ['one', 'two', 'three']) assert.equal(await verify(state), 204)
  assert.deepEqual(await states(stream), [])
  assert.deepEqual(await status('enabled'), { stream_id, status: 'enabled' })
  assert.deepEqual(await states(stream), ['one', 'two', 'three'])
  await status('disabled')
  assert.equal(await verify('four'), 400)
  await status('enabled')
  assert.deepEqual(await states(stream), [])
  const wrong = await receiver.call('POST', '/ssf/status', { stream_id, status: 'asleep' })
  assert.equal(wrong.statusCode, 400)
})
