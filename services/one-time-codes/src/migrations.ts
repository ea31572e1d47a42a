import type { Migrations } from '@gatehouse/storage/database'
import { sql } from 'kysely'

export const migrations: Migrations = {
  '0001_challenges': {
    async up(database) {
      await database.schema
        .createTable('challenges')
        .addColumn('challenge_id', 'text', (column) => column.primaryKey())
        .addColumn('caller', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('purpose', 'text', (column) => column.notNull())
        .addColumn('length', 'integer', (column) => column.notNull())
        .addColumn('sealed_phone_number', 'text', (column) => column.notNull())
        .addColumn('phone_number_ending', 'text', (column) => column.notNull())
        .addColumn('sender', 'text', (column) => column.notNull())
        .addColumn('origin', 'text')
        .addColumn('language', 'text', (column) => column.notNull())
        .addColumn('sends', 'integer', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addColumn('resend_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('challenges_requested_at')
        .on('challenges')
        .column('requested_at')
        .execute()
    },
  },
  '0002_live_codes': {
    async up(database) {
      await database.schema
        .createTable('live_codes')
        .addColumn('caller', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('purpose', 'text', (column) => column.notNull())
        .addColumn('challenge_id', 'text', (column) => column.notNull().unique())
        .addColumn('send_number', 'integer', (column) => column.notNull())
        .addColumn('delivery_id', 'text', (column) => column.notNull())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        // One per owner and purpose: that is what "newest code only" means.
        .addPrimaryKeyConstraint('live_codes_key', ['caller', 'owner', 'purpose'])
        .execute()
    },
  },
  '0003_deliveries': {
    async up(database) {
      await database.schema
        .createTable('deliveries')
        .addColumn('delivery_id', 'text', (column) => column.primaryKey())
        .addColumn('challenge_id', 'text', (column) => column.notNull())
        .addColumn('send_number', 'integer', (column) => column.notNull())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('progress', 'integer', (column) => column.notNull())
        .addColumn('pending', 'integer', (column) => column.notNull())
        .addColumn('readings', 'integer', (column) => column.notNull())
        .addColumn('maximum_readings', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('deliveries_expires_at')
        .on('deliveries')
        .column('expires_at')
        .execute()
    },
  },
  '0004_wrong_tries': {
    async up(database) {
      await database.schema
        .createTable('wrong_tries')
        .addColumn('caller', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('tries', 'integer', (column) => column.notNull())
        .addColumn('locked_until', 'bigint', (column) => column.notNull())
        .addColumn('tried_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('wrong_tries_key', ['caller', 'subject'])
        .execute()
    },
  },
  '0005_sent_codes': {
    async up(database) {
      for (const [name, columns] of [
        ['challenges_of_owner', ['caller', 'owner', 'requested_at']],
        ['challenges_by_ending', ['phone_number_ending', 'requested_at']],
      ] as const) {
        await database.schema
          .createIndex(name)
          .on('challenges')
          .columns([...columns])
          .execute()
      }
      await database.schema
        .createIndex('deliveries_of_challenge')
        .on('deliveries')
        .columns(['challenge_id', 'send_number'])
        .execute()
      // Those whose number is still to be forgotten.
      await database.schema
        .createIndex('challenges_with_number')
        .on('challenges')
        .column('requested_at')
        .where(sql.ref('sealed_phone_number'), '<>', sql.lit(''))
        .execute()
    },
  },
}
