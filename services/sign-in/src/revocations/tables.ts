import type { MatchBy, Reach, RevocationKind } from '@gatehouse/contracts/revocations'
import type { Kysely } from 'kysely'

/** Instants are milliseconds. */
export interface RevocationTables {
  revocations: {
    revocationId: string
    kind: RevocationKind | MatchBy
    value: string
    /** `order` of an administrator, or of `sign-in` itself: a logout, RFC 7009, a token that was used twice. */
    origin: 'order' | 'sign-in'
    reason: string
    ticket: string | null
    orderedBy: string
    reference: string | null
    orderedAt: number
    lasting: number
    endsAt: number | null
    reinstatedAt: number | null
    reinstatedBy: string | null
    reinstatementReason: string | null
    reinstatementTicket: string | null
    /** When those who wait for it were told of the reinstatement. */
    reinstatementToldAt: number | null
    /** Of its rule, once that is published. Until then it refuses whatever it is aimed at, however new. */
    instant: number | null
    sequence: number | null
    /** How far what it ended is cleared away: the last id that was. */
    clearedTo: string | null
    clearedAt: number | null
    endedSessions: number
    endedGrants: number
    endedRefreshTokens: number
    enforcement: string | null
  }
  revocationReach: {
    revocationId: string
    service: string
    channel: Reach['channel']
    state: Reach['state']
    milliseconds: number | null
  }
}

export async function createRevocationTables(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('revocations')
    .addColumn('revocation_id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('ticket', 'text')
    .addColumn('ordered_by', 'text', (column) => column.notNull())
    .addColumn('reference', 'text', (column) => column.unique())
    .addColumn('ordered_at', 'bigint', (column) => column.notNull())
    .addColumn('lasting', 'integer', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('reinstated_at', 'bigint')
    .addColumn('reinstated_by', 'text')
    .addColumn('reinstatement_reason', 'text')
    .addColumn('reinstatement_ticket', 'text')
    .addColumn('reinstatement_told_at', 'bigint')
    .addColumn('instant', 'bigint')
    .addColumn('sequence', 'bigint')
    .addColumn('cleared_to', 'text')
    .addColumn('cleared_at', 'bigint')
    .addColumn('ended_sessions', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('ended_grants', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('ended_refresh_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('enforcement', 'text')
    .execute()
  for (const [name, columns] of [
    // For every token that is issued.
    ['target', ['kind', 'value', 'instant']],
    ['order', ['origin', 'ordered_at', 'revocation_id']],
    // For what a crash left undone.
    ['unpublished', ['instant']],
    ['uncleared', ['cleared_at']],
    ['untold', ['reinstated_at', 'reinstatement_told_at']],
  ] as const) {
    await database.schema
      .createIndex(`revocations_${name}`)
      .on('revocations')
      .columns([...columns])
      .execute()
  }
  await database.schema
    .createTable('revocation_reach')
    .addColumn('revocation_id', 'text', (column) => column.notNull())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('milliseconds', 'double precision')
    .addPrimaryKeyConstraint('revocation_reach_primary', ['revocation_id', 'service', 'channel'])
    .execute()

  // When the person chose what a grant is for; grants of an earlier version do not say.
  await database.schema.alterTable('grant_facts').addColumn('granted_at', 'bigint').execute()
  for (const column of ['client_id', 'bso_user_id', 'ein']) {
    await database.schema
      .createIndex(`grant_facts_${column}`)
      .on('grant_facts')
      .columns([column, 'grant_id'])
      .execute()
  }
  await database.schema
    .createIndex('sign_ins_credential')
    .on('sign_ins')
    .columns(['idp', 'subject'])
    .execute()
}
