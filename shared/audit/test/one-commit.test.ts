import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AuditEvent } from '@gatehouse/audit/audit'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type Kysely, sql } from 'kysely'
import { open } from './service-database.ts'

const run = promisify(execFile)

interface Tables {
  things: { name: string; times: number }
}

/** A service's database with an audit trail and something to be done. */
async function openWithThings(url: string) {
  const opened = await open(url)
  const database = opened.database as Kysely<unknown> as Kysely<Tables>
  await sql`create table things (name text primary key, times integer not null)`.execute(database)
  const event = (subject: string): AuditEvent => ({ event: 'thing.done', outcome: 'success', subject })
  return {
    ...opened,
    /** Does a thing and says so, in one transaction. */
    act: (name: string, then?: () => Promise<void>) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('things')
          .values({ name, times: 1 })
          .onConflict((conflict) =>
            conflict.column('name').doUpdateSet((row) => ({ times: row('things.times', '+', 1) })),
          )
          .execute()
        await opened.audit.recordIn(transaction, event(name))
        await then?.()
      }),
    record: (name: string) => opened.audit.record(event(name)),
    things: () => database.selectFrom('things').selectAll().orderBy('name').execute(),
    subjects: async () => (await opened.rows()).map(({ subject }) => subject),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

onEveryEngine((engine) => {
  test('an act and its entry are stored together, and the chain holds', async () => {
    await using opened = await openWithThings(await engine.freshDatabase())
    await opened.record('before')
    await opened.act('one')
    await opened.record('after')
    assert.deepEqual(await opened.things(), [{ name: 'one', times: 1 }])
    assert.deepEqual(await opened.subjects(), ['before', 'one', 'after'])
    assert.deepEqual(await opened.trail.verify(), { entries: 3, intact: true })
  })

  test('an act that fails after its entry leaves neither, and its number goes to the next entry', async () => {
    await using opened = await openWithThings(await engine.freshDatabase())
    const failing = opened.act('one', async () => {
      throw new Error('killed before the commit')
    })
    await assert.rejects(failing, /killed/)
    assert.deepEqual([await opened.things(), await opened.rows()], [[], []])
    await opened.act('other')
    assert.deepEqual(await opened.subjects(), ['other'])
    assert.deepEqual(await opened.trail.verify(), { entries: 1, intact: true })
  })

  test('an act whose entry cannot be stored is not done', async () => {
    await using opened = await openWithThings(await engine.freshDatabase())
    await sql`alter table audit_events rename to out_of_reach`.execute(opened.database)
    await assert.rejects(opened.act('one'))
    await sql`alter table out_of_reach rename to audit_events`.execute(opened.database)
    assert.deepEqual(await opened.things(), [])
    await opened.record('after')
    assert.deepEqual(await opened.trail.verify(), { entries: 1, intact: true })
  })

  test('acts on the same things and bursts of entries, all at once, make one chain and wait for each other in no circle', async () => {
    const url = await engine.freshDatabase()
    await using opened = await openWithThings(url)
    const acts = Array.from({ length: 60 }, (_, index) => opened.act(`thing-${index % 3}`))
    const entries = Array.from({ length: 120 }, (_, index) => opened.record(`entry-${index}`))
    await Promise.all([...acts, ...entries])
    assert.deepEqual(
      (await opened.things()).map(({ times }) => times),
      [20, 20, 20],
    )
    const subjects = await opened.subjects()
    assert.equal(subjects.filter((subject) => subject?.startsWith('thing-')).length, 60)
    assert.equal(subjects.filter((subject) => subject?.startsWith('entry-')).length, 120)
    assert.deepEqual(await opened.trail.verify(), { entries: 180, intact: true })
  })

  if (engine.lasts) {
    test('a process that is killed before the commit leaves neither the act nor its entry, and holds nobody up', async () => {
      const url = await engine.freshDatabase()
      await using opened = await openWithThings(url)
      const killed = fileURLToPath(new URL('killed.ts', import.meta.url))
      const died = run(process.execPath, [killed, url, opened.key.toString('hex')], { timeout: 60_000 })
      await assert.rejects(died, { signal: 'SIGKILL', stdout: 'recorded', killed: false })
      assert.deepEqual(await opened.things(), [])
      await opened.act('next')
      assert.deepEqual(await opened.subjects(), ['next'])
      assert.deepEqual(await opened.trail.verify(), { entries: 1, intact: true })
    })
  }
})
