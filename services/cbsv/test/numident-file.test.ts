import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { migrations } from '../src/migrations.ts'
import { loadNumident } from '../src/number-holders/numident-file.ts'
import { sqlNumberHolderStore } from '../src/number-holders/store.ts'
import { numberHolders, specimens, writeNumident } from './number-holder-fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'numident-file-'))
after(() => rm(folder, { recursive: true }))
const file = join(folder, 'numident.ndjson')

async function openStore() {
  const database = await openDatabase<unknown>('sqlite::memory:', 'cbsv')
  await migrate(database, migrations)
  return { store: sqlNumberHolderStore(database), [Symbol.asyncDispose]: () => database.destroy() }
}

test('every number holder of a file is found with all that is matched', async () => {
  await using opened = await openStore()
  await writeNumident(file, numberHolders(5_000))
  assert.deepEqual(await loadNumident(file, opened.store), { loaded: true, count: 5_000 })
  const all = numberHolders(5_000)
  const found = await opened.store.find(all.map(({ ssn }) => ssn))
  for (const holder of all) assert.deepEqual(found.get(holder.ssn), holder)
})

test('who is not on file is not found', async () => {
  await using opened = await openStore()
  await writeNumident(file, numberHolders(3))
  await loadNumident(file, opened.store)
  assert.deepEqual([...(await opened.store.find(['987654320', '987654329'])).keys()], ['987654320'])
})

test('the same file is not loaded again, another one takes its place', async () => {
  await using opened = await openStore()
  await writeNumident(file, numberHolders(600))
  await loadNumident(file, opened.store)
  assert.deepEqual(await loadNumident(file, opened.store), { loaded: false, count: 600 })
  await writeNumident(file, numberHolders(10))
  assert.deepEqual(await loadNumident(file, opened.store), { loaded: true, count: 10 })
})

test('two services that start at the same time load a file once', async () => {
  await using opened = await openStore()
  await writeNumident(file, numberHolders(700))
  const answers = await Promise.all([loadNumident(file, opened.store), loadNumident(file, opened.store)])
  assert.equal(answers.filter(({ loaded }) => loaded).length, 1)
})

test('a file with a wrong line is refused by line and field, not by value, and the table stays as it was', async () => {
  await using opened = await openStore()
  await writeNumident(file, numberHolders(5))
  await loadNumident(file, opened.store)
  const [first, second] = specimens
  for (const [wrong, message] of [
    [JSON.stringify({ ...second, ssn: '987-65-4321' }), /^line 2 .*ssn/],
    [JSON.stringify({ ...second, sex: 'X' }), /^line 2 .*sex/],
    ['{"ssn":"987654321"', /^line 2 /],
    ['', /^line 2 /],
  ] as const) {
    await writeFile(file, `${JSON.stringify(first)}\n${wrong}\n${JSON.stringify(first)}\n`)
    await assert.rejects(loadNumident(file, opened.store), (error: Error) => {
      assert.match(error.message, message)
      assert.ok(!/4321/.test(error.message))
      return true
    })
    assert.equal(await opened.store.count(), 5)
  }
})

test('a file that is empty or not there is refused', async () => {
  await using opened = await openStore()
  await writeFile(file, '')
  await assert.rejects(loadNumident(file, opened.store), /is empty/)
  await assert.rejects(loadNumident(join(folder, 'absent.ndjson'), opened.store), /ENOENT/)
})
