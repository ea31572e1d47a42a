import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  '0001_accounts': {
    async up(database) {
      await database.schema
        .createTable('accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull().unique())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('sealed_phone_number', 'text', (column) => column.notNull())
        .addColumn('sealed_profile', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0002_sessions': {
    async up(database) {
      await database.schema
        .createTable('sessions')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text')
        .addColumn('sign_in_id', 'text')
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .addColumn('challenge', 'text')
        .addColumn('notice', 'text')
        .addColumn('pending', 'text')
        .addColumn('visited', 'text')
        .execute()
      for (const column of ['account_id', 'sign_in_id', 'expires_at']) {
        await database.schema.createIndex(`sessions_${column}`).on('sessions').column(column).execute()
      }
    },
  },
  '0003_consents': {
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
  '0004_openid_connect': {
    async up(database) {
      await database.schema
        .createTable('signing_keys')
        .addColumn('position', 'text', (column) => column.primaryKey())
        .addColumn('sealed_key', 'text', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .execute()
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
