import type { Kysely } from 'kysely'

/** Instants are milliseconds. */
export interface LogoutTables {
  logoutDeliveries: {
    revocationId: string
    clientId: string
    accountId: string
    /** As the client's ID tokens name the session; empty where every session of the person is meant. */
    sid: string
    /** `failed`: several times; it is tried again when due. */
    state: 'waiting' | 'reached' | 'failed'
    attempts: number
    madeAt: number
    dueAt: number
  }
}

export async function createLogoutTables({ schema }: Pick<Kysely<unknown>, 'schema'>): Promise<void> {
  await schema
    .createTable('logout_deliveries')
    .addColumn('revocation_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('sid', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('logout_deliveries_primary', ['revocation_id', 'client_id', 'account_id', 'sid'])
    .execute()
  await schema
    .createIndex('logout_deliveries_due')
    .on('logout_deliveries')
    .columns(['state', 'due_at', 'client_id'])
    .execute()
}
