import type { Migrations } from '@gatehouse/storage/database'
import { sql } from 'kysely'
import { foldName } from './holders/names.ts'

export const migrations: Migrations = {
  '0001_companies': {
    async up(database) {
      await database.schema
        .createTable('companies')
        .addColumn('ein', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0002_accounts': {
    async up(database) {
      await database.schema
        .createTable('accounts')
        .addColumn('account_id', 'text', (column) => column.primaryKey())
        .addColumn('ssn_digest', 'text')
        .addColumn('first_name', 'text', (column) => column.notNull())
        .addColumn('last_name', 'text', (column) => column.notNull())
        .addColumn('date_of_birth', 'text', (column) => column.notNull())
        .addColumn('first_associated_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('credentials')
        .addColumn('idp', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.account_id'))
        .addColumn('linked_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('credentials_key', ['idp', 'subject'])
        .execute()
    },
  },
  '0003_user_ids': {
    async up(database) {
      await database.schema
        .createTable('user_ids')
        .addColumn('bso_user_id', 'text', (column) => column.primaryKey())
        .addColumn('ein', 'text', (column) => column.notNull().references('companies.ein'))
        .addColumn('ssn_digest', 'text')
        .addColumn('first_name', 'text', (column) => column.notNull())
        .addColumn('last_name', 'text', (column) => column.notNull())
        .addColumn('date_of_birth', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('requested_by', 'text', (column) => column.references('accounts.account_id'))
        .addColumn('issued_at', 'bigint', (column) => column.notNull())
        // What decides between concurrent requests. A User ID that nobody requested here has no `requested_by`, and in
        // both engines such rows do not conflict.
        .addUniqueConstraint('user_ids_request', ['requested_by', 'ein'])
        .execute()
      await database.schema
        .createIndex('user_ids_holder')
        .on('user_ids')
        .columns(['ssn_digest', 'date_of_birth'])
        .execute()
      await database.schema
        .createTable('user_id_services')
        .addColumn('bso_user_id', 'text', (column) => column.notNull().references('user_ids.bso_user_id'))
        .addColumn('service', 'text', (column) => column.notNull())
        .addColumn('active_since', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('user_id_services_key', ['bso_user_id', 'service'])
        .execute()
      await database.schema
        .createTable('links')
        .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.account_id'))
        .addColumn('bso_user_id', 'text', (column) => column.notNull().references('user_ids.bso_user_id'))
        .addColumn('linked_at', 'bigint', (column) => column.notNull())
        .addColumn('last_selected_at', 'bigint')
        .addPrimaryKeyConstraint('links_key', ['account_id', 'bso_user_id'])
        .execute()
    },
  },
  '0004_company_addresses': {
    async up(database) {
      for (const column of ['street', 'city', 'state', 'zip_code']) {
        await database.schema.alterTable('companies').addColumn(column, 'text').execute()
      }
    },
  },
  '0005_service_requests': {
    async up(database) {
      await database.schema
        .createTable('service_requests')
        .addColumn('bso_user_id', 'text', (column) => column.notNull().references('user_ids.bso_user_id'))
        .addColumn('service', 'text', (column) => column.notNull())
        .addColumn('requested_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('service_requests_key', ['bso_user_id', 'service'])
        .execute()
    },
  },
  '0006_disablements': {
    async up(database) {
      for (const table of ['user_ids', 'companies']) {
        // SQLite adds one column at a time.
        for (const [column, type] of [
          ['disabled_at', 'bigint'],
          ['disabled_until', 'bigint'],
          ['disabled_by', 'text'],
          ['disabled_reason', 'text'],
        ] as const) {
          await database.schema.alterTable(table).addColumn(column, type).execute()
        }
      }
      await sql`update user_ids set disabled_at = issued_at, disabled_by = 'unknown', disabled_reason = 'not recorded'
        where status = 'disabled'`.execute(database)
      await database.schema.alterTable('user_ids').dropColumn('status').execute()
      await database.schema.createIndex('user_ids_company').on('user_ids').column('ein').execute()
      await database.schema.createIndex('links_user_id').on('links').column('bso_user_id').execute()

      await database.schema.alterTable('companies').addColumn('folded_name', 'text').execute()
      const { rows } = await sql<{ ein: string; name: string }>`select ein, name from companies`.execute(
        database,
      )
      for (const { ein, name } of rows) {
        await sql`update companies set folded_name = ${foldName(name)} where ein = ${ein}`.execute(database)
      }
    },
  },
  '0007_disablement_orders': {
    async up(database) {
      await database.schema
        .createTable('disablement_orders')
        .addColumn('target', 'text', (column) => column.notNull())
        .addColumn('order_id', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('by', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('until', 'bigint')
        .addColumn('lifted_at', 'bigint')
        .addPrimaryKeyConstraint('disablement_orders_key', ['target', 'order_id'])
        .execute()
      for (const [table, target] of [
        ['user_ids', 'bso_user_id'],
        ['companies', 'ein'],
      ] as const) {
        await sql`insert into disablement_orders (target, order_id, at, "by", reason, until)
          select ${sql.ref(target)}, 'before-orders', disabled_at, coalesce(disabled_by, 'unknown'),
            coalesce(disabled_reason, 'not recorded'), disabled_until
          from ${sql.table(table)} where disabled_at is not null`.execute(database)
        for (const column of ['disabled_at', 'disabled_until', 'disabled_by', 'disabled_reason']) {
          await database.schema.alterTable(table).dropColumn(column).execute()
        }
      }
    },
  },
}
