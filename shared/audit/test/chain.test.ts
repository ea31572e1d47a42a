import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { sqlAuditTrail } from '@gatehouse/audit/trail'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'
import { open, recordSome } from './service-database.ts'

const run = promisify(execFile)

/** What the owner of the database may do to five entries, and what `verify` says of it. */
const TAMPERINGS: [what: string, change: string, sequence: number, problem: string, entries: number][] = [
  ['the actor of an entry', "update audit_events set actor = 'nobody' where sequence = 3", 3, 'changed', 2],
  [
    'the details of the first entry',
    `update audit_events set details = '{}' where sequence = 1`,
    1,
    'changed',
    0,
  ],
  [
    'the instant of the last entry',
    'update audit_events set occurred_at = 1 where sequence = 5',
    5,
    'changed',
    4,
  ],
  ['a reason that was not given', "update audit_events set reason = '' where sequence = 2", 2, 'changed', 1],
  ['an entry in the middle taken out', 'delete from audit_events where sequence = 2', 2, 'missing', 1],
  ['the first entry taken out', 'delete from audit_events where sequence = 1', 1, 'missing', 0],
  ['the last two entries taken out', 'delete from audit_events where sequence > 3', 4, 'missing', 3],
  ['all entries taken out', 'delete from audit_events', 1, 'missing', 0],
  [
    'an entry taken out and the others moved up',
    'delete from audit_events where sequence = 2; update audit_events set sequence = sequence - 1 where sequence = 3',
    2,
    'changed',
    1,
  ],
  [
    'two entries in each other’s place',
    `update audit_events set sequence = 30 where sequence = 3; update audit_events set sequence = 3 where sequence = 4;
      update audit_events set sequence = 4 where sequence = 30`,
    3,
    'changed',
    2,
  ],
  [
    'an entry of somebody’s own at the end',
    `insert into audit_events select 6, occurred_at, event, outcome, 'nobody', subject, details, reason, from_address,
      state_before, state_after, request_id, hash, hash from audit_events where sequence = 5`,
    6,
    'changed',
    5,
  ],
  [
    'an entry before the first',
    `insert into audit_events select 0, occurred_at, event, outcome, 'nobody', subject, details, reason, from_address,
      state_before, state_after, request_id, previous_hash, hash from audit_events where sequence = 1`,
    0,
    'changed',
    0,
  ],
  ['a head that knows less', `update audit_head set sequence = 4`, 5, 'unexpected', 5],
  ['no head at all', 'delete from audit_head', 1, 'unexpected', 5],
]

onEveryEngine((engine) => {
  for (const [what, change, sequence, problem, entries] of TAMPERINGS) {
    test(`the check names the first broken entry after: ${what}`, async () => {
      await using opened = await open(await engine.freshDatabase())
      await recordSome(opened, 5)
      assert.deepEqual(await opened.trail.verify(), { entries: 5, intact: true })
      await opened.tamper(change)
      assert.deepEqual(await opened.trail.verify(), {
        entries,
        intact: false,
        firstBroken: { sequence, problem },
      })
    })
  }

  test('an entry that is right by itself, but follows another, is misplaced', async () => {
    await using opened = await open(await engine.freshDatabase())
    await recordSome(opened, 2)
    const [first] = await opened.rows()
    await opened.tamper('delete from audit_events where sequence = 2')
    // As after a return to an older copy of the table, which the service then wrote on.
    await opened.tamper(`update audit_head set sequence = 1, hash = '${'0'.repeat(64)}'`)
    await recordSome(opened, 1)
    assert.ok(first)
    assert.deepEqual(await opened.trail.verify(), {
      entries: 1,
      intact: false,
      firstBroken: { sequence: 2, problem: 'misplaced' },
    })
  })

  test('whoever cuts the end off and adjusts the head is found out by a head that was noted elsewhere', async () => {
    await using opened = await open(await engine.freshDatabase())
    await recordSome(opened, 3)
    const noted = await opened.trail.head()
    assert.equal(noted.sequence, 3)
    await recordSome(opened, 1)
    assert.deepEqual(await opened.trail.verify({ remembered: noted }), { entries: 4, intact: true })
    const [, second] = await opened.rows()
    await opened.tamper(
      `delete from audit_events where sequence > 2; update audit_head set sequence = 2, hash = '${second?.hash}'`,
    )
    assert.equal((await opened.trail.verify()).intact, true, 'by itself the shorter chain is a chain')
    assert.deepEqual((await opened.trail.verify({ remembered: noted })).firstBroken, {
      sequence: 3,
      problem: 'missing',
    })
    await recordSome(opened, 2)
    assert.deepEqual((await opened.trail.verify({ remembered: noted })).firstBroken, {
      sequence: 3,
      problem: 'changed',
    })
  })

  test('without the key of the service nobody makes a chain that passes', async () => {
    await using opened = await open(await engine.freshDatabase())
    await recordSome(opened, 2)
    const verdict = await sqlAuditTrail(opened.database, randomBytes(32)).verify()
    assert.deepEqual(verdict, { entries: 0, intact: false, firstBroken: { sequence: 1, problem: 'changed' } })
  })

  test('a chain longer than a page is walked to its end, and stretch by stretch', async () => {
    await using opened = await open(await engine.freshDatabase())
    await Promise.all(
      Array.from({ length: 1_203 }, () =>
        opened.audit.record({ event: 'thing.happened', outcome: 'success' }),
      ),
    )
    assert.deepEqual(await opened.trail.verify(), { entries: 1_203, intact: true })
    const first = await opened.trail.verify({ atMost: 600 })
    assert.deepEqual(first, { entries: 1_000, intact: true, next: 1_000 })
    assert.deepEqual(await opened.trail.verify({ after: 1_000 }), { entries: 203, intact: true })
    await opened.tamper('update audit_events set outcome = event where sequence = 1000')
    assert.deepEqual((await opened.trail.verify({ after: 1_000 })).firstBroken, {
      sequence: 1_000,
      problem: 'changed',
    })
    assert.deepEqual((await opened.trail.verify({ after: 5_000 })).firstBroken, {
      sequence: 5_000,
      problem: 'missing',
    })
  })

  test('what was recorded before there was a chain is chained in the order of time', async () => {
    const key = randomBytes(32)
    const database = await openDatabase<unknown>(await engine.freshDatabase(), 'service')
    const { '0000_audit': before, ...chain } = auditMigrations(key)
    await migrate(database, { '0000_audit': before! })
    for (let number = 1; number <= 1_100; number++) {
      const at = number === 1_100 ? 1 : 1_000 + number
      await sql`insert into audit_events (occurred_at, event, outcome, details) values (${at}, 'earlier', 'success', '{}')`.execute(
        database,
      )
    }
    await migrate(database, { '0000_audit': before!, ...chain })
    const trail = sqlAuditTrail(database, key)
    assert.deepEqual(await trail.verify(), { entries: 1_100, intact: true })
    const [oldest] = await trail.list({}, 1, 2)
    assert.equal(oldest?.occurredAt, 1)
    await database.destroy()
  })

  if (engine.lasts) {
    test('a burst of 500 at each of two processes: every entry has a place of its own, in seconds', async () => {
      const url = await engine.freshDatabase()
      await using opened = await open(url)
      const recorder = fileURLToPath(new URL('recorder.ts', import.meta.url))
      const began = performance.now()
      await Promise.all(
        ['one', 'other'].map((actor) =>
          run(process.execPath, [recorder, url, opened.key.toString('hex'), actor, '500'], {
            timeout: 60_000,
          }),
        ),
      )
      const took = performance.now() - began
      assert.deepEqual(await opened.trail.verify(), { entries: 1_000, intact: true })
      assert.equal((await opened.trail.list({ actor: 'other' }, 1_000)).length, 500)
      assert.ok(took < 30_000, `${Math.round(took)} ms`)
    })
  }
})

test('an entry without a number, which only SQLite takes, is found too', async () => {
  await using service = await open('sqlite::memory:')
  await recordSome(service, 2)
  await service.tamper(`insert into audit_events select null, occurred_at, event, outcome, 'nobody', subject, details,
    reason, from_address, state_before, state_after, request_id, hash, hash from audit_events where sequence = 2`)
  assert.deepEqual(await service.trail.verify(), {
    entries: 0,
    intact: false,
    firstBroken: { sequence: 0, problem: 'unexpected' },
  })
})
