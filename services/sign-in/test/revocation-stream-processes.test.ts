// Two processes of sign-in on one PostgreSQL, with a real Redis between them that fails in every way.

import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Broadcast, localBroadcast } from '@gatehouse/storage/broadcast'
import { postgresBinaries, type RunningPostgres, startPostgres } from '@gatehouse/storage/postgres-for-tests'
import { redisBroadcast } from '@gatehouse/storage/redis-broadcast'
import { type RunningRedis, redisProgram, startRedis } from '@gatehouse/storage/redis-for-tests'
import { matchSession, type OpenStream, startStreaming } from './revocation-streams.ts'

const LONGEST = { timeout: 30_000 }
const program = redisProgram()
const binaries = postgresBinaries()
const missing = !program ? 'redis-server not found' : !binaries ? 'PostgreSQL not found' : false

suite('two processes of sign-in', { skip: missing }, () => {
  let redis: RunningRedis
  let postgres: RunningPostgres
  before(async () => {
    redis = await startRedis(program as string)
    postgres = await startPostgres(binaries as string)
  })
  after(async () => {
    await redis?.stop()
    await postgres?.stop()
  })

  const log = { warn: () => {}, info: () => {} }
  let streams = 0

  async function startTwo(
    open = (stream: string): Broadcast => redisBroadcast({ url: redis.url, stream, log }),
  ) {
    const databaseUrl = await postgres.freshDatabase()
    const stream = `stream-${++streams}`
    const a = await startStreaming({ databaseUrl, broadcast: open(stream) })
    const b = await startStreaming({ databaseUrl, broadcast: open(stream) })
    return {
      a,
      b,
      async [Symbol.asyncDispose]() {
        await Promise.all([a.app.close(), b.app.close()])
      },
    }
  }

  type Two = Awaited<ReturnType<typeof startTwo>>

  /** A stream that is past its snapshot: what is made from now on comes as an event of its own. */
  async function opened(process: Two['b']) {
    const stream = await process.open()
    await stream.next('heartbeat')
    return stream
  }

  /** Makes a rule at A and waits until B's stream has it. */
  async function reach({ a }: Two, stream: OpenStream, value: string): Promise<void> {
    const rule = await a.ruleLog.publish(matchSession(value))
    while ((await stream.next('revocation')).data.sequence !== rule.sequence);
  }

  test(
    'a rule made at one is in the stream of the other without waiting for its next heartbeat',
    LONGEST,
    async () => {
      await using two = await startTwo()
      const stream = await opened(two.b)
      const beats = () => stream.events.filter(({ event }) => event === 'heartbeat').length
      // By looking with each heartbeat, no two rules could come between two of them.
      for (let turn = 0; turn < 1_000; turn += 1) {
        const before = beats()
        for (const part of ['first', 'second', 'third']) await reach(two, stream, `${part} ${turn}`)
        if (beats() === before) break
        assert.ok(turn < 999, 'every rule waited for a heartbeat')
      }
      stream.close()
    },
  )

  test('without Redis it is there all the same', LONGEST, async () => {
    await using two = await startTwo(() => localBroadcast())
    const stream = await opened(two.b)
    for (let turn = 0; turn < 3; turn += 1) await reach(two, stream, `${turn}`)
    stream.close()
  })

  for (const [how, fail, heal] of [
    ['hangs', () => redis.hang(), () => redis.resume()],
    ['is gone', () => redis.kill(), () => redis.restart()],
  ] as const) {
    test(`while Redis ${how}, rules reach the other process, in order and once`, LONGEST, async () => {
      await using two = await startTwo()
      const stream = await opened(two.b)
      await reach(two, stream, 'before')
      await fail()
      for (let turn = 0; turn < 5; turn += 1) await reach(two, stream, `while ${turn}`)
      await heal()
      for (let turn = 0; turn < 5; turn += 1) await reach(two, stream, `after ${turn}`)
      const sequences = stream.events
        .filter(({ event }) => event === 'revocation')
        .map(({ data }) => data.sequence)
      assert.deepEqual(
        sequences,
        Array.from({ length: sequences.length }, (_, index) => index + 1),
      )
      assert.equal(sequences.length, 11)
      stream.close()
    })

    test(
      `while Redis ${how}, a gateway that acknowledges at the other process is in the administrator's answer`,
      LONGEST,
      async () => {
        await using two = await startTwo()
        const { a, b } = two
        const stream = await opened(b)
        const { epoch } = b.ruleLog.position()
        await fail()
        const acknowledge = (sequence: number) =>
          b.acknowledge({ gateway: 'gateway-1', name: 'gateway', epoch, sequence })
        await acknowledge(0)
        const { sequence } = await a.ruleLog.publish(matchSession('x'))
        const answer = a.ruleLog.enforcement(sequence, performance.now(), 5_000)
        await stream.next('revocation')
        await acknowledge(sequence)
        const [one] = await answer
        assert.deepEqual([one?.name, one?.state], ['gateway', 'in-force'])
        await heal()
        stream.close()
      },
    )
  }

  test('an acknowledgement at one process is known at the other', LONGEST, async () => {
    await using two = await startTwo()
    const { a, b } = two
    const { epoch } = a.ruleLog.position()
    const { sequence } = await a.ruleLog.publish(matchSession('x'))
    const publishedAt = performance.now()
    await b.acknowledge({ gateway: 'gateway-1', name: 'gateway', epoch, sequence })
    const [one] = await a.ruleLog.enforcement(sequence, publishedAt, 5_000)
    assert.equal(one?.state, 'in-force')
  })

  test(
    'the answer to an acknowledgement counts a rule of the other process, even before any message',
    LONGEST,
    async () => {
      await using two = await startTwo(() => localBroadcast())
      const { a, b } = two
      for (let turn = 1; turn <= 20; turn += 1) {
        const { sequence } = await a.ruleLog.publish(matchSession(`${turn}`))
        const { epoch } = a.ruleLog.position()
        const answer = await b.acknowledge({ gateway: 'gateway-1', name: 'gateway', epoch, sequence: 0 })
        assert.equal(answer.json().sequence, sequence)
      }
    },
  )
})
