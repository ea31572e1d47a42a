import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { migrations } from '../src/migrations.ts'
import { sqlVerificationStore } from '../src/verifications/store.ts'

const submission = {
  ein: '000000001',
  bsoUserId: 'AB12CD34',
  clientId: 'bso',
  requestId: 'request-1',
  at: 1_000,
  rows: [{ maskedSsn: 'XXXXX4320', result: 'Yes' as const }],
}
const entries = { elements: new Map([['a', 1]]), limit: 5, since: 0 }

async function openStore() {
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into tables that the store keeps to itself
  const database = await openDatabase<any>('sqlite::memory:', 'cbsv')
  await migrate(database, migrations)
  return {
    store: sqlVerificationStore(database),
    rows: (table: string) => database.selectFrom(table).selectAll().execute(),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

test('a submission is kept with company, User ID, time, masked SSNs and results', async () => {
  await using opened = await openStore()
  assert.equal(await opened.store.record(submission, entries), true)
  const [{ submissionId, ...kept }] = (await opened.rows('verifications')) as [Record<string, unknown>]
  assert.ok(submissionId)
  assert.deepEqual(kept, {
    row: 1,
    requestedAt: 1_000,
    ein: '000000001',
    bsoUserId: 'AB12CD34',
    clientId: 'bso',
    requestId: 'request-1',
    maskedSsn: 'XXXXX4320',
    result: 'Yes',
  })
})

test('an element may come up to the limit, over several submissions or within one', async () => {
  await using opened = await openStore()
  for (let time = 1; time <= 5; time++) assert.equal(await opened.store.record(submission, entries), true)
  assert.equal(await opened.store.record(submission, entries), false)
  assert.equal(await opened.store.record(submission, { ...entries, elements: new Map([['b', 5]]) }), true)
  assert.equal(await opened.store.record(submission, { ...entries, elements: new Map([['c', 6]]) }), false)
})

test('of a submission above the limit nothing is kept and nothing is counted', async () => {
  await using opened = await openStore()
  const elements = new Map([
    ['a', 6],
    ['b', 1],
  ])
  assert.equal(await opened.store.record(submission, { ...entries, elements }), false)
  assert.deepEqual(await opened.rows('verifications'), [])
  assert.deepEqual(await opened.rows('entries'), [])
  assert.equal(await opened.store.record(submission, { ...entries, elements: new Map([['b', 5]]) }), true)
})

test('companies and users are counted each by themselves', async () => {
  await using opened = await openStore()
  const full = { ...entries, elements: new Map([['a', 5]]) }
  assert.equal(await opened.store.record(submission, full), true)
  assert.equal(await opened.store.record({ ...submission, bsoUserId: 'ZZ99ZZ99' }, full), true)
  assert.equal(await opened.store.record({ ...submission, ein: '000000002' }, full), true)
  assert.equal(await opened.store.record(submission, entries), false)
})

test('an entry counts until the window has moved past it, each by its own time', async () => {
  await using opened = await openStore()
  await opened.store.record({ ...submission, at: 1_000 }, { ...entries, elements: new Map([['a', 3]]) })
  await opened.store.record({ ...submission, at: 2_000 }, { ...entries, elements: new Map([['a', 2]]) })
  assert.equal(await opened.store.record({ ...submission, at: 3_000 }, { ...entries, since: 999 }), false)
  const three = { ...entries, elements: new Map([['a', 3]]), since: 1_000 }
  assert.equal(await opened.store.record({ ...submission, at: 3_000 }, three), true)
  assert.equal(await opened.store.record({ ...submission, at: 3_000 }, three), false)
})

test('of submissions at the same time only so many pass as the limit allows', async () => {
  await using opened = await openStore()
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => opened.store.record(submission, entries)),
  )
  assert.equal(answers.filter((kept) => kept).length, 5)
  assert.equal((await opened.rows('verifications')).length, 5)
})

test('entries that no longer count are forgotten, also those of users who never come back', async () => {
  await using opened = await openStore()
  await opened.store.record({ ...submission, at: 1_000 }, entries)
  await opened.store.record({ ...submission, at: 2_000, ein: '000000002' }, entries)
  await opened.store.forgetEntries(1_000)
  const left = (await opened.rows('entries')) as { ein: string }[]
  assert.deepEqual(
    left.map(({ ein }) => ein),
    ['000000002'],
  )
  await opened.store.record({ ...submission, at: 4_000, ein: '000000002' }, { ...entries, since: 3_000 })
  assert.equal((await opened.rows('entries')).length, 1)
})
