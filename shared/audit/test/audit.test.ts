import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type Audit, sqlAudit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'
import { open } from './service-database.ts'

onEveryEngine((engine) => {
  test('an event is kept with its time and all that was said of it', async () => {
    await using opened = await open(await engine.freshDatabase())
    const at = now()
    const event = {
      event: 'user-id.disabled',
      outcome: 'success',
      actor: 'administrator-1',
      subject: 'ABCD2345',
      details: { version: '1', times: 2, first: true },
      reason: 'left the company',
      from: '2001:db8::7',
      before: { state: 'active' },
      after: { state: 'disabled', until: null },
      requestId: 'request-1',
    } as const
    await opened.audit.record(event)
    const [entry] = await opened.trail.list({}, 10)
    const { occurredAt, hash, ...rest } = entry ?? {}
    assert.ok(typeof occurredAt === 'number' && occurredAt >= at && occurredAt <= now())
    assert.match(String(hash), /^[0-9a-f]{64}$/)
    assert.deepEqual(rest, { sequence: 1, ...event })
  })

  test('what is not known of an event is left empty', async () => {
    await using opened = await open(await engine.freshDatabase())
    await opened.audit.record({ event: 'verification.refused', outcome: 'refusal' })
    const [entry] = await opened.trail.list({}, 10)
    const { occurredAt: _, hash: __, ...rest } = entry ?? {}
    assert.deepEqual(rest, { sequence: 1, event: 'verification.refused', outcome: 'refusal', details: {} })
  })

  test('equal events are each kept, also at once, and time moves on between them', async () => {
    await using opened = await open(await engine.freshDatabase())
    const record = () =>
      opened.audit.record({ event: 'terms.attested', outcome: 'success', actor: 'account-1' })
    await Promise.all(Array.from({ length: 120 }, record))
    advanceClock(60_000)
    await record()
    const rows = await opened.rows()
    assert.deepEqual(
      rows.map(({ sequence }) => sequence),
      Array.from({ length: 121 }, (_, index) => index + 1),
    )
    assert.ok(Number(rows[120]?.occurredAt) - Number(rows[119]?.occurredAt) >= 60_000)
  })

  test('an event that cannot be stored is an error for who records it, and the next one is tried again', async () => {
    await using opened = await open(await engine.freshDatabase())
    const record = () => opened.audit.record({ event: 'terms.attested', outcome: 'success' })
    await sql`alter table audit_head rename to out_of_reach`.execute(opened.database)
    const failed = await Promise.allSettled([record(), record()])
    assert.deepEqual(
      failed.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    await sql`alter table out_of_reach rename to audit_head`.execute(opened.database)
    await record()
    assert.deepEqual(await opened.trail.verify(), { entries: 1, intact: true })
  })

  test('no entry can be changed or taken out through the connection of the service', async () => {
    await using opened = await open(await engine.freshDatabase())
    await opened.audit.record({ event: 'terms.attested', outcome: 'success' })
    const { database, tables } = opened
    await assert.rejects(
      tables.updateTable('auditEvents').set({ actor: 'somebody-else' }).execute(),
      /append-only/,
    )
    await assert.rejects(tables.deleteFrom('auditEvents').execute(), /append-only/)
    if (engine.name === 'PostgreSQL') {
      await assert.rejects(sql`truncate audit_events`.execute(database), /append-only/)
    }
    assert.equal((await opened.rows()).length, 1)
  })

  if (engine.lasts) {
    test('events are there after closing and opening again, and the chain goes on', async () => {
      const url = await engine.freshDatabase()
      const key = randomBytes(32)
      for (let opening = 1; opening <= 2; opening++) {
        await using opened = await open(url, key)
        await opened.audit.record({ event: 'terms.attested', outcome: 'success' })
        assert.deepEqual(await opened.trail.verify(), { entries: opening, intact: true })
      }
    })
  }

  test('the trail is told newest first, by pages, and by what is asked of it', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { audit, trail } = opened
    const start = now()
    await audit.record({ event: 'enrolment.made', outcome: 'success', actor: 'a-1', subject: 's-1' })
    advanceClock(1_000)
    await audit.record({
      event: 'enrolment.removed',
      outcome: 'success',
      actor: 'a-2',
      subject: 's-1',
      reason: 'Left 100% of the network',
      requestId: 'request-2',
    })
    advanceClock(1_000)
    await audit.record({
      event: 'session.started',
      outcome: 'refusal',
      actor: 'a-2',
      details: { organization: 'Example_Network' },
      before: { roles: ['viewer'] },
      after: { roles: ['revoker'] },
    })
    const found = async (...query: Parameters<typeof trail.list>) =>
      (await trail.list(...query)).map(({ sequence }) => sequence)
    assert.deepEqual(await found({}, 10), [3, 2, 1])
    assert.deepEqual(await found({}, 2), [3, 2])
    assert.deepEqual(await found({}, 2, 2), [1])
    assert.deepEqual(await found({ event: 'enrolment.made' }, 10), [1])
    assert.deepEqual(await found({ event: 'enrolment.*' }, 10), [2, 1])
    assert.deepEqual(await found({ actor: 'a-2' }, 10), [3, 2])
    assert.deepEqual(await found({ actor: 'a-2', subject: 's-1' }, 10), [2])
    assert.deepEqual(await found({ outcome: 'refusal' }, 10), [3])
    assert.deepEqual(await found({ since: start + 1_000 }, 10), [3, 2])
    assert.deepEqual(await found({ until: start + 1_000 }, 10), [1])
    assert.deepEqual(await found({ text: 'LEFT 100%' }, 10), [2])
    assert.deepEqual(
      await found({ text: 'e_net' }, 10),
      [3],
      'a sign of the query language stands for itself',
    )
    assert.deepEqual(await found({ text: '100_' }, 10), [])
    assert.deepEqual(await found({ text: 'request-2' }, 10), [2])
    assert.deepEqual(await found({ text: 'REVOKER' }, 10), [3])
    assert.deepEqual(await found({ text: "' or true --" }, 10), [])
  })
})

test('recording offers nothing but adding', () => {
  const audit: Audit = sqlAudit({} as never, Buffer.alloc(32))
  assert.deepEqual(Object.keys(audit), ['record', 'recordIn'])
})
