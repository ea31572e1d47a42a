import assert from 'node:assert/strict'
import { after, afterEach, before, suite, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Broadcast, localBroadcast } from '../src/broadcast.ts'
import { redisBroadcast } from '../src/redis-broadcast.ts'
import { type RunningRedis, redisProgram, startRedis } from '../src/redis-for-tests.ts'

const opened: Broadcast[] = []

function keep(broadcast: Broadcast): Broadcast {
  opened.push(broadcast)
  return broadcast
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((broadcast) => broadcast.close()))
})

/** Resolves with the first message that `listen` hears and that `is` wants. */
function heard(broadcast: Broadcast, is: (message: unknown) => boolean): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = broadcast.subscribe((message) => {
      if (!is(message)) return
      stop()
      resolve(message)
    })
  })
}

/** Sends until it is heard: before both ends are connected, and while one is away, messages may be lost. */
async function getsThrough(from: Broadcast, to: Broadcast, message: { text: string }): Promise<void> {
  const arrived = heard(to, (got) => (got as typeof message).text === message.text)
  const again = setInterval(() => from.publish(message), 20)
  try {
    await arrived
  } finally {
    clearInterval(again)
  }
}

/** The contract: two ends of one broadcast, as two processes have them. */
function contract(openTwo: () => [Broadcast, Broadcast]): void {
  test('a message reaches every subscriber at either end, as the value it was', {
    timeout: 10_000,
  }, async () => {
    const [one, other] = openTwo()
    await getsThrough(one, other, { text: 'connected' })
    await getsThrough(other, one, { text: 'both ways' })
    const message = { text: 'résumé', list: [1, { deep: null }] }
    const all = [one, other, other].map((end) =>
      heard(end, (got) => (got as typeof message).text === 'résumé'),
    )
    one.publish(message)
    assert.deepEqual(await Promise.all(all), [message, message, message])
  })

  test('who stopped listening hears nothing more, and the others do', { timeout: 10_000 }, async () => {
    const [one, other] = openTwo()
    await getsThrough(one, other, { text: 'connected' })
    const late: unknown[] = []
    const stop = other.subscribe((message) => late.push(message))
    stop()
    await getsThrough(one, other, { text: 'after' })
    assert.deepEqual(late, [])
  })

  test('messages arrive in the order in which one end sends them', { timeout: 10_000 }, async () => {
    const [one, other] = openTwo()
    await getsThrough(one, other, { text: 'connected' })
    const numbers: number[] = []
    const last = heard(other, (message) => {
      const { number } = message as { number?: number }
      if (number !== undefined) numbers.push(number)
      return number === 199
    })
    for (let number = 0; number < 200; number += 1) one.publish({ number })
    await last
    assert.deepEqual(numbers, [...Array(200).keys()])
  })

  test('a closed broadcast is silent', { timeout: 10_000 }, async () => {
    const [one, other] = openTwo()
    await getsThrough(one, other, { text: 'connected' })
    const late: unknown[] = []
    other.subscribe((message) => late.push(message))
    await other.close()
    late.length = 0
    const heardHere = heard(one, (message) => (message as { text?: string }).text === 'alone')
    if (one !== other) {
      one.publish({ text: 'alone' })
      await heardHere
    }
    assert.deepEqual(late, [])
  })
}

suite('within one process', () => {
  contract(() => {
    const broadcast = keep(localBroadcast())
    return [broadcast, broadcast]
  })
})

const program = redisProgram()
suite('over Redis', { skip: program ? false : 'redis-server not found' }, () => {
  let redis: RunningRedis
  /** What was logged since the test began. */
  const lines: string[] = []
  const log = {
    warn: (_details: object, message: string) => void lines.push(message),
    info: (message: string) => void lines.push(message),
  }
  const open = (stream: string, url = redis.url) => keep(redisBroadcast({ url, stream, log }))
  before(async () => {
    redis = await startRedis(program as string)
  })
  after(() => redis.stop())

  let streams = 0
  contract(() => {
    const stream = `stream-${++streams}`
    return [open(stream), open(stream)]
  })

  test('messages of another stream are not heard', { timeout: 10_000 }, async () => {
    const [one, other, apart] = [open('shared'), open('shared'), open('apart')]
    await getsThrough(apart, apart, { text: 'connected' })
    const strange: unknown[] = []
    apart.subscribe((message) => strange.push((message as { text: string }).text))
    await getsThrough(one, other, { text: 'mine' })
    await getsThrough(apart, apart, { text: 'yours' })
    assert.ok(!strange.includes('mine'))
  })

  for (const [how, fail, heal] of [
    ['hangs', () => redis.hang(), () => redis.resume()],
    ['is killed and comes back empty', () => redis.kill(), () => redis.restart()],
  ] as const) {
    test(`where Redis ${how}, publishing goes on at once, and it is logged once and once when it is over`, {
      timeout: 20_000,
    }, async () => {
      const [one, other] = [open(how), open(how)]
      await getsThrough(one, other, { text: 'before' })
      lines.length = 0
      await fail()
      // Waiting for an answer even once in a while would be longer than this test may take.
      for (let message = 0; message < 5_000; message += 1) one.publish({ message })
      while (lines.length < 2) await pause(20)
      // Two attempts more, at which nothing is to be said.
      await pause(600)
      assert.deepEqual(lines, ['Redis is not there', 'Redis is not there'])
      await heal()
      await getsThrough(one, other, { text: 'after' })
      while (lines.length < 4) await pause(20)
      assert.deepEqual(lines.slice(2), ['Redis is there again', 'Redis is there again'])
    })
  }

  test('without Redis it opens, and closes, without waiting for one', { timeout: 10_000 }, async () => {
    await redis.kill()
    const broadcast = open('nobody')
    broadcast.publish({ text: 'lost' })
    const begun = performance.now()
    await broadcast.close()
    assert.ok(performance.now() - begun < 1_000)
    await redis.restart()
  })

  test('what others write into the stream is no message, and harms nothing', {
    timeout: 10_000,
  }, async () => {
    const broadcast = open('foreign')
    await getsThrough(broadcast, broadcast, { text: 'before' })
    const { createClient } = await import('@redis/client')
    const client = createClient({ url: redis.url })
    await client.connect()
    await client.xAdd('foreign', '*', { json: 'no JSON' })
    await client.xAdd('foreign', '*', { other: 'field' })
    client.destroy()
    await getsThrough(broadcast, broadcast, { text: 'after' })
  })

  test('a URL that is none is named by its rule, never by its value (ASVS 16.2.5)', () => {
    for (const url of ['http://:secret@localhost', 'redis://:secret@[', 'secret']) {
      assert.throws(
        () => open('any', url),
        (error: Error) => !JSON.stringify({ ...error, message: error.message }).includes('secret'),
      )
    }
  })
})
