import type { Migrations } from '@gatehouse/storage/database'
import { sql } from 'kysely'

export const migrations: Migrations = {
  '0001_enrolments': {
    async up(database) {
      await database.schema
        .createTable('enrolments')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('organization', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('enrolled_at', 'bigint', (column) => column.notNull())
        .addColumn('subject', 'text')
        .addColumn('bound_at', 'bigint')
        .addColumn('removed_at', 'bigint')
        .execute()
      // What was removed stays as a row, so that a restart does not enrol a persona again.
      await database.schema
        .createIndex('enrolments_live')
        .unique()
        .on('enrolments')
        .column('username')
        .where(sql.ref('removed_at'), 'is', null)
        .execute()
    },
  },
}
