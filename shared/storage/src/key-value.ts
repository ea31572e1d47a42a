import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'
import type { Migrations } from './database.ts'

/**
 * What expires by itself: sessions, states of a flow, counters. Expiry is always judged by the clock against the
 * instant in the record; an engine's own expiry only tidies up.
 */
export interface KeyValue {
  /** The value, unless it is absent or expired. */
  get<T>(key: string): Promise<T | undefined>
  /** Stores a JSON value until `expiresAt` (milliseconds), replacing what was there. */
  put(key: string, value: unknown, expiresAt: number): Promise<void>
  /** Removes and returns the value. Of two concurrent calls, at most one gets it. */
  take<T>(key: string): Promise<T | undefined>
  /** Adds one and returns the new count. The first increment starts a window that ends at `expiresAt`. */
  increment(key: string, expiresAt: number): Promise<number>
  /** Removes the value, if any. */
  remove(key: string): Promise<void>
}

interface KeyValueTable {
  keyValue: { key: string; value: string; expiresAt: number }
}

export const keyValueMigrations: Migrations = {
  '0000_key_value': {
    async up(database) {
      await database.schema
        .createTable('key_value')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema.createIndex('key_value_expires_at').on('key_value').column('expires_at').execute()
    },
  },
}

const TIDY_EVERY = 500

/** The key-value port over the service's own database. */
export function sqlKeyValue(anyDatabase: Kysely<never> | Kysely<unknown>): KeyValue {
  const database = anyDatabase as unknown as Kysely<KeyValueTable>
  let writes = 0

  async function tidy(): Promise<void> {
    writes += 1
    if (writes % TIDY_EVERY === 0)
      await database.deleteFrom('keyValue').where('expiresAt', '<=', now()).execute()
  }

  return {
    async get<T>(key: string) {
      const row = await database
        .selectFrom('keyValue')
        .select('value')
        .where('key', '=', key)
        .where('expiresAt', '>', now())
        .executeTakeFirst()
      return row && (JSON.parse(row.value) as T)
    },
    async put(key, value, expiresAt) {
      const row = { value: JSON.stringify(value), expiresAt }
      await database
        .insertInto('keyValue')
        .values({ key, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute()
      await tidy()
    },
    async take<T>(key: string) {
      const row = await database
        .deleteFrom('keyValue')
        .where('key', '=', key)
        .returning(['value', 'expiresAt'])
        .executeTakeFirst()
      return row && row.expiresAt > now() ? (JSON.parse(row.value) as T) : undefined
    },
    async increment(key, expiresAt) {
      const count = await database.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('keyValue')
          .where('key', '=', key)
          .where('expiresAt', '<=', now())
          .execute()
        const row = await transaction
          .insertInto('keyValue')
          .values({ key, value: '1', expiresAt })
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet((row) => ({
              value: row.cast<string>(row(row.cast<number>('keyValue.value', 'integer'), '+', 1), 'text'),
            })),
          )
          .returning('value')
          .executeTakeFirstOrThrow()
        return Number(row.value)
      })
      await tidy()
      return count
    },
    async remove(key) {
      await database.deleteFrom('keyValue').where('key', '=', key).execute()
    },
  }
}
