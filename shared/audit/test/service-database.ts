import { randomBytes } from 'node:crypto'
import { sqlAudit } from '@gatehouse/audit/audit'
import type { AuditTables } from '@gatehouse/audit/chain'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { sqlAuditTrail } from '@gatehouse/audit/trail'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { type Kysely, sql } from 'kysely'

/** A service's database with an audit trail. Several over one URL are several processes of the service. */
export async function open(url: string, key = randomBytes(32)) {
  const database = await openDatabase<unknown>(url, 'service')
  const tables = database as unknown as Kysely<AuditTables>
  await migrate(database, auditMigrations(key))
  return {
    key,
    database,
    tables,
    audit: sqlAudit(database, key),
    trail: sqlAuditTrail(database, key),
    rows: () => tables.selectFrom('auditEvents').selectAll().orderBy('sequence').execute(),
    /** What somebody does who owns the database, and not only the service's connection. */
    async tamper(change: string) {
      const isSqlite = url.startsWith('sqlite:')
      const triggers = isSqlite
        ? ['audit_events_no_update', 'audit_events_no_delete']
        : ['audit_events_append_only']
      for (const trigger of triggers) {
        await sql`drop trigger if exists ${sql.ref(trigger)} ${sql.raw(isSqlite ? '' : 'on audit_events')}`.execute(
          database,
        )
      }
      for (const statement of change.split(';')) await sql.raw(statement).execute(database)
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

/** `many` events, one after the other. */
export async function recordSome(
  { audit }: { audit: { record: ReturnType<typeof sqlAudit>['record'] } },
  many: number,
): Promise<void> {
  for (let number = 1; number <= many; number++) {
    await audit.record({ event: 'thing.happened', outcome: 'success', details: { number } })
  }
}
