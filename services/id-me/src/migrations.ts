import { providerMigrations } from '@gatehouse/provider/migrations'
import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  ...providerMigrations,
  '0102_consents': {
    async up(database) {
      await database.schema
        .createTable('consents')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('policy', 'text', (column) => column.notNull())
        .addColumn('attributes', 'text', (column) => column.notNull())
        .addColumn('given_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('consents_key', ['account_id', 'client_id', 'policy'])
        .execute()
    },
  },
  '0103_grants': {
    async up(database) {
      await database.schema
        .createTable('grants')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('redirect_uri', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('policy', 'text', (column) => column.notNull())
        .addColumn('attributes', 'text', (column) => column.notNull())
        .addColumn('nonce', 'text')
        .addColumn('code_challenge', 'text')
        .addColumn('multifactor', 'integer', (column) => column.notNull())
        .addColumn('code_digest', 'text', (column) => column.notNull().unique())
        .addColumn('code_expires_at', 'bigint', (column) => column.notNull())
        .addColumn('code_used_at', 'bigint')
        .addColumn('revoked_at', 'bigint')
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema.createIndex('grants_ends_at').on('grants').column('ends_at').execute()
      await database.schema
        .createTable('tokens')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('grant_id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint')
        .execute()
      await database.schema.createIndex('tokens_expires_at').on('tokens').column('expires_at').execute()
    },
  },
}
