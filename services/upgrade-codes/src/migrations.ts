import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  '0001_letters': {
    async up(database) {
      await database.schema
        .createTable('letters')
        .addColumn('letter_id', 'text', (column) => column.primaryKey())
        .addColumn('caller', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('number', 'integer', (column) => column.notNull())
        .addColumn('subject', 'text')
        .addColumn('sealed_recipient', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('code_digest', 'text')
        .addColumn('due_at', 'bigint', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addColumn('printed_at', 'bigint')
        .addColumn('mailed_at', 'bigint')
        .addColumn('deliver_at', 'bigint')
        .addColumn('expires_on', 'text')
        .addColumn('expires_at', 'bigint')
        .addColumn('used_at', 'bigint')
        .addColumn('used_reference', 'text')
        .addColumn('cancelled_at', 'bigint')
        .addColumn('returned_at', 'bigint')
        .addColumn('resent_at', 'bigint')
        .addUniqueConstraint('letters_of_holder', ['caller', 'owner', 'kind', 'number'])
        .execute()
      await database.schema.createIndex('letters_state').on('letters').columns(['state', 'due_at']).execute()
    },
  },
  '0002_holders': {
    async up(database) {
      await database.schema
        .createTable('holders')
        .addColumn('caller', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('letters', 'integer', (column) => column.notNull())
        .addColumn('tries', 'integer', (column) => column.notNull())
        .addColumn('locked_until', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('holders_key', ['caller', 'owner', 'kind'])
        .execute()
    },
  },
}
