import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Audit, auditMigrations, sqlAudit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'

async function open(url: string) {
  const database = await openDatabase<unknown>(url, 'service')
  await migrate(database, auditMigrations)
  const rows = async () => {
    const all = await sql<Record<string, unknown>>`select * from audit_events order by occurred_at`.execute(
      database,
    )
    return all.rows
  }
  return { audit: sqlAudit(database), database, rows, [Symbol.asyncDispose]: () => database.destroy() }
}

onEveryEngine((engine) => {
  test('an event is kept with its time and all that was said of it', async () => {
    await using opened = await open(await engine.freshDatabase())
    const at = now()
    await opened.audit.record({
      event: 'terms.attested',
      outcome: 'success',
      actor: 'account-1',
      subject: 'attestation-1',
      details: { version: '1', times: 2, first: true },
      requestId: 'request-1',
    })
    const [row] = await opened.rows()
    const { occurredAt, ...rest } = row ?? {}
    assert.ok(typeof occurredAt === 'number' && occurredAt >= at && occurredAt <= now())
    assert.deepEqual(rest, {
      event: 'terms.attested',
      outcome: 'success',
      actor: 'account-1',
      subject: 'attestation-1',
      details: '{"version":"1","times":2,"first":true}',
      requestId: 'request-1',
    })
  })

  test('what is not known of an event is left empty', async () => {
    await using opened = await open(await engine.freshDatabase())
    await opened.audit.record({ event: 'verification.refused', outcome: 'refusal' })
    const [row] = await opened.rows()
    assert.deepEqual([row?.actor, row?.subject, row?.requestId, row?.details], [null, null, null, '{}'])
  })

  test('equal events are each kept, also at once, and time moves on between them', async () => {
    await using opened = await open(await engine.freshDatabase())
    const record = () =>
      opened.audit.record({ event: 'terms.attested', outcome: 'success', actor: 'account-1' })
    await Promise.all(Array.from({ length: 20 }, record))
    advanceClock(60_000)
    await record()
    const rows = await opened.rows()
    assert.equal(rows.length, 21)
    assert.ok(Number(rows[20]?.occurredAt) - Number(rows[19]?.occurredAt) >= 60_000)
  })

  test('an event that cannot be stored is an error for who records it', async () => {
    await using opened = await open(await engine.freshDatabase())
    await sql`drop table audit_events`.execute(opened.database)
    await assert.rejects(opened.audit.record({ event: 'terms.attested', outcome: 'success' }))
  })

  if (engine.lasts) {
    test('events are there after closing and opening again', async () => {
      const url = await engine.freshDatabase()
      {
        await using first = await open(url)
        await first.audit.record({ event: 'terms.attested', outcome: 'success' })
      }
      await using second = await open(url)
      await second.audit.record({ event: 'terms.attested', outcome: 'success' })
      assert.equal((await second.rows()).length, 2)
    })
  }
})

test('the audit trail offers nothing but adding to it', () => {
  const audit: Audit = sqlAudit({} as never)
  assert.deepEqual(Object.keys(audit), ['record'])
})
