import { createOidcModels } from '@gatehouse/openid-provider/tables'
import type { Migrations } from '@gatehouse/storage/database'
import { createLogoutTables } from './back-channel-logout/tables.ts'
import { createPeopleTables } from './people/tables.ts'
import { addNotedInstants, createRevocationStreamTables } from './revocation-stream/tables.ts'
import { createRevocationTables } from './revocations/tables.ts'
import { createSharedSignalsTables } from './shared-signals/tables.ts'

export const migrations: Migrations = {
  '0001_openid_provider': {
    async up(database) {
      await createOidcModels(database)
      await database.schema
        .createTable('signing_keys')
        .addColumn('kid', 'text', (column) => column.primaryKey())
        .addColumn('alg', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('sealed_key', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        // One key of each state: whoever starts or rotates at the same time as another makes no second set.
        .addUniqueConstraint('signing_keys_state', ['alg', 'state'])
        .execute()
    },
  },
  '0002_accounts': {
    async up(database) {
      await database.schema
        .createTable('accounts')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('given_name', 'text')
        .addColumn('family_name', 'text')
        .addColumn('email', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('credentials')
        .addColumn('idp', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.account_id'))
        .addColumn('acr', 'text')
        .addColumn('amr', 'text', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('credentials_primary', ['idp', 'subject'])
        .execute()
      await database.schema
        .createTable('sign_ins')
        .addColumn('sign_in_id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.account_id'))
        .addColumn('idp', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('acr', 'text')
        .addColumn('amr', 'text', (column) => column.notNull())
        .addColumn('authenticated_at', 'bigint', (column) => column.notNull())
        .addColumn('attestation_id', 'text', (column) => column.notNull())
        .addColumn('session_uid', 'text')
        .execute()
      await database.schema
        .createIndex('sign_ins_session')
        .on('sign_ins')
        .columns(['session_uid', 'authenticated_at'])
        .execute()
      await database.schema
        .createTable('grant_facts')
        .addColumn('grant_id', 'text', (column) => column.primaryKey())
        .addColumn('sign_in_id', 'text', (column) => column.notNull().references('sign_ins.sign_in_id'))
        .addColumn('bso_user_id', 'text')
        .addColumn('ein', 'text')
        .addColumn('bso_services', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0003_account_matching': {
    async up(database) {
      // SQLite adds one column at a time.
      for (const column of ['ssn_digest', 'birth_date_digest', 'person_digest']) {
        await database.schema.alterTable('credentials').addColumn(column, 'text').execute()
      }
      await database.schema.alterTable('credentials').addColumn('proofed_at', 'bigint').execute()
      for (const column of ['account_id', 'ssn_digest', 'person_digest']) {
        await database.schema.createIndex(`credentials_${column}`).on('credentials').column(column).execute()
      }
      await database.schema
        .createTable('match_turns')
        .addColumn('digest', 'text', (column) => column.primaryKey())
        .addColumn('taken_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0004_usernames': {
    async up(database) {
      await database.schema.alterTable('sign_ins').addColumn('username', 'text').execute()
    },
  },
  '0005_grant_clients': {
    async up(database) {
      // Whom a grant was given to; grants of an earlier version, which live twelve hours at most, do not say.
      await database.schema.alterTable('grant_facts').addColumn('client_id', 'text').execute()
      await database.schema
        .createIndex('grant_facts_sign_in')
        .on('grant_facts')
        .column('sign_in_id')
        .execute()
      await database.schema.createIndex('sign_ins_account').on('sign_ins').column('account_id').execute()
    },
  },
  '0006_revocations': { up: createRevocationTables },
  '0007_revocation_stream': { up: createRevocationStreamTables },
  '0008_shared_signals': {
    async up(database) {
      await createLogoutTables(database)
      await createSharedSignalsTables(database)
    },
  },
  '0009_people': { up: createPeopleTables },
  '0010_noted_instants': { up: addNotedInstants },
}
