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
  '0103_grant_facts': {
    async up(database) {
      await database.schema.alterTable('grants').addColumn('certificate', 'text').execute()
      await database.schema.alterTable('grants').addColumn('authenticated_at', 'bigint').execute()
    },
  },
  '0105_security_events': {
    async up(database) {
      await database.schema
        .createTable('security_event_deliveries')
        .addColumn('jti', 'text', (column) => column.primaryKey())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('url', 'text', (column) => column.notNull())
        .addColumn('event_type', 'text', (column) => column.notNull())
        .addColumn('sealed_claims', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('status', 'integer')
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .addColumn('place', 'integer', (column) => column.notNull())
        .addColumn('due_at', 'bigint', (column) => column.notNull())
        .addColumn('attempted_at', 'bigint')
        .execute()
      await database.schema
        .createIndex('security_event_deliveries_due')
        .on('security_event_deliveries')
        .columns(['state', 'due_at'])
        .execute()
      await database.schema
        .createIndex('security_event_deliveries_attempted')
        .on('security_event_deliveries')
        .columns(['url', 'attempted_at'])
        .execute()
      await database.schema
        .createTable('security_events_received')
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('jti', 'text', (column) => column.notNull())
        .addColumn('event_type', 'text', (column) => column.notNull())
        .addColumn('occurred_at', 'bigint')
        .addColumn('received_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('security_events_received_key', ['client_id', 'account_id', 'jti'])
        .execute()
    },
  },
  '0106_account_pages': {
    async up(database) {
      await database.schema
        .createTable('shared_emails')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('email', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('shared_emails_key', ['account_id', 'client_id'])
        .execute()
      await database.schema
        .createTable('mail_languages')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('language', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('account_resets')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('request_id', 'text', (column) => column.notNull())
        .addColumn('language', 'text', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addColumn('cancel_digest', 'text', (column) => column.notNull().unique())
        .addColumn('grant_digest', 'text', (column) => column.notNull().unique())
        .addColumn('granted_at', 'bigint')
        .execute()
    },
  },
}
