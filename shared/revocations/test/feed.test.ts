import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { createRevocationFeed, type RevocationFeed } from '../src/feed.ts'
import { startScriptedStream } from '../src/scripted-stream.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const session = (sid: string): AccessTokenClaims =>
  Object.freeze({
    iss: 'http://sign-in.test',
    sub: 'somebody',
    aud: 'urn:gatehouse:cbsv',
    client_id: 'bso',
    iat: epochSeconds() - 60,
    exp: epochSeconds() + 240,
    jti: sid,
    sid,
  })
const bySession = (value: string) => [{ by: 'session' as const, value }]

/** Waits for something that is about to happen; fails after ten seconds. */
async function eventually(condition: () => boolean, what: string): Promise<number> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return performance.now()
}

async function start({ token = async () => 'service-token' } = {}) {
  const stream = await startScriptedStream()
  closing.push(() => stream.close())
  const lines: string[] = []
  const record = (fields: object, message: string) =>
    void lines.push(`${message} ${Object.values(fields).map(String).join(' ')}`)
  const refusedTokens: string[] = []
  const feed = createRevocationFeed({
    signInUrl: stream.origin,
    fetch,
    token,
    onTokenRefused: (one) => refusedTokens.push(one),
    name: 'gateway.test:4008',
    log: { info: record, warn: record, debug: record },
  })
  closing.push(() => feed.close())
  return { stream, feed, lines, refusedTokens }
}

const open = (feed: RevocationFeed) => eventually(feed.ready, 'the feed is complete')
const isBlind = (feed: RevocationFeed) => eventually(() => !feed.ready(), 'the feed is blind')
const refuses = (feed: RevocationFeed, sid: string) => feed.refuses(session(sid))

describe('a feed', { timeout: 60_000 }, () => {
  test('is blind until the snapshot is in force and sign-in confirmed it, and says so (ASVS 16.5.3)', async () => {
    const { stream, feed } = await start()
    assert.equal(feed.blindness(), 'never connected')
    for (const sid of ['a', 'b', 'c', 'd', 'e']) stream.revoke(bySession(sid))
    await open(feed)
    for (const sid of ['a', 'b', 'c', 'd', 'e']) assert.equal(refuses(feed, sid), true)
    assert.equal(refuses(feed, 'f'), false)
    const [first] = stream.acknowledgements
    assert.equal(first?.sequence, 5)
    assert.equal(first?.name, 'gateway.test:4008')
  })

  test('enforces each rule as it comes, tells of it, and acknowledges it', async () => {
    const { stream, feed } = await start()
    await open(feed)
    const told: boolean[] = []
    const stop = feed.onRule(() => told.push(refuses(feed, 'a')))
    stream.revoke(bySession('a'))
    await eventually(() => stream.acknowledgements.at(-1)?.sequence === 1, 'it is acknowledged')
    assert.deepEqual(told, [true])
    stop()
    stream.revoke(bySession('b'))
    await eventually(() => refuses(feed, 'b'), 'the next is in force')
    assert.equal(told.length, 1)
    assert.equal(feed.blindness(), undefined)
  })

  test('takes a rule that comes twice once', async () => {
    const { stream, feed } = await start()
    stream.faults.duplicating = true
    for (const sid of ['a', 'b', 'c', 'd']) stream.revoke(bySession(sid))
    await open(feed)
    stream.revoke(bySession('e'))
    await eventually(() => refuses(feed, 'e'), 'it is in force')
    assert.equal(stream.openings.length, 1)
    for (const sid of ['a', 'b', 'c', 'd']) assert.equal(refuses(feed, sid), true)
  })

  test('asks for everything anew when a rule comes before its turn', async () => {
    const { stream, feed } = await start()
    await open(feed)
    stream.faults.reordering = true
    stream.revoke(bySession('a'))
    stream.revoke(bySession('b'))
    await eventually(() => refuses(feed, 'a') && refuses(feed, 'b'), 'both are in force')
    assert.deepEqual(stream.openings, [undefined, undefined])
  })

  test('goes on where it was when the connection breaks, without a snapshot', async () => {
    const { stream, feed } = await start()
    stream.revoke(bySession('a'))
    await open(feed)
    stream.faults.refusedWith = 503
    stream.cut()
    stream.revoke(bySession('b'))
    await eventually(() => stream.openings.length > 2, 'it tries again')
    stream.faults.refusedWith = undefined
    await eventually(() => refuses(feed, 'b'), 'what was missed is in force')
    assert.match(String(stream.openings.at(-1)), /^[\w-]+\.1$/)
  })

  test('comes back at once when sign-in ends a stream of some age in order', async () => {
    const { stream, feed } = await start()
    await open(feed)
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    stream.cut('in order')
    await eventually(() => stream.openings.length === 2, 'it comes back')
    assert.equal(feed.blindness(), undefined)
  })

  test('forgets nothing and believes nothing when sign-in has another history', async () => {
    const { stream, feed } = await start()
    stream.revoke(bySession('a'))
    await open(feed)
    stream.startNewHistory()
    stream.cut()
    stream.revoke(bySession('b'))
    await eventually(() => refuses(feed, 'b'), 'the new history is in force')
    await open(feed)
    assert.equal(stream.acknowledgements.at(-1)?.sequence, 1)
  })

  test('notices another history by the answer to an acknowledgement too', async () => {
    const { stream, feed } = await start()
    stream.revoke(bySession('a'))
    await open(feed)
    const { openings } = stream
    stream.startNewHistory()
    await eventually(() => openings.length > 1 && openings.at(-1) === undefined, 'it asks for a snapshot')
    await open(feed)
  })

  test('is blind a second after the last confirmation when nothing comes any more, and open again afterwards', async () => {
    const { stream, feed } = await start()
    await open(feed)
    const silentAt = performance.now()
    stream.faults.silent = true
    const blindAt = await isBlind(feed)
    assert.ok(blindAt - silentAt < 1_500, `${blindAt - silentAt} ms`)
    assert.ok(['silent', 'disconnected'].includes(String(feed.blindness())))
    stream.faults.silent = false
    await open(feed)
  })

  for (const fault of ['hanging', 'failing'] as const) {
    test(`is blind when acknowledgements are ${fault} although the stream goes on`, async () => {
      const { stream, feed } = await start()
      await open(feed)
      stream.faults.acknowledgements = fault
      await isBlind(feed)
      assert.equal(feed.blindness(), 'silent')
      const before = stream.acknowledgements.length
      await eventually(() => stream.acknowledgements.length > before + 1, 'one that hangs is given up')
      stream.faults.acknowledgements = 'answered'
      await open(feed)
    })
  }

  test('is not open while the stream withholds a rule that is stored, however lively it is', async () => {
    const { stream, feed } = await start()
    await open(feed)
    stream.faults.losing = true
    stream.revoke(bySession('a'))
    await eventually(() => refuses(feed, 'a') || !feed.ready(), 'it has the rule or lets nobody in')
    // Another connection gets a snapshot, in which the rule is.
    await eventually(() => refuses(feed, 'a'), 'the rule is in force')
    assert.equal(stream.openings.at(-1), undefined)
    stream.faults.losing = false
    await open(feed)
  })

  test('is blind while a late stream has a stored rule still under way', async () => {
    const { stream, feed } = await start()
    await open(feed)
    stream.faults.lateMs = 3_000
    const storedAt = performance.now()
    stream.revoke(bySession('a'))
    await eventually(() => refuses(feed, 'a') || !feed.ready(), 'it has the rule or lets nobody in')
    assert.ok(performance.now() - storedAt < 1_500)
    stream.faults.lateMs = 0
    await open(feed)
    assert.equal(refuses(feed, 'a'), true)
  })

  test('does not open on a confirmation that is older than a second, as after this process was stopped', async () => {
    const { feed } = await start()
    await open(feed)
    const until = performance.now() + 1_100
    while (performance.now() < until);
    assert.notEqual(feed.blindness(), undefined)
    await open(feed)
  })

  test('waits for no token for longer than a second, and hears when its own was refused', async () => {
    let isHanging = true
    const { stream, feed, lines, refusedTokens } = await start({
      token: () => (isHanging ? new Promise<string>(() => {}) : Promise.resolve('another-token')),
    })
    await eventually(() => lines.some((line) => line.includes('nothing came for a second')), 'it gives up')
    isHanging = false
    await open(feed)
    stream.faults.refusedWith = 401
    stream.cut()
    await eventually(() => refusedTokens.includes('another-token'), 'it hears')
    assert.ok(!lines.some((line) => line.includes('another-token')), 'no token in the log')
  })

  test('is not blinded by the clock that the lab moves', async () => {
    const { stream, feed } = await start()
    stream.revoke(bySession('a'))
    await open(feed)
    advanceClock(3_600_000)
    assert.equal(feed.blindness(), undefined)
  })

  test('ends at once when it is closed, connected or not', async () => {
    const { stream, feed } = await start()
    await open(feed)
    await feed.close()
    const before = stream.openings.length
    stream.cut()
    assert.equal(stream.openings.length, before)
    const nowhere = createRevocationFeed({
      signInUrl: 'http://127.0.0.1:9',
      fetch,
      token: async () => 't',
      name: 'n',
      log: { info() {}, warn() {}, debug() {} },
    })
    await nowhere.close()
    assert.equal(nowhere.blindness(), 'never connected')
  })
})

test('a part of a snapshot that is missing, or an event that nobody knows the meaning of, is no snapshot', async () => {
  const { createHistory, HistoryBroken } = await import('../src/history.ts')
  const part = (after: number, sequence: number, more: boolean, sids: string[], epoch = 'e') => ({
    event: 'snapshot',
    id: `${epoch}.${sequence}`,
    data: JSON.stringify({
      after,
      sequence,
      more,
      rules: sids.map((value, index) => ({
        sequence: after + index + 1,
        revocationId: value,
        instant: now(),
        matches: bySession(value),
      })),
    }),
  })
  const history = createHistory()
  assert.equal(history.take(part(0, 1, true, ['a'])), false)
  assert.equal(history.position, undefined)
  assert.equal(history.revokes(session('a')), false, 'in force only as a whole')
  assert.throws(() => history.take(part(2, 3, false, ['c'])), HistoryBroken)
  assert.equal(history.take(part(1, 2, false, ['b'])), true)
  assert.deepEqual(history.position, { epoch: 'e', sequence: 2 })
  history.take(part(1, 2, false, ['b']))
  assert.equal(history.revokes(session('a')), true, 'its last part again is not a snapshot of its own')
  for (const [event, data] of [
    ['revocation', 'no JSON'],
    ['revocation', '{"sequence":3,"revocationId":"x","instant":1,"matches":[{"by":"moon","value":"x"}]}'],
    ['heartbeat', '{}'],
    ['heartbeat', '{"sequence":3}'],
    ['snapshot', '{"sequence":9,"rules":[],"more":false}'],
  ] as const) {
    assert.throws(() => history.take({ event, id: 'e.3', data }), HistoryBroken, `${event} ${data}`)
  }
  assert.throws(() => history.take({ event: 'heartbeat', id: 'f.2', data: '{"sequence":2}' }), HistoryBroken)
  assert.equal(history.take({ event: 'announcement', data: 'x' }), false)
  assert.equal(history.take(part(0, 1, false, ['z'], 'f')), true)
  assert.equal(history.revokes(session('a')), false, 'another history replaces all')
})
