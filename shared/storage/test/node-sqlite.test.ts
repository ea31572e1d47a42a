import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { openDatabase } from '@gatehouse/storage/database'
import { sql } from 'kysely'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-node-sqlite-'))
after(() => rmSync(directory, { recursive: true, force: true }))

test('the folder of a new file is for its owner only', async () => {
  const database = await openDatabase(`sqlite:${directory}/new/folder/x.sqlite`, 'x')
  await sql`create table t (n integer)`.execute(database)
  await database.destroy()
  assert.equal(statSync(join(directory, 'new', 'folder')).mode & 0o777, 0o700)
})

test('commits are written through, and rows that refer to nothing are refused', async () => {
  const database = await openDatabase(`sqlite:${directory}/pragmas.sqlite`, 'x')
  const pragma = async (name: string) =>
    Object.values(
      (await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(database)).rows[0] ?? {},
    )[0]
  assert.equal(await pragma('journal_mode'), 'wal')
  assert.equal(await pragma('synchronous'), 2, 'full')
  assert.equal(await pragma('foreign_keys'), 1)
  await database.destroy()
})

test('what was acknowledged is there after the process was killed, and what was not has left nothing', async () => {
  const file = join(directory, 'killed.sqlite')
  const program = `
    import { openDatabase } from '@gatehouse/storage/database'
    import { sql } from 'kysely'
    const database = await openDatabase(${JSON.stringify(`sqlite:${file}`)}, 'x')
    await sql\`create table t (n integer)\`.execute(database)
    await sql\`insert into t values (1)\`.execute(database)
    await database.transaction().execute(async (transaction) => {
      await sql\`insert into t values (2)\`.execute(transaction)
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => setInterval(() => {}, 1000))
    })`
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    timeout: 30_000,
  })
  assert.equal(signal, 'SIGKILL')
  const database = await openDatabase(`sqlite:${file}`, 'x')
  assert.deepEqual((await sql`select n from t`.execute(database)).rows, [{ n: 1 }])
  await database.destroy()
})

test('a lock that somebody else holds for a while is waited for', async () => {
  const file = join(directory, 'locked.sqlite')
  const database = await openDatabase(`sqlite:${file}`, 'x')
  await sql`create table t (n integer)`.execute(database)
  const holder = new Worker(
    `const { DatabaseSync } = require('node:sqlite')
     const { parentPort, workerData } = require('node:worker_threads')
     const database = new DatabaseSync(workerData)
     database.exec('begin immediate; insert into t values (1)')
     parentPort.postMessage('locked')
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
     database.exec('commit')
     database.close()`,
    { eval: true, workerData: file },
  )
  const ended = new Promise((resolve) => holder.once('exit', resolve))
  await new Promise((resolve) => holder.once('message', resolve))
  await sql`insert into t values (2)`.execute(database)
  assert.deepEqual((await sql`select n from t order by n`.execute(database)).rows, [{ n: 1 }, { n: 2 }])
  await ended
  await database.destroy()
})
