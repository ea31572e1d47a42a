import type { CompiledQuery, Kysely, Transaction } from 'kysely'
import type { NumberHolder } from '../verifications/matching.ts'

export interface NumberHolderStore {
  /** The number holders with these SSNs, by SSN. Who is not on file is not in the map. */
  find(ssns: readonly string[]): Promise<Map<string, NumberHolder>>
  /** How many there are. */
  count(): Promise<number>
  /**
   * Puts the number holders of a file in the place of those before, all or nothing, unless this very file is there
   * already. Of two services that start at once, one loads and the other finds it done.
   *
   * @param sha256 the digest of the file
   * @param holders as they are read, any number at a time; asked for only when they are needed
   * @returns whether anything was loaded
   */
  replace(sha256: string, holders: AsyncIterable<NumberHolder[]>, at: number): Promise<boolean>
}

interface Tables {
  numberHolders: Omit<NumberHolder, 'deceased'> & { deceased: number }
  numidentFiles: { id: number; sha256: string; loadedAt: number }
}

// Six columns each, so far below the 32,766 parameters that SQLite takes and the 65,535 of PostgreSQL.
const BATCH = 100

export function sqlNumberHolderStore(anyDatabase: Kysely<never> | Kysely<unknown>): NumberHolderStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function count(from: Kysely<Tables> = database): Promise<number> {
    const { holders } = await from
      .selectFrom('numberHolders')
      .select((row) => row.fn.countAll<number | string>().as('holders'))
      .executeTakeFirstOrThrow()
    return Number(holders)
  }

  return {
    count: () => count(),
    async find(ssns) {
      const rows = await database
        .selectFrom('numberHolders')
        .selectAll()
        .where('ssn', 'in', [...ssns])
        .execute()
      return new Map(rows.map((row) => [row.ssn, { ...row, deceased: row.deceased === 1 }]))
    },
    async replace(sha256, holders, at) {
      return database.transaction().execute(async (transaction) => {
        if ((await claimFile(transaction, at)) === sha256 && (await count(transaction)) > 0) return false
        await transaction.deleteFrom('numberHolders').execute()
        const insert = batchInsert(transaction)
        for await (const read of holders) {
          for (let first = 0; first < read.length; first += BATCH)
            await insert(read.slice(first, first + BATCH))
        }
        await transaction
          .updateTable('numidentFiles')
          .set({ sha256, loadedAt: at })
          .where('id', '=', 1)
          .execute()
        return true
      })
    },
  }
}

/** Updates the one row about the file, so that others wait, and gives the digest of the file that was loaded before. */
async function claimFile(transaction: Transaction<Tables>, at: number): Promise<string> {
  const { sha256 } = await transaction
    .insertInto('numidentFiles')
    .values({ id: 1, sha256: '', loadedAt: at })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: 1 }))
    .returning('sha256')
    .executeTakeFirstOrThrow()
  return sha256
}

/** Inserts batch after batch. The statement of a full batch is composed once: that is most of the cost of loading. */
function batchInsert(transaction: Transaction<Tables>): (batch: readonly NumberHolder[]) => Promise<void> {
  let full: CompiledQuery | undefined
  return async (batch) => {
    const rows = batch.map(({ ssn, firstName, lastName, dateOfBirth, sex, deceased }) => {
      return { ssn, firstName, lastName, dateOfBirth, sex, deceased: deceased ? 1 : 0 }
    })
    if (full && batch.length === BATCH) {
      await transaction.executeQuery({ ...full, parameters: rows.flatMap((row) => Object.values(row)) })
      return
    }
    const query = transaction.insertInto('numberHolders').values(rows).compile()
    if (batch.length === BATCH) full = query
    await transaction.executeQuery(query)
  }
}
