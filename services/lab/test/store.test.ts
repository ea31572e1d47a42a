import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { migrations } from '../src/migrations.ts'
import { sqlMessageStore } from '../src/phones/store.ts'
import { SENDER } from './lab-fixture.ts'

const PHONE = '+12025550119'

async function openStore(url: string, kept?: number) {
  const database = await openDatabase<unknown>(url, 'lab')
  await migrate(database, migrations)
  const store = sqlMessageStore(database, kept)
  return {
    ...store,
    addText: (id: string, body = 'a text') =>
      store.add({ id, channel: 'text', from: SENDER, to: PHONE, body, application: {} }),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

onEveryEngine((engine) => {
  test('of messages that come at once every one is kept, each with a number of its own', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const ids = Array.from({ length: 30 }, (_, n) => `SM${n}`)
    const added = await Promise.all(ids.map((id) => store.addText(id)))
    assert.equal(new Set(added.map(({ sequence }) => sequence)).size, 30)
    const arrived = await Promise.all(ids.map((id) => store.arrive(id, { status: 'delivered' })))
    assert.equal(new Set(arrived.map(({ cursor }) => cursor)).size, 30)
  })

  test('whoever goes on from the newest cursor has missed nothing that came at the same time', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const ids = Array.from({ length: 40 }, (_, n) => `SM${n}`)
    for (const id of ids) await store.addText(id)
    let isComplete = false
    const arriving = Promise.all(ids.map((id) => store.arrive(id, { status: 'delivered' }))).then(() => {
      isComplete = true
    })
    const seen: string[] = []
    for (let cursor = 0; ; ) {
      // Once everything is in, one more look must bring the rest.
      const isLastLook = isComplete
      const messages = await store.arrivedAfter(PHONE, cursor, 100)
      seen.push(...messages.map(({ id }) => id))
      cursor = messages.at(-1)?.cursor ?? cursor
      if (isLastLook) break
    }
    await arriving
    assert.deepEqual(seen.sort(), ids.sort())
  })

  test('a message that arrives twice has its first cursor', async () => {
    await using store = await openStore(await engine.freshDatabase())
    await store.addText('SM1')
    const [one, other] = await Promise.all([store.arrive('SM1', {}), store.arrive('SM1', {})])
    assert.ok(one.cursor)
    assert.equal(other.cursor, one.cursor)
  })

  test('the oldest messages go when there are more than are kept, and cursors never fall back', async () => {
    await using store = await openStore(await engine.freshDatabase(), 5)
    let last = 0
    for (let count = 0; count < 110; count += 1) {
      const { id } = await store.addText(`SM${count}`, String(count))
      const { cursor } = await store.arrive(id, { status: 'delivered' })
      assert.ok((cursor ?? 0) > last)
      last = cursor ?? 0
    }
    const kept = await store.newest(1_000)
    assert.ok(kept.length < 20)
    assert.equal(kept[0]?.body, '109')
  })
})
