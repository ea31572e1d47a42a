import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  '0001_number_holders': {
    async up(database) {
      await database.schema
        .createTable('number_holders')
        .addColumn('ssn', 'text', (column) => column.primaryKey())
        .addColumn('first_name', 'text', (column) => column.notNull())
        .addColumn('last_name', 'text', (column) => column.notNull())
        .addColumn('date_of_birth', 'text', (column) => column.notNull())
        .addColumn('sex', 'text', (column) => column.notNull())
        .addColumn('deceased', 'integer', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('numident_files')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('sha256', 'text', (column) => column.notNull())
        .addColumn('loaded_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0002_verifications': {
    async up(database) {
      await database.schema
        .createTable('verifications')
        .addColumn('submission_id', 'text', (column) => column.notNull())
        .addColumn('row', 'integer', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addColumn('ein', 'text', (column) => column.notNull())
        .addColumn('bso_user_id', 'text', (column) => column.notNull())
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('request_id', 'text', (column) => column.notNull())
        .addColumn('masked_ssn', 'text', (column) => column.notNull())
        .addColumn('result', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('verifications_key', ['submission_id', 'row'])
        .execute()
    },
  },
  '0003_entries': {
    async up(database) {
      await database.schema
        .createTable('entrants')
        .addColumn('ein', 'text', (column) => column.notNull())
        .addColumn('bso_user_id', 'text', (column) => column.notNull())
        .addColumn('last_entered_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('entrants_key', ['ein', 'bso_user_id'])
        .execute()
      await database.schema
        .createTable('entries')
        .addColumn('ein', 'text', (column) => column.notNull())
        .addColumn('bso_user_id', 'text', (column) => column.notNull())
        .addColumn('element', 'text', (column) => column.notNull())
        .addColumn('times', 'integer', (column) => column.notNull())
        .addColumn('entered_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('entries_element')
        .on('entries')
        .columns(['ein', 'bso_user_id', 'element', 'entered_at'])
        .execute()
    },
  },
  '0004_verifications_of_user_id': {
    async up(database) {
      await database.schema
        .createIndex('verifications_of_user_id')
        .on('verifications')
        .columns(['bso_user_id', 'requested_at'])
        .execute()
    },
  },
}
