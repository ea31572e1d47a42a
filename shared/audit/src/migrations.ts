import type { Migrations } from '@gatehouse/storage/database'
import { type Kysely, PostgresAdapter, sql } from 'kysely'
import { type AuditTables, chained, NO_ENTRY, type Recorded, refuseChanges } from './chain.ts'

/** The audit trail before it was a chain. */
interface Unchained {
  number: number
  occurredAt: number
  event: string
  outcome: string
  actor: string | null
  subject: string | null
  details: string
  requestId: string | null
}
interface Tables extends AuditTables {
  auditEventsUnchained: Unchained
}

const AT_ONCE = 500

/**
 * The tables of the audit trail. What was recorded before there was a chain is chained when it is made, in the order of
 * time: from then on nobody changes it unnoticed, and of the time before nothing is proven.
 *
 * @param key of `auditKey`
 */
export function auditMigrations(key: Buffer): Migrations {
  return {
    '0000_audit': {
      async up(database) {
        await database.schema
          .createTable('audit_events')
          .addColumn('occurred_at', 'bigint', (column) => column.notNull())
          .addColumn('event', 'text', (column) => column.notNull())
          .addColumn('outcome', 'text', (column) => column.notNull())
          .addColumn('actor', 'text')
          .addColumn('subject', 'text')
          .addColumn('details', 'text', (column) => column.notNull())
          .addColumn('request_id', 'text')
          .execute()
      },
    },
    '0000_audit_chain': {
      async up(anyDatabase) {
        const database = anyDatabase as unknown as Kysely<Tables>
        const engine = database.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
        const asStored = sql.ref(engine === 'postgres' ? 'ctid' : 'rowid')
        await sql`create table audit_events_unchained as
          select row_number() over (order by occurred_at, ${asStored}) as number, audit_events.* from audit_events`.execute(
          database,
        )
        await database.schema.dropTable('audit_events').execute()
        await createTables(database)
        await chainEarlier(database, key)
        await database.schema.dropTable('audit_events_unchained').execute()
        await refuseChanges(anyDatabase, engine)
      },
    },
  }
}

async function createTables(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('audit_events')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('occurred_at', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('actor', 'text')
    .addColumn('subject', 'text')
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('from_address', 'text')
    .addColumn('state_before', 'text')
    .addColumn('state_after', 'text')
    .addColumn('request_id', 'text')
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  for (const column of ['actor', 'subject', 'occurred_at']) {
    await database.schema
      .createIndex(`audit_events_${column}`)
      .on('audit_events')
      .columns([column, 'sequence'])
      .execute()
  }
  await database.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
}

async function chainEarlier(database: Kysely<Tables>, key: Buffer): Promise<void> {
  let head = NO_ENTRY
  for (;;) {
    const earlier = await database
      .selectFrom('auditEventsUnchained')
      .selectAll()
      .where('number', '>', head.sequence)
      .orderBy('number')
      .limit(AT_ONCE)
      .execute()
    const rows = chained(key, head, earlier.map(recorded))
    const last = rows.at(-1)
    if (!last) break
    await database.insertInto('auditEvents').values(rows).execute()
    head = { sequence: last.sequence, hash: last.hash }
  }
  await database
    .insertInto('auditHead')
    .values({ id: 1, ...head })
    .execute()
}

function recorded({ number: _, ...entry }: Unchained): Recorded {
  return { ...entry, reason: null, fromAddress: null, stateBefore: null, stateAfter: null }
}
