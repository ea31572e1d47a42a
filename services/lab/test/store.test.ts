import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sqlApprovalStore } from '../src/approvals/store.ts'
import { sqlMailStore } from '../src/mail/store.ts'
import { migrations } from '../src/migrations.ts'
import { sqlMessageStore } from '../src/phones/store.ts'
import { SENDER } from './lab-fixture.ts'

const PHONE = '+12025550119'
const ADDRESS = 'store@example.com'

async function openStore(url: string, kept?: number) {
  const database = await openDatabase<unknown>(url, 'lab')
  await migrate(database, migrations)
  const store = sqlMessageStore(database, kept)
  return {
    ...store,
    mails: sqlMailStore(database, kept),
    approvals: sqlApprovalStore(database, kept),
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

  test('whoever goes on from the newest mail has missed none that came at the same time', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const { mails } = store
    let isComplete = false
    const adding = Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        mails.add({ from: 'A', to: ADDRESS, subject: String(n), text: 'a text' }),
      ),
    ).then((added) => {
      isComplete = true
      return added.map(({ id }) => id)
    })
    const seen: string[] = []
    for (let cursor = 0; ; ) {
      const isLastLook = isComplete
      const found = await mails.after(ADDRESS, cursor, 100)
      seen.push(...found.map(({ id }) => id))
      cursor = found.at(-1)?.sequence ?? cursor
      if (isLastLook) break
    }
    assert.deepEqual(seen.sort(), (await adding).sort())
  })

  test('texts, mail and questions stand in one order', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const text = await store.addText('SM1')
    const mail = await store.mails.add({ from: 'A', to: ADDRESS, subject: 'S', text: 'T' })
    const question = await store.approvals.add({
      phoneNumber: PHONE,
      from: 'A',
      question: 'Q',
      expiresAt: 8.64e15,
    })
    const numbers = [text.sequence, mail.sequence, question.sequence]
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((one, other) => one - other),
    )
  })

  test('trays of the same address in other letters are one, with its count and its newest', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const { mails } = store
    for (const to of ['a@example.com', 'b@example.com', 'A@EXAMPLE.com']) {
      await mails.add({ from: 'A', to, subject: 'S', text: 'T' })
    }
    const [newest] = await mails.newest(1)
    const trays = await mails.trays(10)
    assert.deepEqual(
      trays.map(({ address, mails: count }) => [address, count]),
      [
        ['a@example.com', 2],
        ['b@example.com', 1],
      ],
    )
    assert.equal(trays[0]?.newestAt, newest?.receivedAt)
    assert.equal((await mails.trays(1)).length, 1)
  })

  test('the oldest mails and questions go when there are more than are kept', async () => {
    await using store = await openStore(await engine.freshDatabase(), 5)
    const { mails, approvals } = store
    for (let count = 0; count < 101; count += 1) {
      await mails.add({ from: 'A', to: ADDRESS, subject: String(count), text: 'T' })
      await approvals.add({ phoneNumber: PHONE, from: 'A', question: String(count), expiresAt: 8.64e15 })
    }
    const [kept, asked] = [await mails.newest(1_000), await approvals.newest(1_000)]
    assert.equal(kept.length, 5)
    assert.equal(kept[0]?.subject, '100')
    assert.equal(asked.length, 5)
    assert.equal(asked[0]?.question, '100')
  })

  test('of answers that come at once one is taken, and stays', async () => {
    await using store = await openStore(await engine.freshDatabase())
    const { approvals } = store
    const { id } = await approvals.add({
      phoneNumber: PHONE,
      from: 'A',
      question: 'Q',
      expiresAt: 8.64e15,
    })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => approvals.decide(id, PHONE, n % 2 === 0 ? 'approve' : 'deny')),
    )
    const taken = answers.filter((answer) => answer !== undefined)
    assert.equal(taken.length, 1)
    assert.equal((await approvals.find(id))?.state, taken[0]?.state)
  })
})
