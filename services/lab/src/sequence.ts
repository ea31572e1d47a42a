// One count of everything that comes to the lab: texts, calls, mail, letters and approvals stand in one order.
import type { Kysely } from 'kysely'

/** What the table `message_counter` holds: one row, the number given last. */
export interface CounterTables {
  messageCounter: { last: number }
}

/**
 * The next number, within `transaction`. The row is locked from here to its end, so that numbers become visible in their
 * order: whoever waits after one of them misses none below it.
 */
export async function nextNumber<Tables extends CounterTables>(transaction: Kysely<Tables>): Promise<number> {
  const counter = await (transaction as unknown as Kysely<CounterTables>)
    .updateTable('messageCounter')
    .set((column) => ({ last: column('last', '+', 1) }))
    .returning('last')
    .executeTakeFirstOrThrow()
  return counter.last
}

const TIDY_EVERY = 100

/**
 * Bounds a table with a `sequence`.
 *
 * @param kept how many rows stay; the oldest go, a hundred at a time
 * @returns to be called after each row that is added
 */
export function keepNewest<Tables>(
  database: Kysely<Tables>,
  table: 'messages' | 'mails' | 'approvals' | 'letters',
  kept: number,
): () => Promise<void> {
  // They all look the same from here.
  const numbered = database as unknown as Kysely<{ messages: { sequence: number } }>
  const name = table as 'messages'
  let added = 0
  return async () => {
    added += 1
    if (added % TIDY_EVERY !== 1) return
    const oldestKept = numbered
      .selectFrom(name)
      .select('sequence')
      .orderBy('sequence', 'desc')
      .limit(1)
      .offset(kept - 1)
    await numbered.deleteFrom(name).where('sequence', '<', oldestKept).execute()
  }
}
