import type { Migrations } from '@gatehouse/storage/database'

/** The tables that every provider has; each provider's own follow them. */
export const providerMigrations: Migrations = {
  '0001_provider_accounts': {
    async up(database) {
      await database.schema
        .createTable('accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('password_changed_at', 'bigint', (column) => column.notNull())
        .addColumn('sealed_profile', 'text')
        .addColumn('sealed_evidence', 'text')
        .addColumn('affiliations', 'text', (column) => column.notNull())
        .addColumn('suspended', 'integer', (column) => column.notNull())
        .addColumn('rules_accepted_at', 'bigint')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('email_addresses')
        .addColumn('email', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .execute()
      await database.schema
        .createIndex('email_addresses_account')
        .on('email_addresses')
        .column('account_id')
        .execute()
    },
  },
  '0002_provider_authenticators': {
    async up(database) {
      await database.schema
        .createTable('authenticators')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('sealed_details', 'text', (column) => column.notNull())
        .addColumn('identifier', 'text', (column) => column.unique())
        .addColumn('counter', 'bigint', (column) => column.notNull())
        .addColumn('is_default', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .execute()
      await database.schema
        .createIndex('authenticators_account')
        .on('authenticators')
        .column('account_id')
        .execute()
      await database.schema
        .createTable('look_up_secrets')
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('digest', 'text', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint')
        .addPrimaryKeyConstraint('look_up_secrets_key', ['account_id', 'kind', 'digest'])
        .execute()
      await database.schema
        .createTable('remembered_browsers')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('remembered_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('remembered_browsers_account')
        .on('remembered_browsers')
        .column('account_id')
        .execute()
    },
  },
  '0003_provider_sessions': {
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
        .addColumn('ceremony', 'text')
        .addColumn('authentication', 'text')
        .addColumn('notice', 'text')
        .addColumn('pending', 'text')
        .addColumn('visited', 'text')
        .execute()
      for (const column of ['account_id', 'sign_in_id', 'expires_at']) {
        await database.schema.createIndex(`sessions_${column}`).on('sessions').column(column).execute()
      }
      await database.schema
        .createTable('signing_keys')
        .addColumn('position', 'text', (column) => column.primaryKey())
        .addColumn('sealed_key', 'text', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0004_provider_password_resets': {
    async up(database) {
      await database.schema.alterTable('accounts').addColumn('reset_required_at', 'bigint').execute()
    },
  },
  '0005_provider_session_detours': {
    async up(database) {
      await database.schema.alterTable('sessions').addColumn('detour', 'text').execute()
    },
  },
  '0004_provider_test_certificates': {
    async up(database) {
      await database.schema
        .createTable('test_certificates')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0006_provider_clients': {
    async up(database) {
      await database.schema
        .createTable('clients')
        .addColumn('client_id', 'text', (column) => column.primaryKey())
        .addColumn('entry', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('client_register')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('version', 'text', (column) => column.notNull())
        .execute()
    },
  },
}
