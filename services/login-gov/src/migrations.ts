import { providerMigrations } from '@gatehouse/provider/migrations'
import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  ...providerMigrations,
  '0101_consents': {
    async up(database) {
      await database.schema
        .createTable('consents')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('attributes', 'text', (column) => column.notNull())
        .addColumn('given_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('consents_key', ['account_id', 'client_id'])
        .execute()
    },
  },
  '0102_openid_connect': {
    async up(database) {
      await database.schema
        .createTable('subjects')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('agency_id', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull().unique())
        .addPrimaryKeyConstraint('subjects_key', ['account_id', 'agency_id'])
        .execute()
      await database.schema
        .createTable('grants')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('sign_in_id', 'text', (column) => column.notNull())
        .addColumn('code_digest', 'text')
        .addColumn('token_digest', 'text')
        .addColumn('nonce', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('acr_values', 'text', (column) => column.notNull())
        .addColumn('code_challenge', 'text')
        .addColumn('locale', 'text', (column) => column.notNull())
        .addColumn('handed_off_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('grants_key', ['account_id', 'client_id'])
        .execute()
      for (const column of ['code_digest', 'token_digest']) {
        await database.schema.createIndex(`grants_${column}`).on('grants').column(column).execute()
      }
    },
  },
}
