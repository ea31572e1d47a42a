import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { buildSignIn } from './signing-in.ts'
import { createReceiver, newestSignIn, reachOf, revoke, until } from './support/receiver.ts'

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'

const suite = await buildSignIn()
after(() => suite.app.close())
afterEach(() => void suite.stub.heal())

let people = 0
/** Somebody new signs in at every provider from here on. */
function somebodyNew() {
  people += 1
  const subject = `person-of-events-${people}`
  Object.assign(suite.stub.state.claims, {
    sub: subject,
    given_name: `Person${people}`,
    social_security_number: `9876510${String(people).padStart(2, '0')}`,
  })
  return subject
}

/** A polling receiver with somebody signed in, and a clock that has moved on. */
async function receiverWithPerson(metadata: Record<string, unknown> = {}) {
  const receiver = await createReceiver(suite, metadata)
  const stream = await receiver.stream()
  const subject = somebodyNew()
  const signedIn = await suite.signedIn({ client: receiver.client })
  const signIn = await newestSignIn(suite)
  advanceClock(2_000)
  return { receiver, stream, subject, signedIn, signIn, sub: String(signedIn.person.sub) }
}

type Ready = Awaited<ReturnType<typeof receiverWithPerson>>

/** What the receiver fetches, once there is something; it acknowledges it. */
async function told({ receiver, stream }: Pick<Ready, 'receiver' | 'stream'>) {
  let events: Awaited<ReturnType<typeof receiver.poll>>['events'] = []
  await until(async () => {
    events = (await receiver.poll(stream)).events
    return events.length > 0
  })
  await receiver.poll(stream, { ack: events.map(({ jti }) => jti), maxEvents: 0 })
  return events
}

const typesOf = (events: { events: object }[]) =>
  events.map(({ events: one }) => Object.keys(one).join()).sort()

const KINDS: [string, (ready: Ready) => string, boolean, string[]][] = [
  ['session', ({ signIn }) => signIn.sessionUid, false, [`${CAEP}session-revoked`]],
  ['account', ({ signIn }) => signIn.accountId, false, [`${CAEP}session-revoked`]],
  ['account', ({ signIn }) => signIn.accountId, true, [`${CAEP}session-revoked`, `${RISC}account-disabled`]],
  [
    'credential',
    ({ subject }) => `login.gov:${subject}`,
    false,
    [`${CAEP}credential-change`, `${CAEP}session-revoked`],
  ],
  ['bso_user_id', () => 'MARIA7K2', false, [`${CAEP}token-claims-change`]],
  ['ein', () => '960001012', false, [`${CAEP}token-claims-change`]],
  ['provider', () => 'login.gov', false, [`${CAEP}session-revoked`]],
  ['everything', () => '*', false, [`${CAEP}session-revoked`]],
]
for (const [kind, target, lasting, types] of KINDS) {
  test(`revoking ${kind}${lasting ? ' for longer' : ''} is told as ${types.map((type) => type.split('/').at(-1)).join(' and ')}, one event in each token (CAEP 1.0 §3, RISC 1.0 §2)`, async () => {
    const ready = await receiverWithPerson()
    const { revocationId, instant } = await revoke(suite, kind, target(ready), { lasting })
    // Of everything the receiver's own tokens of this second are a part.
    advanceClock(1_000)
    const events = await told(ready)
    assert.deepEqual(typesOf(events), types)
    for (const event of events) {
      assert.deepEqual(event.sub_id, { format: 'iss_sub', iss: 'http://localhost:4000', sub: ready.sub })
      assert.equal(event.txn, revocationId)
      assert.equal(event.sub, undefined)
      assert.equal(event.exp, undefined)
      const [payload = {}] = Object.values(event.events)
      if (types.length === 2 && Object.keys(event.events)[0]?.startsWith(RISC)) continue
      assert.equal(payload.event_timestamp, Math.floor(instant / 1000))
      assert.equal(payload.initiating_entity, 'admin')
      assert.match(String((payload.reason_admin as { en: string }).en), /revoked/)
      assert.ok((payload.reason_user as { en: string }).en)
    }
    const text = JSON.stringify(events)
    assert.ok(!text.includes('administrator wrote'), 'what an administrator wrote is not told')
    assert.ok(!text.includes(ready.signIn.accountId))
    if (kind === 'credential') {
      const change = events.find((event) => `${CAEP}credential-change` in event.events)
      const payload = change?.events[`${CAEP}credential-change`]
      assert.deepEqual([payload?.change_type, payload?.friendly_name], ['revoke', 'login.gov'])
    }
    if (kind === 'ein') {
      const payload = events[0]?.events[`${CAEP}token-claims-change`]
      assert.deepEqual(payload?.claims, { bso_user_id: null, ein: null })
    }
    const reach = await reachOf(suite, revocationId)
    const own = reach.filter(({ service }) => service === ready.receiver.client_id)
    assert.deepEqual(
      own.map(({ channel, state }) => [channel, state]),
      [['poll', 'reached']],
    )
    assert.ok(Number(own[0]?.milliseconds) >= 0)
  })
}

test('revoking a client tells nobody: what ended is what it had itself', async () => {
  const ready = await receiverWithPerson()
  await revoke(suite, 'client', ready.receiver.client_id)
  advanceClock(2_000)
  assert.deepEqual((await ready.receiver.poll(ready.stream)).events, [])
})

test('logging out is not told as a session revoked: the person’s other sessions go on', async () => {
  const ready = await receiverWithPerson()
  const { browser } = ready.signedIn
  const out = await browser.submit('/logout', 'http://localhost:4000/logout/confirm', { logout: 'yes' })
  assert.equal(out.statusCode, 303)
  assert.deepEqual((await ready.receiver.poll(ready.stream)).events, [])
})

test('a receiver hears of nobody who did not sign in to it, and of each by its own pairwise subject', async () => {
  const one = await receiverWithPerson()
  const elsewhere = await createReceiver(suite, { redirect_uris: ['https://elsewhere.example/callback'] })
  const elsewhereStream = await elsewhere.stream()
  const unconcerned = await createReceiver(suite, { redirect_uris: ['https://unconcerned.example/callback'] })
  const unconcernedStream = await unconcerned.stream()
  const second = await suite.signedIn({ browser: one.signedIn.browser, client: elsewhere.client })
  advanceClock(1_000)
  await revoke(suite, 'account', one.signIn.accountId, { lasting: true })
  const heard = await told(one)
  const heardElsewhere = await told({ receiver: elsewhere, stream: elsewhereStream })
  const subjectsOf = (events: Awaited<ReturnType<typeof told>>) =>
    new Set(events.map(({ sub_id }) => (sub_id as { sub: string }).sub))
  assert.deepEqual(subjectsOf(heard), new Set([one.sub]))
  assert.deepEqual(subjectsOf(heardElsewhere), new Set([second.person.sub]))
  assert.notEqual(one.sub, second.person.sub)
  assert.deepEqual((await unconcerned.poll(unconcernedStream)).events, [])
})

test('an account that is let in again is told as account-enabled, also to whom nobody was signed in', async () => {
  const ready = await receiverWithPerson()
  advanceClock(13 * 60 * 60_000)
  const { revocationId } = await revoke(suite, 'account', ready.signIn.accountId, { lasting: true })
  assert.deepEqual(typesOf(await told(ready)), [`${RISC}account-disabled`])
  const answer = await suite.app.inject({
    method: 'POST',
    url: `/revocations/history/${revocationId}/reinstatements`,
    headers: await suite.as('admin', 'revocations.write'),
    payload: { reason: 'It was somebody else', by: 'administrator-2' },
  })
  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual(typesOf(await told(ready)), [`${RISC}account-enabled`])
})

test('of events that it did not ask for a receiver hears nothing', async () => {
  const ready = await receiverWithPerson()
  await ready.receiver.call('PATCH', '/ssf/streams', {
    stream_id: ready.stream.stream_id,
    events_requested: [`${RISC}account-disabled`],
  })
  await revoke(suite, 'account', ready.signIn.accountId, { lasting: true })
  assert.deepEqual(typesOf(await told(ready)), [`${RISC}account-disabled`])
})

test('of a person whom it removed a receiver hears nothing, until it adds them again (SSF 1.0 §8.1.3)', async () => {
  const ready = await receiverWithPerson()
  const { receiver, stream, sub } = ready
  const subject = { format: 'iss_sub', iss: 'http://localhost:4000', sub }
  const change = (path: string, body: object) =>
    receiver.call('POST', path, { stream_id: stream.stream_id, ...body })
  assert.equal((await change('/ssf/subjects/removals', { subject })).statusCode, 204)
  await revoke(suite, 'session', ready.signIn.sessionUid)
  assert.deepEqual((await receiver.poll(stream)).events, [])
  assert.equal((await change('/ssf/subjects/additions', { subject })).statusCode, 200)
  await revoke(suite, 'account', ready.signIn.accountId, { lasting: true })
  assert.ok((await told(ready)).length > 0)
  const unknown = { subject: { ...subject, format: 'email' } }
  assert.equal((await change('/ssf/subjects/additions', unknown)).statusCode, 404)
  assert.equal((await change('/ssf/subjects/removals', { subject: 'maria' })).statusCode, 400)
})

test('an event comes again until it is acknowledged, and not after that (RFC 8936 §2.4)', async () => {
  const ready = await receiverWithPerson()
  const { receiver, stream } = ready
  await revoke(suite, 'credential', `login.gov:${ready.subject}`)
  const first = await receiver.poll(stream, { maxEvents: 1 })
  assert.equal(first.events.length, 1)
  assert.equal(first.moreAvailable, true)
  const again = await receiver.poll(stream)
  assert.deepEqual(again.events[0], first.events[0])
  assert.equal(again.events.length, 2)
  assert.equal(again.moreAvailable, false)
  const [one, other] = again.events
  const rest = await receiver.poll(stream, { ack: [one?.jti, 'never-sent'] })
  assert.deepEqual(
    rest.events.map(({ jti }) => jti),
    [other?.jti],
  )
  const onlyAcks = await receiver.poll(stream, { maxEvents: 0 })
  assert.deepEqual([onlyAcks.events, onlyAcks.moreAvailable], [[], true])
  await receiver.poll(stream, { setErrs: { [String(other?.jti)]: { err: 'invalid_key', description: 'x' } } })
  assert.deepEqual((await receiver.poll(stream)).events, [])
  const rows = await suite.ground.database
    .selectFrom('ssfEvents')
    .select(['state', 'error', 'sealedClaims'])
    .where('streamId', '=', stream.stream_id)
    .orderBy('state')
    .execute()
  assert.deepEqual(
    rows.map(({ state, error, sealedClaims }) => [state, error, sealedClaims]),
    [
      ['accepted', null, null],
      ['refused', 'invalid_key', null],
    ],
  )
})

test('a poll waits for the event and is answered when it comes, and when the service closes (RFC 8936 §2.1)', async () => {
  const ready = await receiverWithPerson()
  const { receiver, stream } = ready
  const token = await receiver.accessToken()
  const poll = () => receiver.call('POST', stream.delivery.endpoint_url, {}, token)
  let isAnswered = false
  const waiting = poll().then((answer) => {
    isAnswered = true
    return answer
  })
  await receiver.call('GET', '/ssf/streams', undefined, token)
  assert.equal(isAnswered, false)
  await revoke(suite, 'session', ready.signIn.sessionUid)
  const answer = await waiting
  assert.equal(Object.keys(answer.json().sets).length, 1)
  assert.equal(answer.headers['cache-control'], 'no-store')
})

test('events at rest are sealed, and no log line has a subject or a token (ASVS 14.2.4)', async () => {
  const ready = await receiverWithPerson()
  await ready.receiver.call('POST', '/ssf/status', { stream_id: ready.stream.stream_id, status: 'paused' })
  await revoke(suite, 'session', ready.signIn.sessionUid)
  const rows = await suite.ground.database
    .selectFrom('ssfEvents')
    .select('sealedClaims')
    .where('streamId', '=', ready.stream.stream_id)
    .execute()
  assert.equal(rows.length, 1)
  assert.ok(!JSON.stringify(rows).includes('iss_sub'))
  const log = suite.logLines.join('')
  assert.ok(!log.includes(ready.sub))
  assert.ok(!/eyJ[\w-]{20,}/.test(log))
})

test('the same revocation told twice, as after a crash, is one event', async () => {
  const ready = await receiverWithPerson()
  const { revocationId } = await revoke(suite, 'session', ready.signIn.sessionUid)
  const [event] = await told(ready)
  await suite.ground.database
    .updateTable('revocations')
    .set({ clearedAt: null, clearedTo: null })
    .where('revocationId', '=', revocationId)
    .execute()
  advanceClock(5_000)
  await until(async () => {
    const row = await suite.ground.database
      .selectFrom('revocations')
      .select('clearedAt')
      .where('revocationId', '=', revocationId)
      .executeTakeFirstOrThrow()
    return row.clearedAt !== null
  })
  assert.deepEqual((await ready.receiver.poll(ready.stream)).events, [])
  assert.ok(event)
})
