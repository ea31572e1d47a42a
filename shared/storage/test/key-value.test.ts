import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'

const MINUTE = 60_000

async function open(url: string) {
  const database = await openDatabase<unknown>(url, 'service')
  await migrate(database, keyValueMigrations)
  const rows = async () => {
    const counted = await sql<{ rows: number }>`select count(*) as rows from key_value`.execute(database)
    return counted.rows[0]?.rows
  }
  return { keyValue: sqlKeyValue(database), rows, [Symbol.asyncDispose]: () => database.destroy() }
}

onEveryEngine((engine) => {
  test('what is put is there to get, as often as wanted', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    const value = {
      text: 'żółć 👍',
      number: 9_007_199_254_740_991,
      list: [1, null, { nested: true }],
      empty: '',
    }
    await keyValue.put('a', value, now() + MINUTE)
    assert.deepEqual(await keyValue.get('a'), value)
    assert.deepEqual(await keyValue.get('a'), value)
    assert.equal(await keyValue.get('b'), undefined)
  })

  test('a value that is put again replaces the one before, with its expiry', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.put('a', 1, now() + MINUTE)
    await keyValue.put('a', 2, now() + 3 * MINUTE)
    advanceClock(2 * MINUTE)
    assert.equal(await keyValue.get('a'), 2)
    await keyValue.put('a', 3, now() + MINUTE)
    advanceClock(MINUTE)
    assert.equal(await keyValue.get('a'), undefined)
  })

  test('a value is gone from the moment it expires, for get and for take', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.put('get', 1, now() + MINUTE)
    await keyValue.put('take', 1, now() + MINUTE)
    await keyValue.put('later', 1, now() + 2 * MINUTE)
    advanceClock(MINUTE)
    assert.equal(await keyValue.get('get'), undefined)
    assert.equal(await keyValue.take('take'), undefined)
    assert.equal(await keyValue.take('later'), 1)
  })

  test('what was expired when it was put is never there', async () => {
    await using opened = await open(await engine.freshDatabase())
    await opened.keyValue.put('a', 1, now())
    assert.equal(await opened.keyValue.get('a'), undefined)
  })

  test('take gives a value once', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.put('a', { for: 'one' }, now() + MINUTE)
    assert.deepEqual(await keyValue.take('a'), { for: 'one' })
    assert.equal(await keyValue.take('a'), undefined)
    assert.equal(await keyValue.get('a'), undefined)
  })

  test('of fifty concurrent takes exactly one gets the value', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    for (let round = 0; round < 5; round += 1) {
      await keyValue.put('a', round, now() + MINUTE)
      const taken = await Promise.all(Array.from({ length: 50 }, () => keyValue.take('a')))
      assert.deepEqual(
        taken.filter((value) => value !== undefined),
        [round],
      )
    }
  })

  test('of fifty concurrent puts the last one stays, whole', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => keyValue.put('a', { n, again: n }, now() + MINUTE)),
    )
    const kept = await keyValue.get<{ n: number; again: number }>('a')
    assert.ok(kept && kept.n === kept.again && kept.n >= 0)
    assert.equal(await opened.rows(), 1)
  })

  test('remove removes, and is content when there is nothing', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.put('a', 1, now() + MINUTE)
    await keyValue.put('b', 2, now() + MINUTE)
    await keyValue.remove('a')
    await keyValue.remove('a')
    assert.equal(await keyValue.get('a'), undefined)
    assert.equal(await keyValue.get('b'), 2)
  })

  test('fifty concurrent increments count to fifty, each number once', async () => {
    await using opened = await open(await engine.freshDatabase())
    const counts = await Promise.all(
      Array.from({ length: 50 }, () => opened.keyValue.increment('a', now() + MINUTE)),
    )
    assert.deepEqual(
      counts.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, n) => n + 1),
    )
  })

  test('a window ends where its first increment said, however many follow, and then counting begins again', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    const end = now() + MINUTE
    assert.equal(await keyValue.increment('a', end), 1)
    advanceClock(MINUTE - 10_000)
    assert.equal(await keyValue.increment('a', now() + 10 * MINUTE), 2)
    advanceClock(10_000)
    assert.equal(await keyValue.get('a'), undefined)
    assert.equal(await keyValue.increment('a', now() + MINUTE), 1)
  })

  test('concurrent increments in a new window forget the window before, once', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    for (let n = 0; n < 3; n += 1) await keyValue.increment('a', now() + MINUTE)
    advanceClock(MINUTE)
    const counts = await Promise.all(
      Array.from({ length: 20 }, () => keyValue.increment('a', now() + MINUTE)),
    )
    assert.deepEqual(
      counts.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, n) => n + 1),
    )
  })

  test('a count is there to get as a number, and other keys are counted apart', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.increment('a', now() + MINUTE)
    await keyValue.increment('a', now() + MINUTE)
    await keyValue.increment('b', now() + MINUTE)
    assert.equal(await keyValue.get('a'), 2)
    assert.equal(await keyValue.get('b'), 1)
  })

  test('what has expired is cleared away in time, and what has not is left', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { keyValue } = opened
    await keyValue.put('kept', 1, now() + 60 * MINUTE)
    for (let n = 0; n < 20; n += 1) await keyValue.put(`put ${n}`, n, now() + MINUTE)
    advanceClock(MINUTE)
    for (let n = 0; n < 500; n += 1) await keyValue.increment('count', now() + MINUTE)
    assert.equal(await opened.rows(), 2)
    assert.equal(await keyValue.get('kept'), 1)
  })

  if (engine.lasts) {
    test('values, expiry and counts are there after closing and opening again', async () => {
      const url = await engine.freshDatabase()
      {
        await using first = await open(url)
        await first.keyValue.put('a', 'kept', now() + MINUTE)
        await first.keyValue.increment('count', now() + MINUTE)
      }
      await using second = await open(url)
      assert.equal(await second.keyValue.get('a'), 'kept')
      assert.equal(await second.keyValue.increment('count', now() + MINUTE), 2)
      advanceClock(MINUTE)
      assert.equal(await second.keyValue.take('a'), undefined)
    })
  }
})
