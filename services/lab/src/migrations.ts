import type { Migrations } from '@gatehouse/storage/database'
import { sql } from 'kysely'
import { authenticatorAppMigrations } from './authenticator-app/store.ts'
import { letterMigrations } from './post/store.ts'
import { securityKeyMigrations } from './security-keys/store.ts'

export const migrations: Migrations = {
  ...authenticatorAppMigrations,
  ...securityKeyMigrations,
  ...letterMigrations,
  '0001_messages': {
    async up(database) {
      await database.schema
        .createTable('messages')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sequence', 'bigint', (column) => column.notNull().unique())
        .addColumn('cursor', 'bigint', (column) => column.unique())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('from_number', 'text', (column) => column.notNull())
        .addColumn('to_number', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('error_code', 'integer')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('received_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .addColumn('application', 'text', (column) => column.notNull())
        .addColumn('transcript', 'text', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('messages_to_number')
        .on('messages')
        .columns(['to_number', 'sequence'])
        .execute()
    },
  },
  '0002_suite_clock': {
    async up(database) {
      await database.schema
        .createTable('suite_clock')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('clock_offset', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0003_message_counter': {
    async up(database) {
      await database.schema
        .createTable('message_counter')
        .addColumn('last', 'bigint', (column) => column.notNull())
        .execute()
      await sql`insert into message_counter (last) select coalesce(max(n), 0) from (
        select max(sequence) as n from messages union all select max(cursor) as n from messages) as used`.execute(
        database,
      )
    },
  },
  '0004_mails': {
    async up(database) {
      await database.schema
        .createTable('mails')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sequence', 'bigint', (column) => column.notNull().unique())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('sender', 'text', (column) => column.notNull())
        .addColumn('recipient', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('received_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('mails_address')
        .on('mails')
        .columns(['address', 'sequence'])
        .execute()
    },
  },
  '0005_approvals': {
    async up(database) {
      await database.schema
        .createTable('approvals')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sequence', 'bigint', (column) => column.notNull().unique())
        .addColumn('phone_number', 'text', (column) => column.notNull())
        .addColumn('sender', 'text', (column) => column.notNull())
        .addColumn('question', 'text', (column) => column.notNull())
        .addColumn('decision', 'text')
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('approvals_phone_number')
        .on('approvals')
        .columns(['phone_number', 'sequence'])
        .execute()
    },
  },
}
