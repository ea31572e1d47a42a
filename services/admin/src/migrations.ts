import type { Migrations } from '@gatehouse/storage/database'
import { sql } from 'kysely'

export const migrations: Migrations = {
  '0001_administrators': {
    async up(database) {
      await database.schema
        .createTable('administrators')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('added_at', 'bigint', (column) => column.notNull())
        .addColumn('subject', 'text')
        .addColumn('bound_at', 'bigint')
        .addColumn('removed_at', 'bigint')
        .execute()
      // Who was removed stays as a row: the audit trail names administrators by id.
      for (const column of ['email', 'subject']) {
        await database.schema
          .createIndex(`administrators_live_${column}`)
          .unique()
          .on('administrators')
          .column(column)
          .where(sql.ref('removed_at'), 'is', null)
          .execute()
      }
    },
  },
  '0002_console_sessions': {
    async up(database) {
      await database.schema
        .createTable('console_sessions')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint', (column) => column.notNull())
        .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0003_acts': {
    async up(database) {
      await database.schema
        .createTable('acts')
        .addColumn('act_id', 'text', (column) => column.primaryKey())
        .addColumn('operation', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('ticket', 'text')
        .addColumn('lasting', 'integer', (column) => column.notNull())
        .addColumn('ends_at', 'bigint')
        .addColumn('asked_by', 'text', (column) => column.notNull())
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .addColumn('needs_approval', 'integer', (column) => column.notNull())
        .addColumn('decide_by', 'bigint')
        .addColumn('decided_by', 'text')
        .addColumn('decided_at', 'bigint')
        .addColumn('decision_reason', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('steps', 'text', (column) => column.notNull())
        .addColumn('revocation_id', 'text')
        .addColumn('failure', 'text')
        .addColumn('tried_at', 'bigint')
        .addColumn('done_at', 'bigint')
        .execute()
      await database.schema.createIndex('acts_asked_at').on('acts').columns(['asked_at', 'act_id']).execute()
      await database.schema.createIndex('acts_state').on('acts').column('state').execute()
      await database.schema.createIndex('acts_target').on('acts').columns(['kind', 'value']).execute()
    },
  },
  '0004_acts_lift_single_orders': {
    async up(database) {
      await database.schema.alterTable('acts').addColumn('lifts', 'text').execute()
      await database.schema.createIndex('acts_revocation').on('acts').column('revocation_id').execute()
    },
  },
}
