import type { Kysely } from 'kysely'

export interface OffsetStore {
  /** Milliseconds ahead of the machine's clock; 0 before it was ever moved. */
  read(): Promise<number>
  /** Resolves once the offset is stored. */
  write(offset: number): Promise<void>
}

interface Tables {
  suiteClock: { id: number; clockOffset: number }
}

const ONLY_ROW = 1

export function sqlOffsetStore(anyDatabase: Kysely<never> | Kysely<unknown>): OffsetStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async read() {
      const row = await database
        .selectFrom('suiteClock')
        .select('clockOffset')
        .where('id', '=', ONLY_ROW)
        .executeTakeFirst()
      return row?.clockOffset ?? 0
    },
    async write(clockOffset) {
      await database
        .insertInto('suiteClock')
        .values({ id: ONLY_ROW, clockOffset })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ clockOffset }))
        .execute()
    },
  }
}
