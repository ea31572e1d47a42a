// What is kept of security events, on each engine, and by processes that do the same at once.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { type Engine, onEveryEngine } from '@gatehouse/storage/testing'
import { sqlConnections } from '../src/openid-connect/connections.ts'
import { sqlSubjects } from '../src/openid-connect/subjects.ts'
import { type NewDelivery, sqlOutbox } from '../src/risc/outbox.ts'
import { sqlReceivedEvents } from '../src/risc/received-events.ts'
import { connect, openMigrated } from './support/risc.ts'

const URL = 'http://receiver.example/events'
const RATE = { most: 100, since: 0 }
const WEEK = 7 * 86_400_000

const delivery = (jti: string, changes: Partial<NewDelivery> = {}): NewDelivery => ({
  jti,
  clientId: 'a',
  url: URL,
  eventType: 'urn:event',
  claims: {
    aud: URL,
    events: { 'urn:event': { subject: { subject_type: 'email', email: 'maria@example.com' } } },
  },
  ...changes,
})

onEveryEngine((engine: Engine) => {
  async function opened(t: { after(end: () => Promise<void>): void }) {
    const database = await openMigrated(await engine.freshDatabase())
    t.after(() => database.destroy())
    return { database, outbox: sqlOutbox(database, deriveSecrets(randomBytes(32))) }
  }

  test('what is put is taken oldest first, with what it says', async (t) => {
    const { outbox } = await opened(t)
    await outbox.put([delivery('b'), delivery('a')], 1_000)
    await outbox.put([delivery('0')], 999)
    const taken = []
    for (let count = 0; count < 3; count += 1) taken.push(await outbox.take(URL, 2_000, 3_000, RATE))
    assert.deepEqual(
      taken.map((one) => one?.jti),
      ['0', 'b', 'a'],
    )
    assert.deepEqual(taken[1], { ...delivery('b'), failures: 0 })
    assert.equal(await outbox.take(URL, 2_999, 4_000, RATE), undefined)
    assert.equal((await outbox.take(URL, 3_000, 4_000, RATE))?.jti, '0')
  })

  test('all of a change are kept or none', async (t) => {
    const { outbox } = await opened(t)
    await outbox.put([delivery('a')], 1)
    await assert.rejects(outbox.put([delivery('b'), delivery('a')], 1))
    assert.deepEqual(
      (await outbox.latest(9)).map(({ jti }) => jti),
      ['a'],
    )
    await outbox.put([], 1)
  })

  test('of many who take at once, each gets another one', async (t) => {
    const { outbox } = await opened(t)
    await outbox.put(
      ['a', 'b', 'c'].map((jti) => delivery(jti)),
      1,
    )
    const taken = await Promise.all(Array.from({ length: 9 }, () => outbox.take(URL, 2, 3_000, RATE)))
    const jtis = taken.flatMap((one) => (one ? [one.jti] : []))
    assert.equal(new Set(jtis).size, jtis.length)
    // Who came too late for one may have missed the next; nothing is lost by that.
    for (let left = 3 - jtis.length; left > 0; left -= 1) assert.ok(await outbox.take(URL, 2, 3_000, RATE))
    assert.equal(await outbox.take(URL, 2, 3_000, RATE), undefined)
  })

  test('URLs are due by themselves, and those that were attempted too often are not taken from', async (t) => {
    const { outbox } = await opened(t)
    const other = 'http://other.example/'
    await outbox.put([delivery('a'), delivery('b'), delivery('c', { url: other })], 10)
    assert.deepEqual(await outbox.dueUrls(9), [])
    assert.deepEqual((await outbox.dueUrls(10)).toSorted(), [other, URL])
    assert.ok(await outbox.take(URL, 10, 99, { most: 1, since: 0 }))
    assert.equal(await outbox.take(URL, 20, 99, { most: 1, since: 9 }), undefined)
    assert.ok(await outbox.take(other, 20, 99, { most: 1, since: 9 }))
    assert.ok(await outbox.take(URL, 20, 99, { most: 1, since: 10 }))
  })

  test('what was given back is due again then, and what ended is not', async (t) => {
    const { outbox } = await opened(t)
    await outbox.put([delivery('a')], 1)
    await outbox.take(URL, 1, 9, RATE)
    await outbox.giveBack('a', 50, 1)
    assert.equal(await outbox.take(URL, 49, 99, RATE), undefined)
    assert.equal((await outbox.take(URL, 50, 99, RATE))?.failures, 1)
    assert.equal(await outbox.isWaiting(), true)
    await outbox.end('a', { state: 'accepted', status: 202, failures: 1 })
    await outbox.giveBack('a', 0, 0)
    assert.equal(await outbox.isWaiting(), false)
    assert.equal(await outbox.take(URL, 1_000, 2_000, RATE), undefined)
    const [report] = await outbox.latest(1)
    assert.deepEqual(report, {
      jti: 'a',
      clientId: 'a',
      url: URL,
      eventType: 'urn:event',
      state: 'accepted',
      status: 202,
      failures: 1,
      madeAt: 1,
      attemptedAt: 50,
    })
  })

  test('what ended is reported for a week; what waits is kept for as long as it takes', async (t) => {
    const { outbox } = await opened(t)
    await outbox.put([delivery('ended'), delivery('waiting')], 1)
    await outbox.end('ended', { state: 'unreachable', failures: 2 })
    await outbox.put([delivery('week')], 1 + WEEK)
    assert.deepEqual(
      (await outbox.latest(9)).map(({ jti }) => jti),
      ['week', 'waiting', 'ended'],
    )
    await outbox.put([delivery('later')], 2 + WEEK)
    assert.deepEqual(
      (await outbox.latest(9)).map(({ jti }) => jti),
      ['later', 'week', 'waiting'],
    )
  })

  test('a reported event is added once for each client and person, by many at once too', async (t) => {
    const { database } = await opened(t)
    const received = sqlReceivedEvents(database)
    const event = {
      jti: 'j',
      clientId: 'a',
      accountId: '1',
      eventType: 'e',
      occurredAt: undefined,
      receivedAt: 1,
    }
    const added = await Promise.all(Array.from({ length: 5 }, () => received.add(event)))
    assert.equal(added.filter(Boolean).length, 1)
    assert.equal(await received.has(event), true)
    assert.equal(await received.has({ ...event, accountId: '2' }), false)
    assert.equal(await received.add({ ...event, accountId: '2', occurredAt: 1_700_000_000_500 }), true)
    assert.equal(await received.add({ ...event, clientId: 'b' }), true)
  })

  test('connections go with all that clients know a person by, and those of others stay', async (t) => {
    const { database } = await opened(t)
    const connections = sqlConnections(database)
    const subjects = sqlSubjects(database)
    for (const [account, client] of [
      ['1', 'b'],
      ['1', 'a'],
      ['2', 'a'],
    ] as const) {
      await connect(database, account, client)
    }
    const sub = await subjects.of('1', 'agency')
    assert.deepEqual(await connections.of('1'), ['a', 'b'])
    await connections.remove('1')
    assert.deepEqual(await connections.of('1'), [])
    assert.deepEqual(await connections.of('2'), ['a'])
    assert.notEqual(await subjects.of('1', 'agency'), sub)
  })
})
