import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { migrations } from '../src/migrations.ts'
import { stateOf } from '../src/post/letters.ts'
import { sqlLetterStore } from '../src/post/store.ts'
import { letterTo, PDF } from './letters.ts'

const BOX = '9-store-street-21235'
const DAY = 86_400_000

async function openStore(url: string, kept?: number) {
  const database = await openDatabase<unknown>(url, 'lab')
  await migrate(database, migrations)
  return Object.assign(sqlLetterStore(database, kept), { [Symbol.asyncDispose]: () => database.destroy() })
}

const toBox = (changes: Parameters<typeof letterTo>[1] = {}) => letterTo('9 Store Street', changes)

onEveryEngine((engine) => {
  test('a letter is kept whole, and is in its box from the millisecond of its delivery on', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const letter = toBox({ deliverAt: now() + DAY })
    await store.handIn('one', letter)
    assert.deepEqual(await store.deliver(letter.deliverAt - 1), [])
    assert.equal(await store.nextDelivery(), letter.deliverAt)
    assert.deepEqual(await store.last(BOX, 10), [])
    assert.equal(await store.pdf('one'), undefined)
    const [delivered] = await store.deliver(letter.deliverAt)
    assert.ok(delivered)
    assert.equal(stateOf(delivered), 'delivered')
    assert.equal(await store.nextDelivery(), undefined)
    assert.deepEqual(await store.last(BOX, 10), [delivered])
    assert.deepEqual(await store.find('one'), delivered)
    const { from, to, subject, printedOn, blocks, code, deliverAt } = delivered
    assert.deepEqual({ from, to, subject, printedOn, blocks, code, deliverAt, pdf: letter.pdf }, letter)
    assert.deepEqual(await store.pdf('one'), PDF)
  })

  test('letters come in the order of their delivery: one that is slow in the mail is not behind a cursor given before', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const start = now()
    await store.handIn('slow', toBox({ deliverAt: start + 2 * DAY }))
    await store.handIn('slower', toBox({ deliverAt: start + 3 * DAY }))
    await store.handIn('slow-too', toBox({ deliverAt: start + 2 * DAY }))
    await store.handIn('fast', toBox({ deliverAt: start }))
    await store.deliver(start)
    const [fast] = await store.after(BOX, 0, 10)
    assert.equal(fast?.id, 'fast')
    await store.deliver(start + 3 * DAY)
    const later = await store.after(BOX, fast?.cursor ?? Number.NaN, 10)
    assert.deepEqual(
      later.map(({ id }) => id),
      ['slow', 'slow-too', 'slower'],
    )
    assert.deepEqual(
      (await store.newest(10, BOX)).map(({ id }) => id),
      ['slower', 'slow-too', 'slow', 'fast'],
    )
  })

  test('whoever goes on from the newest letter has missed none that was delivered at the same time', async () => {
    await using store = await openStore(await engine.freshDatabase())
    let isComplete = false
    const ids = Array.from({ length: 40 }, (_, n) => `L${n}`)
    const delivering = Promise.all(
      ids.map(async (id) => {
        await store.handIn(id, toBox())
        return store.deliver(now())
      }),
    ).then((rounds) => {
      isComplete = true
      return rounds.flat().map(({ id }) => id)
    })
    const seen: string[] = []
    for (let cursor = 0; ; ) {
      const isLastLook = isComplete
      const found = await store.after(BOX, cursor, 100)
      seen.push(...found.map(({ id }) => id))
      cursor = found.at(-1)?.cursor ?? cursor
      if (isLastLook) break
    }
    assert.deepEqual(seen.sort(), ids.sort())
    assert.deepEqual((await delivering).sort(), ids, 'each is delivered by one round only')
  })

  test('the same letter handed in again stays where it is; before its delivery its day may change', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const start = now()
    await store.handIn('one', toBox({ deliverAt: start + 9 * DAY }))
    await store.handIn('one', toBox({ deliverAt: start + DAY }))
    assert.equal(await store.nextDelivery(), start + DAY)
    const [delivered] = await store.deliver(start + DAY)
    const again = await store.handIn('one', toBox({ deliverAt: start + 9 * DAY }))
    assert.deepEqual(again, delivered)
    assert.deepEqual(await store.deliver(start + 9 * DAY), [])
    await store.giveBack('one')
    assert.equal(stateOf(await store.handIn('one', toBox())), 'returned')
  })

  test('a letter that was printed anew replaces the one before it and comes anew', async () => {
    await using store = await openStore(await engine.freshDatabase())
    await store.handIn('one', toBox())
    const [first] = await store.deliver(now())
    await store.handIn('one', toBox({ code: '7777777', pdf: Buffer.from('%PDF-1.4 new').toString('base64') }))
    assert.deepEqual(await store.last(BOX, 10), [])
    await store.deliver(now())
    const [second] = await store.after(BOX, first?.cursor ?? Number.NaN, 10)
    assert.equal(second?.code, '7777777')
    assert.equal((await store.pdf('one'))?.toString(), '%PDF-1.4 new')
    assert.equal((await store.newest(10)).length, 1)
  })

  test('of the same letter handed in many times at once there is one', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const letter = toBox()
    await Promise.all(Array.from({ length: 20 }, () => store.handIn('one', letter)))
    assert.equal((await store.deliver(now())).length, 1)
    assert.equal((await store.last(BOX, 100)).length, 1)
  })

  test('a letter is returned once, leaves its box, and one that was in the mail never gets there', async () => {
    await using store = await openStore(await engine.freshDatabase())
    await store.handIn('here', toBox())
    await store.deliver(now())
    await store.handIn('under-way', toBox({ deliverAt: now() + DAY }))
    const returned = await Promise.all(['here', 'here', 'here', 'under-way'].map((id) => store.giveBack(id)))
    assert.equal(returned.filter((letter) => letter !== undefined).length, 2)
    assert.equal(await store.nextDelivery(), undefined)
    assert.deepEqual(await store.deliver(now() + DAY), [])
    assert.deepEqual(await store.last(BOX, 10), [])
    assert.deepEqual(await store.after(BOX, 0, 10), [])
    assert.equal(await store.pdf('here'), undefined)
    assert.deepEqual((await store.newest(10, BOX)).map(stateOf), ['returned', 'returned'])
    assert.equal(await store.giveBack('nowhere'), undefined)
  })

  test('letter boxes are counted, the one with the newest letter first', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const streets = ['1 Old Street', '2 New Street', '1 old street']
    for (const [n, street] of streets.entries()) await store.handIn(`L${n}`, letterTo(street))
    assert.deepEqual(await store.boxes(10), [
      { box: '1-old-street-21235', letters: 2 },
      { box: '2-new-street-21235', letters: 1 },
    ])
    assert.equal((await store.boxes(1)).length, 1)
  })

  test('the oldest letters go when there are more than are kept', async () => {
    await using store = await openStore(await engine.freshDatabase(), 5)
    for (let count = 0; count < 101; count += 1) await store.handIn(`L${count}`, toBox())
    const kept = await store.newest(1_000)
    assert.deepEqual(
      kept.map(({ id }) => id),
      ['L100', 'L99', 'L98', 'L97', 'L96'],
    )
  })
})
