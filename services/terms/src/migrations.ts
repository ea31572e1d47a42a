import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  '0001_terms_versions': {
    async up(database) {
      await database.schema
        .createTable('terms_versions')
        .addColumn('version', 'text', (column) => column.primaryKey())
        .addColumn('text_hash', 'text', (column) => column.notNull())
        .addColumn('text', 'text', (column) => column.notNull())
        .addColumn('first_in_force_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0002_attestations': {
    async up(database) {
      await database.schema
        .createTable('attestations')
        .addColumn('attestation_id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('version', 'text', (column) => column.notNull().references('terms_versions.version'))
        .addColumn('text_hash', 'text', (column) => column.notNull())
        .addColumn('attested_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('attestations_account')
        .on('attestations')
        .columns(['account_id', 'attested_at'])
        .execute()
    },
  },
  '0003_publications': {
    async up(database) {
      for (const column of ['published_by', 'reason']) {
        await database.schema.alterTable('terms_versions').addColumn(column, 'text').execute()
      }
      await database.schema
        .createIndex('attestations_version')
        .on('attestations')
        .columns(['version', 'account_id'])
        .execute()
    },
  },
}
