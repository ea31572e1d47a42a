import type { Migrations } from '@gatehouse/storage/database'

export const usernameMigrations: Migrations = {
  '1002_usernames': {
    async up(database) {
      // The key is the username in lower case: two that differ in case alone are one.
      await database.schema
        .createTable('usernames')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('chosen', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text', (column) => column.notNull().unique())
        .execute()
      // One row for each SSN that has an account, is blocked, or both, so that of an account and a block that are made at
      // once each sees the other.
      await database.schema
        .createTable('people')
        .addColumn('ssn_digest', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.unique())
        .addColumn('blocked_at', 'bigint')
        .addColumn('suspended_by_block', 'integer', (column) => column.notNull())
        .execute()
    },
  },
}
