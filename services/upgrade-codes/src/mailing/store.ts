import type { Kysely } from 'kysely'
import { mayBecomeAt } from '../letters/changes.ts'
import type { Holder, LetterRow, Tables } from '../tables.ts'

export type DueLetter = Holder & Pick<LetterRow, 'letterId'>

/** What is written down when a letter is printed. */
export interface Printing {
  codeDigest: string
  printedAt: number
  expiresOn: string
  expiresAt: number
  deliverAt: number
  /** From then on the letter may be printed anew, unless it was mailed. */
  dueAt: number
}

export interface MailingStore {
  /** Letters to be printed at `at`: new ones, and those that nobody handed to the mail in time. */
  due(at: number, atMost: number): Promise<DueLetter[]>
  /**
   * Claims the printing of a letter that is due, and with it ends an earlier printing. Of calls at once one gets it.
   */
  print(letterId: string, printing: Printing): Promise<LetterRow | undefined>
  /** The mail has this printing. @returns false when the letter has another code by now, or none */
  mailed(letterId: string, codeDigest: string, at: number): Promise<boolean>
  /** The mail does not have this printing: it is due again at `dueAt`, and its code opens nothing. */
  notTaken(letterId: string, codeDigest: string, dueAt: number): Promise<void>
}

export function sqlMailingStore(anyDatabase: Kysely<never> | Kysely<unknown>): MailingStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    due: (at, atMost) =>
      database
        .selectFrom('letters')
        .select(['letterId', 'caller', 'owner', 'kind'])
        .where(mayBecomeAt('printed', at))
        .where('dueAt', '<=', at)
        .orderBy('dueAt')
        .limit(atMost)
        .execute(),
    print: (letterId, printing) =>
      database
        .updateTable('letters')
        .set({ state: 'printed', ...printing })
        .where('letterId', '=', letterId)
        .where(mayBecomeAt('printed', printing.printedAt))
        .where('dueAt', '<=', printing.printedAt)
        .returningAll()
        .executeTakeFirst(),
    async mailed(letterId, codeDigest, at) {
      const row = await database
        .updateTable('letters')
        .set({ state: 'mailed', mailedAt: at })
        .where('letterId', '=', letterId)
        .where('codeDigest', '=', codeDigest)
        .where(mayBecomeAt('mailed', at))
        .returning('letterId')
        .executeTakeFirst()
      return row !== undefined
    },
    async notTaken(letterId, codeDigest, dueAt) {
      await database
        .updateTable('letters')
        .set({
          state: 'requested',
          codeDigest: null,
          printedAt: null,
          expiresOn: null,
          expiresAt: null,
          deliverAt: null,
          dueAt,
        })
        .where('letterId', '=', letterId)
        .where('codeDigest', '=', codeDigest)
        .where(mayBecomeAt('requested', dueAt))
        .execute()
    },
  }
}
