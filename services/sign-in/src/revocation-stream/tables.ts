import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'

/** Tables of the stream, as its stores see them. */
export interface RevocationStreamTables {
  /** One row: where the stream is. Whoever adds a rule locks it first, so rules commit in the order of their numbers. */
  revocationHead: {
    epoch: string
    sequence: number
    /** Of the newest rule. */
    instant: number
    /** The newest of what was issued: see `noted-instants.ts`. */
    noted: number
  }
  revocationRules: { sequence: number; revocationId: string; instant: number; matches: string }
  /** Gateways as other processes of sign-in see them; used on PostgreSQL only. */
  revocationGateways: { gateway: string; name: string; epoch: string; sequence: number; heardAt: number }
}

// biome-ignore lint/suspicious/noExplicitAny: as Kysely hands it to migrations
export async function createRevocationStreamTables(database: Kysely<any>): Promise<void> {
  await database.schema
    .createTable('revocation_head')
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('instant', 'bigint', (column) => column.notNull())
    .execute()
  // An empty database is another history than the one it may have replaced.
  await sql`insert into revocation_head (epoch, sequence, instant) values (${randomUUID()}, 0, 0)`.execute(
    database,
  )
  await database.schema
    .createTable('revocation_rules')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('revocation_id', 'text', (column) => column.notNull().unique())
    .addColumn('instant', 'bigint', (column) => column.notNull())
    .addColumn('matches', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('revocation_rules_instant')
    .on('revocation_rules')
    .column('instant')
    .execute()
  await database.schema
    .createTable('revocation_gateways')
    .addColumn('gateway', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('heard_at', 'bigint', (column) => column.notNull())
    .execute()
}

// biome-ignore lint/suspicious/noExplicitAny: as Kysely hands it to migrations
export async function addNotedInstants(database: Kysely<any>): Promise<void> {
  await database.schema
    .alterTable('revocation_head')
    .addColumn('noted', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
}
