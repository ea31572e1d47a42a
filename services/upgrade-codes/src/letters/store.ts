import type { Kysely } from 'kysely'
import type { Policy } from '../policies.ts'
import type { Holder, LetterRow, Tables } from '../tables.ts'
import { heldBy, lockHolder, mayBecomeAt } from './changes.ts'
import { mayBecome, stateAt } from './states.ts'

export type NewLetter = Holder & Pick<LetterRow, 'letterId' | 'subject' | 'sealedRecipient'>
type Limit = Pick<Policy, 'letters' | 'spanDays'>

/** `tooMany`: from that instant (milliseconds) on there may be another letter. */
export type Added = { letter: LetterRow } | { tooMany: number }

/** The last of the page before. */
export type Place = [requestedAt: number, letterId: string]

export interface LetterStore {
  /**
   * Adds a letter, which takes the place of the holder's earlier ones. Of calls at once the later one's counts. When
   * there are too many, nothing changes.
   */
  add(letter: NewLetter, limit: Limit, at: number): Promise<Added>
  /**
   * Adds a letter to the same address as an earlier one, whose place it takes.
   *
   * @returns undefined when the caller has no such letter, `not open` when it is used, cancelled or replaced
   */
  addAgain(
    caller: string,
    earlier: string,
    letterId: string,
    limitOf: (holder: Holder) => Limit,
    at: number,
  ): Promise<Added | 'not open' | undefined>
  find(letterId: string): Promise<LetterRow | undefined>
  /** The newest letters, newest first. */
  list(holder: Holder, atMost: number): Promise<LetterRow[]>
  /** The newest letters of every kind behind `after`, newest first. */
  ofOwner(owner: Pick<Holder, 'caller' | 'owner'>, atMost: number, after?: Place): Promise<LetterRow[]>
  /** Ends the code of the letter that is open, and gives its id. */
  cancel(holder: Holder, at: number): Promise<string | undefined>
  /** Ends the code of a letter that came back. Of calls at once one gets it. */
  comeBack(letterId: string, at: number): Promise<LetterRow | undefined>
}

const DAY = 24 * 3_600_000

export function sqlLetterStore(anyDatabase: Kysely<never> | Kysely<unknown>): LetterStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  /** When the holder may have another letter, if that lies behind `at`. */
  async function tooManyUntil(transaction: Kysely<Tables>, holder: Holder, limit: Limit, at: number) {
    const row = await transaction
      .selectFrom('letters')
      .select('requestedAt')
      .where(heldBy(holder))
      .orderBy('number', 'desc')
      .offset(limit.letters - 1)
      .limit(1)
      .executeTakeFirst()
    const until = row ? row.requestedAt + limit.spanDays * DAY : 0
    return until > at ? until : undefined
  }

  /** Within a transaction that has the holder locked. */
  async function replace(
    transaction: Kysely<Tables>,
    { letterId, caller, owner, kind, subject, sealedRecipient }: NewLetter,
    number: number,
    at: number,
  ): Promise<LetterRow> {
    await transaction
      .updateTable('letters')
      .set({ state: 'resent', resentAt: at, codeDigest: null, sealedRecipient: '' })
      .where(heldBy({ caller, owner, kind }))
      .where(mayBecomeAt('resent', at))
      .execute()
    return transaction
      .insertInto('letters')
      .values({
        letterId,
        caller,
        owner,
        kind,
        number,
        subject,
        sealedRecipient,
        state: 'requested',
        dueAt: at,
        requestedAt: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  const find = (letterId: string, using = database) =>
    using.selectFrom('letters').selectAll().where('letterId', '=', letterId).executeTakeFirst()

  return {
    find: (letterId) => find(letterId),
    add: (letter, limit, at) =>
      database.transaction().execute(async (transaction) => {
        const number = await lockHolder(transaction, letter, 1)
        const tooMany = await tooManyUntil(transaction, letter, limit, at)
        if (tooMany !== undefined) return { tooMany }
        return { letter: await replace(transaction, letter, number, at) }
      }),
    async addAgain(caller, earlierId, letterId, limitOf, at) {
      const known = await find(earlierId)
      if (known?.caller !== caller) return undefined
      return database.transaction().execute(async (transaction) => {
        const number = await lockHolder(transaction, known, 1)
        // Once more, now that no other letter of the holder can come in between.
        const earlier = await find(earlierId, transaction)
        if (!earlier || !mayBecome(stateAt(earlier, at), 'resent')) return 'not open'
        const tooMany = await tooManyUntil(transaction, earlier, limitOf(earlier), at)
        if (tooMany !== undefined) return { tooMany }
        return { letter: await replace(transaction, { ...earlier, letterId }, number, at) }
      })
    },
    list: (holder, atMost) =>
      database
        .selectFrom('letters')
        .selectAll()
        .where(heldBy(holder))
        .orderBy('number', 'desc')
        .limit(atMost)
        .execute(),
    ofOwner({ caller, owner }, atMost, after) {
      const [requestedAt, letterId] = after ?? [0, '']
      return database
        .selectFrom('letters')
        .selectAll()
        .where('caller', '=', caller)
        .where('owner', '=', owner)
        .$if(after !== undefined, (query) =>
          query.where((where) =>
            where.or([
              where('requestedAt', '<', requestedAt),
              where('requestedAt', '=', requestedAt).and('letterId', '<', letterId),
            ]),
          ),
        )
        .orderBy('requestedAt', 'desc')
        .orderBy('letterId', 'desc')
        .limit(atMost)
        .execute()
    },
    async cancel(holder, at) {
      const row = await database
        .updateTable('letters')
        .set({ state: 'cancelled', cancelledAt: at, codeDigest: null, sealedRecipient: '' })
        .where(heldBy(holder))
        .where(mayBecomeAt('cancelled', at))
        .returning('letterId')
        .executeTakeFirst()
      return row?.letterId
    },
    comeBack: (letterId, at) =>
      database
        .updateTable('letters')
        .set({ state: 'returned', returnedAt: at, codeDigest: null })
        .where('letterId', '=', letterId)
        .where(mayBecomeAt('returned', at))
        .returningAll()
        .executeTakeFirst(),
  }
}
