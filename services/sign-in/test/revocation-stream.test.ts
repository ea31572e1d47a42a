import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import type { Server } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { HEARTBEAT_MS, RevocationRule, Snapshot, StoredUpTo } from '@gatehouse/contracts/revocations'
import { Value } from 'typebox/value'
import { matchSession, openStream, startStreaming } from './revocation-streams.ts'
import { buildSignIn } from './signing-in.ts'

const LONGEST = { timeout: 20_000 }

const acknowledgementOf = (epoch: string, sequence: number, gateway = 'gateway-1') => ({
  gateway,
  name: `${gateway}:4008`,
  epoch,
  sequence,
})

test('a stream begins with a snapshot, goes on with each rule in order, and beats', LONGEST, async () => {
  await using signIn = await startStreaming()
  const before = await signIn.ruleLog.publish(matchSession('before'))
  const stream = await signIn.open()
  assert.equal(stream.status, 200)
  assert.match(String(stream.headers['content-type']), /^text\/event-stream/)
  assert.match(String(stream.headers['cache-control']), /no-store/)
  const { epoch } = signIn.ruleLog.position()
  const snapshot = await stream.next()
  assert.deepEqual(snapshot, {
    event: 'snapshot',
    id: `${epoch}.1`,
    data: { after: 0, sequence: 1, rules: [before], more: false },
  })
  assert.ok(Value.Check(Snapshot, snapshot.data))
  assert.deepEqual(await stream.next('heartbeat'), {
    event: 'heartbeat',
    id: `${epoch}.1`,
    data: { sequence: 1 },
  })
  for (const sequence of [2, 3]) {
    const rule = await signIn.ruleLog.publish(matchSession(`${sequence}`))
    const event = await stream.next()
    assert.deepEqual(event, { event: 'revocation', id: `${epoch}.${sequence}`, data: rule })
    assert.ok(Value.Check(RevocationRule, event.data))
  }
  assert.equal((await stream.next('heartbeat')).id, `${epoch}.3`)
  stream.close()
})

test(
  'heartbeats come again and again while nothing happens, about every quarter of a second',
  LONGEST,
  async () => {
    await using signIn = await startStreaming()
    const stream = await signIn.open()
    await stream.next('heartbeat')
    const begun = performance.now()
    for (let beats = 0; beats < 4; beats += 1) await stream.next('heartbeat')
    const took = performance.now() - begun
    // Never faster; how much slower is up to the machine.
    assert.ok(took > 3 * HEARTBEAT_MS - 50 && took < 10_000, `${took} ms`)
    stream.close()
  },
)

test(
  'who resumes gets what is missing and no snapshot; an id of another history or of the future gets one',
  LONGEST,
  async () => {
    await using signIn = await startStreaming()
    for (const number of [1, 2, 3]) await signIn.ruleLog.publish(matchSession(`${number}`))
    const { epoch } = signIn.ruleLog.position()
    const resumed = await signIn.open(`${epoch}.1`)
    assert.deepEqual([(await resumed.next()).id, (await resumed.next()).id], [`${epoch}.2`, `${epoch}.3`])
    resumed.close()

    const upToDate = await signIn.open(`${epoch}.3`)
    assert.equal((await upToDate.next('heartbeat')).id, `${epoch}.3`)
    const rule = await signIn.ruleLog.publish(matchSession('4'))
    assert.deepEqual((await upToDate.next()).data, rule)
    assert.ok(upToDate.events.every(({ event }) => event !== 'snapshot'))
    upToDate.close()

    for (const id of ['another-history.2', epoch, `${epoch}.-1`, 'x'.repeat(100)]) {
      const stream = await signIn.open(id)
      const { event, data } = await stream.next()
      assert.equal(event, 'snapshot', id)
      assert.equal((data.rules as unknown[]).length, 4)
      stream.close()
    }
  },
)

test(
  'who was away until rules were deleted gets a snapshot, without those that match nothing any more',
  LONGEST,
  async () => {
    await using signIn = await startStreaming()
    await signIn.ruleLog.publish(matchSession('old'))
    await signIn.ruleLog.publish(matchSession('old too'))
    const { epoch } = signIn.ruleLog.position()
    advanceClock(361_000)
    for (let number = 0; number < 98; number += 1) await signIn.ruleLog.publish(matchSession(`new ${number}`))
    const stream = await signIn.openWith(await signIn.as('gateway', 'revocations.read'), `${epoch}.1`)
    const { event, id, data } = await stream.next()
    assert.equal(event, 'snapshot')
    assert.equal(id, `${epoch}.100`)
    assert.equal((data.rules as unknown[]).length, 98)
    stream.close()
  },
)

test('a large snapshot comes in parts of which each is a place to resume from', LONGEST, async () => {
  await using signIn = await startStreaming()
  for (let number = 0; number < 2_300; number += 1) await signIn.ruleLog.publish(matchSession(`${number}`))
  const stream = await signIn.open()
  const parts = [await stream.next(), await stream.next(), await stream.next()]
  const { epoch } = signIn.ruleLog.position()
  assert.deepEqual(
    parts.map(({ event, id, data }) => [event, id, data.after, data.sequence, data.more]),
    [
      ['snapshot', `${epoch}.1000`, 0, 1_000, true],
      ['snapshot', `${epoch}.2000`, 1_000, 2_000, true],
      ['snapshot', `${epoch}.2300`, 2_000, 2_300, false],
    ],
  )
  const numbers = parts.flatMap(({ data }) =>
    (data.rules as RevocationRule[]).map(({ sequence }) => sequence),
  )
  assert.deepEqual(
    numbers,
    Array.from({ length: 2_300 }, (_, index) => index + 1),
  )
  stream.close()
})

test('rules that are made while streams open are in each of them once', LONGEST, async () => {
  await using signIn = await startStreaming()
  const streams = []
  const publishing = (async () => {
    for (let number = 0; number < 300; number += 1) {
      await signIn.ruleLog.publish(matchSession(`${number}`))
      if (number % 10 === 0) await pause(1)
    }
  })()
  for (let opened = 0; opened < 8; opened += 1) streams.push(await signIn.open())
  await publishing
  for (const stream of streams) {
    const sequences: number[] = []
    while (sequences.at(-1) !== 300) {
      const { event, data } = await stream.next()
      if (event === 'revocation') sequences.push(data.sequence as number)
      else sequences.push(...(data.rules as RevocationRule[]).map(({ sequence }) => sequence))
    }
    assert.deepEqual(
      sequences,
      Array.from({ length: 300 }, (_, index) => index + 1),
    )
    stream.close()
  }
})

test('a gateway that does not read is cut off, and others go on', LONGEST, async () => {
  await using signIn = await startStreaming()
  const [slow, other] = [await signIn.open(), await signIn.open()]
  slow.response.pause()
  const value = 'x'.repeat(100_000)
  let sent = 0
  // As much as the buffers of the system take, and a megabyte.
  while ((await connectionsOf(signIn.app.server)) > 1 && sent < 400) {
    sent += 1
    await signIn.ruleLog.publish({ revocationId: `long-${sent}`, matches: [{ by: 'session', value }] })
    if (sent % 10 === 0) await pause(5)
  }
  assert.ok(sent < 400, 'a stream that nobody reads was never cut')
  slow.response.resume()
  assert.equal(await slow.ended(), false)
  const rule = await signIn.ruleLog.publish(matchSession('last'))
  while ((await other.next()).id !== `${signIn.ruleLog.position().epoch}.${rule.sequence}`);
  other.close()
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}

test('a stream ends properly after its longest time, and can be resumed', LONGEST, async () => {
  await using signIn = await startStreaming({ longestStreamMs: 300 })
  const stream = await signIn.open()
  await stream.next('heartbeat')
  assert.equal(await stream.ended(), true)
  const { epoch } = signIn.ruleLog.position()
  const resumed = await signIn.open(`${epoch}.0`)
  assert.equal((await resumed.next('heartbeat')).id, `${epoch}.0`)
  resumed.close()
})

test('closing the service ends its streams at once', LONGEST, async () => {
  const signIn = await startStreaming()
  const stream = await signIn.open()
  await stream.next()
  const [, isProper] = await Promise.all([signIn.app.close(), stream.ended()])
  // Cut off a second later, it would end in the middle.
  assert.equal(isProper, true)
})

test(
  'an acknowledgement is answered with what is stored (and only well-formed ones are)',
  LONGEST,
  async () => {
    await using signIn = await startStreaming()
    const { epoch } = signIn.ruleLog.position()
    const answer = await signIn.acknowledge(acknowledgementOf(epoch, 0))
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), { epoch, sequence: 0 })
    await signIn.ruleLog.publish(matchSession('x'))
    const stored = (await signIn.acknowledge(acknowledgementOf(epoch, 0))).json()
    assert.ok(Value.Check(StoredUpTo, stored))
    assert.equal(stored.sequence, 1)
    for (const wrong of [
      {},
      acknowledgementOf(epoch, -1),
      acknowledgementOf(epoch, 1.5),
      acknowledgementOf(epoch, 0, 'a b'),
      { ...acknowledgementOf(epoch, 0), more: 1 },
    ]) {
      assert.equal((await signIn.acknowledge(wrong)).statusCode, 400)
    }
  },
)

test(
  'only services that may read revocations get the stream, or acknowledge (ASVS 8.2.1)',
  LONGEST,
  async () => {
    await using signIn = await startStreaming()
    for (const [headers, status] of [
      [{}, 401],
      [{ authorization: 'Bearer nonsense' }, 401],
      [await signIn.as('gateway', 'revocations.write'), 403],
      [await signIn.as('cbsv', 'revocations.read'), 403],
      [await signIn.as('gateway', 'revocations.read', { sub: 'a person' }), 403],
    ] as [Record<string, string>, number][]) {
      const stream = await openStream(signIn.port, headers)
      assert.equal(stream.status, status)
      stream.close()
      const payload = acknowledgementOf('x', 0)
      const url = '/revocations/acknowledgements'
      const answer = await signIn.app.inject({ method: 'POST', url, headers, payload })
      assert.equal(answer.statusCode, status)
    }
    const console = await openStream(signIn.port, await signIn.as('admin', 'revocations.read'))
    assert.equal(console.status, 200)
    console.close()
  },
)

test('neither streams nor acknowledgements fill the log, and no rule is in it', LONGEST, async () => {
  await using signIn = await startStreaming()
  const stream = await signIn.open()
  await signIn.ruleLog.publish(matchSession('a-session-id'))
  await stream.next()
  await signIn.acknowledge(acknowledgementOf(signIn.ruleLog.position().epoch, 1))
  stream.close()
  await pause(50)
  assert.deepEqual(
    signIn.logLines.filter((line) => line.includes('revocations') || line.includes('a-session-id')),
    [],
  )
})

test('sign-in itself serves the stream, and closes while it is open', LONGEST, async () => {
  const { app, as } = await buildSignIn()
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  const stream = await openStream(port, await as('gateway', 'revocations.read'))
  assert.equal((await stream.next()).event, 'snapshot')
  await stream.next('heartbeat')
  await Promise.all([app.close(), stream.ended()])
})
