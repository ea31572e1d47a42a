import type { Kysely } from 'kysely'
import type { RevocationStreamTables } from './tables.ts'

/**
 * The instants that count for revocations: of an authentication, of a choice, the `iat` of a token. Each is noted before
 * anything comes of it, and no rule gets an earlier one. So a revocation is later than all that was issued before it also
 * where the clocks of several processes differ, or one was set back.
 */
export type NoteInstant = (instant: number) => Promise<number>

/** @returns notes an instant (milliseconds), and gives it back once that is committed */
export function createNotedInstants(database: Kysely<RevocationStreamTables>): NoteInstant {
  let newest = 0
  return async (instant) => {
    // Tokens of one second share its `iat`: it is written once.
    if (instant <= newest) return instant
    await database
      .updateTable('revocationHead')
      .set({ noted: instant })
      .where('noted', '<', instant)
      .execute()
    newest = Math.max(newest, instant)
    return instant
  }
}
