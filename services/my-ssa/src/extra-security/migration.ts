import type { Migrations } from '@gatehouse/storage/database'

export const extraSecurityMigration: Migrations = {
  '1003_extra_security': {
    async up(database) {
      await database.schema
        .createTable('extra_security')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('sealed_phone', 'text')
        .addColumn('letter_id', 'text')
        .addColumn('changed_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('enrolments')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('letter_id', 'text', (column) => column.notNull())
        .addColumn('sealed_phone', 'text', (column) => column.notNull())
        .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
        .addColumn('touched_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('enrolments_account')
        .on('enrolments')
        .columns(['account_id', 'letter_id'])
        .execute()
      await database.schema
        .createTable('phone_resets')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('letter_id', 'text')
        .addColumn('sealed_phone', 'text', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
