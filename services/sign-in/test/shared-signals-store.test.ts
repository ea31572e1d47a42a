import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createLogoutDeliveries } from '../src/back-channel-logout/deliveries.ts'
import type { LogoutTables } from '../src/back-channel-logout/tables.ts'
import { migrations } from '../src/migrations.ts'
import { createOutbox, type NewEvent } from '../src/shared-signals/outbox.ts'
import { createReceivedEvents } from '../src/shared-signals/received-events.ts'
import { createStreamStore } from '../src/shared-signals/stream-store.ts'
import type { SharedSignalsTables } from '../src/shared-signals/tables.ts'
import { createWaitingPolls } from '../src/shared-signals/waiting-polls.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 7))
const DAY = 86_400_000

async function open(url: string) {
  const database = await openDatabase<SharedSignalsTables & LogoutTables>(url, 'sign_in')
  await migrate(database, migrations)
  return {
    database,
    outbox: createOutbox(database as never, secrets),
    streams: createStreamStore(database as never, secrets),
    received: createReceivedEvents(database as never),
    logouts: createLogoutDeliveries(database as never),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}
type Stores = Awaited<ReturnType<typeof open>>

const event = (streamId: string, cause: string, more: Partial<NewEvent> = {}): NewEvent => ({
  streamId,
  cause,
  revocationId: 'revocation-1',
  eventType: 'urn:example',
  claims: {
    sub_id: { format: 'iss_sub', iss: 'https://sign-in.example', sub: cause },
    events: { 'urn:example': {} },
  },
  ...more,
})

const subjectsOf = (events: { claims: { sub_id: object } }[]) =>
  events.map(({ claims }) => (claims.sub_id as { sub: string }).sub)

async function pushStream({ streams }: Stores, clientId = 'client-1') {
  const streamId = `stream-of-${clientId}`
  const delivery = {
    method: 'push',
    endpointUrl: 'https://receiver.example/',
    authorizationHeader: 'Bearer x',
  } as const
  await streams.add(
    streamId,
    clientId,
    { description: undefined, delivery, eventsRequested: ['urn:example'] },
    now(),
  )
  return streamId
}

onEveryEngine((engine) => {
  test('of two streams for one receiver at once one is kept, with its secret sealed', async () => {
    await using stores = await open(await engine.freshDatabase())
    const settings = { description: 'x', delivery: { method: 'poll' }, eventsRequested: undefined } as const
    const added = await Promise.all(
      ['one', 'other'].map((streamId) => stores.streams.add(streamId, 'client-1', settings, now())),
    )
    assert.deepEqual(added.sort(), [false, true])
    const streamId = await pushStream(stores, 'client-2')
    const stream = await stores.streams.find(streamId)
    assert.deepEqual(stream?.delivery, {
      method: 'push',
      endpointUrl: 'https://receiver.example/',
      authorizationHeader: 'Bearer x',
    })
    const row = await stores.database
      .selectFrom('ssfStreams')
      .select('sealedAuthorization')
      .where('streamId', '=', streamId)
      .executeTakeFirstOrThrow()
    assert.ok(!String(row.sealedAuthorization).includes('Bearer'))
  })

  test('of verifications asked for at once one is taken, and the next after the interval', async () => {
    await using stores = await open(await engine.freshDatabase())
    const streamId = await pushStream(stores)
    const at = now()
    const ask = (after: number) => stores.streams.takeVerification(streamId, at + after, 10_000)
    assert.deepEqual((await Promise.all([ask(0), ask(0), ask(0)])).sort(), [false, false, true])
    assert.deepEqual([await ask(9_999), await ask(10_000), await ask(10_001)], [false, true, false])
  })

  test('events come in the order in which they were put in, each cause once', async () => {
    await using stores = await open(await engine.freshDatabase())
    const streamId = await pushStream(stores)
    const causes = Array.from({ length: 250 }, (_, index) => `cause-${String(index).padStart(3, '0')}`)
    await stores.outbox.put(causes.map((cause) => event(streamId, cause)))
    await stores.outbox.put([event(streamId, 'later')])
    await stores.outbox.put(causes.map((cause) => event(streamId, cause)))
    const waiting = await stores.outbox.waiting(streamId, 1_000)
    assert.deepEqual(subjectsOf(waiting), [...causes, 'later'])
    assert.equal(new Set(waiting.map(({ eventId }) => eventId)).size, 251)
  })

  test('of two processes one takes the oldest, and no other is taken before it is done', async () => {
    await using stores = await open(await engine.freshDatabase())
    const { outbox } = stores
    const streamId = await pushStream(stores)
    await outbox.put([event(streamId, 'one'), event(streamId, 'two')])
    assert.deepEqual(await outbox.duePushes(now()), [streamId])
    const taken = await Promise.all([1, 2, 3].map(() => outbox.take(streamId, now(), now() + 9_000)))
    const [first, ...none] = taken.filter((one) => one !== undefined)
    assert.deepEqual([subjectsOf(first ? [first] : []), none], [['one'], []])
    await outbox.giveBack(String(first?.eventId), now() + 1_000, 1, 'status 503')
    assert.equal(await outbox.take(streamId, now(), now() + 9_000), undefined)
    advanceClock(1_000)
    const again = await outbox.take(streamId, now(), now() + 9_000)
    assert.deepEqual([again?.eventId, again?.attempts], [first?.eventId, 1])
    assert.deepEqual(await outbox.end(streamId, [String(first?.eventId)], 'accepted'), ['revocation-1'])
    assert.deepEqual(await outbox.end(streamId, [String(first?.eventId)], 'accepted'), [])
    assert.deepEqual(await outbox.fateOf('revocation-1', streamId), { waiting: 1, failed: 0 })
    assert.deepEqual(subjectsOf([(await outbox.take(streamId, now(), now() + 1)) as never]), ['two'])
  })

  test('nobody ends the events of another stream', async () => {
    await using stores = await open(await engine.freshDatabase())
    const [one, other] = [await pushStream(stores), await pushStream(stores, 'client-2')]
    await stores.outbox.put([event(one, 'one')])
    const [waiting] = await stores.outbox.waiting(one, 1)
    assert.deepEqual(await stores.outbox.end(other, [String(waiting?.eventId)], 'accepted'), [])
    assert.equal((await stores.outbox.waiting(one, 1)).length, 1)
  })

  test('a stream holds ten thousand events and a week, and then the oldest go', async () => {
    await using stores = await open(await engine.freshDatabase())
    const streamId = await pushStream(stores)
    await stores.outbox.put(Array.from({ length: 10_002 }, (_, index) => event(streamId, `cause-${index}`)))
    const [oldest] = await stores.outbox.waiting(streamId, 1)
    assert.deepEqual(subjectsOf(oldest ? [oldest] : []), ['cause-2'])
    advanceClock(7 * DAY + 1)
    await stores.outbox.put([event(streamId, 'fresh')])
    assert.deepEqual(subjectsOf(await stores.outbox.waiting(streamId, 10)), ['fresh'])
  })

  test('disabling a stream empties it, and removing one leaves nothing', async () => {
    await using stores = await open(await engine.freshDatabase())
    const streamId = await pushStream(stores)
    await stores.outbox.put([event(streamId, 'one')])
    await stores.streams.removeSubject(streamId, 'maria')
    await stores.streams.removeSubject(streamId, 'maria')
    assert.equal(await stores.streams.isRemoved(streamId, 'maria'), true)
    await stores.streams.setStatus(streamId, 'disabled', undefined)
    assert.deepEqual(await stores.outbox.waiting(streamId, 1), [])
    assert.deepEqual(await stores.streams.listening(), [])
    await stores.streams.remove(streamId)
    assert.equal(await stores.streams.find(streamId), undefined)
    assert.equal(await stores.streams.isRemoved(streamId, 'maria'), false)
  })

  test('a token of a provider is received once, and its events are taken in the order of their arrival', async () => {
    await using stores = await open(await engine.freshDatabase())
    const { received } = stores
    const token = (jti: string) => ({
      jti,
      iat: 1,
      exp: 2,
      events: [{ type: `urn:${jti}`, subject: 'person-1' }],
    })
    const added = await Promise.all([1, 2].map(() => received.put('login.gov', token('one'))))
    assert.deepEqual(added.sort(), [0, 1])
    advanceClock(1)
    await received.put('login.gov', token('two'))
    assert.deepEqual(await received.dueProviders(now()), ['login.gov'])
    const taken = await Promise.all([1, 2].map(() => received.take('login.gov', now(), now() + 1_000)))
    const [first, ...none] = taken.filter((one) => one !== undefined)
    assert.deepEqual([first?.jti, none], ['one', []])
    assert.equal(await received.take('login.gov', now(), now() + 1_000), undefined)
    if (first) await received.done(first, 'revocation-1')
    assert.equal((await received.take('login.gov', now(), now() + 1_000))?.jti, 'two')
    assert.deepEqual(await received.about('login.gov', 'person-1', 'urn:one'), [
      { revocationId: 'revocation-1', issuedAt: 1 },
    ])
  })

  test('what a provider told is forgotten once its token has expired, unless something here came of it', async () => {
    await using stores = await open(await engine.freshDatabase())
    const { received, database } = stores
    const exp = Math.floor(now() / 1000) + 60
    for (const jti of ['without', 'with'])
      await received.put('login.gov', { jti, iat: 1, exp, events: [{ type: 'urn:x', subject: 'one' }] })
    for (let count = 0; count < 2; count += 1) {
      const taken = await received.take('login.gov', now(), now() + 1_000)
      if (taken) await received.done(taken, taken.jti === 'with' ? 'revocation-1' : undefined)
    }
    advanceClock(180_000)
    await received.put('login.gov', {
      jti: 'later',
      iat: 1,
      exp,
      events: [{ type: 'urn:x', subject: 'one' }],
    })
    const rows = await database.selectFrom('providerEvents').select('jti').orderBy('jti').execute()
    assert.deepEqual(
      rows.map(({ jti }) => jti),
      ['later', 'with'],
    )
  })

  test('a logout is kept once for each session and client, and taken by one', async () => {
    await using stores = await open(await engine.freshDatabase())
    const { logouts } = stores
    const delivery = { revocationId: 'r', clientId: 'client-1', accountId: 'a', sid: '' }
    await logouts.put([delivery, { ...delivery, sid: 'one' }])
    await logouts.put([delivery])
    assert.deepEqual(await logouts.dueClients(now()), ['client-1'])
    assert.deepEqual(await logouts.standingOf('r', 'client-1'), { waiting: 2, failed: 0 })
    const taken = await Promise.all([1, 2, 3].map(() => logouts.take('client-1', now(), now() + 1_000)))
    const sids = taken.flatMap((one) => (one ? [one.sid] : []))
    assert.deepEqual(sids.sort(), ['', 'one'])
    await logouts.failed(delivery, now() + 60_000, 2)
    await logouts.giveBack({ ...delivery, sid: 'one' }, now() + 500, 1)
    assert.deepEqual(await logouts.standingOf('r', 'client-1'), { waiting: 1, failed: 1 })
    advanceClock(500)
    assert.equal((await logouts.take('client-1', now(), now() + 1_000))?.attempts, 1)
  })
})

test('whoever waits in a poll is let go when the service closes, and when they have gone', async () => {
  const polls = createWaitingPolls()
  const gone = new AbortController()
  const stays = new AbortController()
  const nothing = async () => undefined
  const leaving = polls.until('stream-1', 30_000, gone.signal, nothing)
  const staying = polls.until('stream-1', 30_000, stays.signal, nothing)
  gone.abort()
  assert.equal(await leaving, undefined)
  polls.close()
  assert.equal(await staying, undefined)
})

test('a fifth poll of one stream is answered without waiting', async () => {
  const polls = createWaitingPolls()
  const { signal } = new AbortController()
  const nothing = async () => undefined
  const four = [1, 2, 3, 4].map(() => polls.until('stream-1', 30_000, signal, nothing))
  assert.equal(await polls.until('stream-1', 30_000, signal, nothing), undefined)
  polls.close()
  await Promise.all(four)
})
