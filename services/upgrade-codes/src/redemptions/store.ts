// Wrong tries and the spending of codes, in one transaction: a try is counted before a code is looked at, so that any
// number of tries at once cannot look at more codes than the policy allows.

import { type Kysely, sql } from 'kysely'
import { heldBy, mayBecomeAt } from '../letters/changes.ts'
import { stateAt } from '../letters/states.ts'
import type { Policy } from '../policies.ts'
import type { Holder, Tables } from '../tables.ts'

export interface Try extends Holder {
  codeDigest: string
  reference: string
}

export type Redemption =
  | { outcome: 'redeemed'; letterId: string; usedAt: number; repeated: boolean }
  /** No code was looked at. */
  | { outcome: 'locked'; until: number }
  /** `lockedUntil` is 0 unless this was the last try. `why`: what the newest letter was like. */
  | { outcome: 'wrong'; tries: number; lockedUntil: number; why: string }

export interface RedemptionStore {
  /**
   * Spends a code that is good at `at`, for `reference`; with the same reference again the answer is the same. Of calls
   * at once with different references one gets it. Success takes the wrong tries away.
   */
  redeem(tried: Try, limit: Pick<Policy, 'wrongTries' | 'lockOutMs'>, at: number): Promise<Redemption>
}

type Limit = Pick<Policy, 'wrongTries' | 'lockOutMs'>

export function sqlRedemptionStore(anyDatabase: Kysely<never> | Kysely<unknown>): RedemptionStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  /** Counts a try and locks the holder for the transaction. The try that reaches the limit locks out at once. */
  function countTry(
    transaction: Kysely<Tables>,
    holder: Holder,
    { wrongTries, lockOutMs }: Limit,
    at: number,
  ) {
    const { caller, owner, kind } = holder
    // A lock-out that is over takes its tries with it.
    const tries = sql<number>`case when holders.locked_until > 0 then 1 else holders.tries + 1 end`
    const limit = sql<number>`cast(${wrongTries} as integer)`
    const until = sql<number>`cast(${at + lockOutMs} as bigint)`
    const lockedUntil = wrongTries <= 1 ? at + lockOutMs : 0
    return transaction
      .insertInto('holders')
      .values({ caller, owner, kind, letters: 0, tries: 1, lockedUntil })
      .onConflict((conflict) =>
        conflict
          .columns(['caller', 'owner', 'kind'])
          .doUpdateSet({
            tries,
            lockedUntil: sql<number>`case when (${tries}) >= ${limit} then ${until} else 0 end`,
          })
          .where('holders.lockedUntil', '<=', at),
      )
      .returning(['tries', 'lockedUntil'])
      .executeTakeFirst()
  }

  const holderRow = (transaction: Kysely<Tables>, { caller, owner, kind }: Holder) =>
    transaction
      .selectFrom('holders')
      .select('lockedUntil')
      .where('caller', '=', caller)
      .where('owner', '=', owner)
      .where('kind', '=', kind)
      .executeTakeFirst()

  async function setTries(transaction: Kysely<Tables>, { caller, owner, kind }: Holder, tries: number) {
    await transaction
      .updateTable('holders')
      .set({ tries, lockedUntil: 0 })
      .where('caller', '=', caller)
      .where('owner', '=', owner)
      .where('kind', '=', kind)
      .execute()
  }

  return {
    redeem: (tried, limit, at) =>
      database.transaction().execute(async (transaction): Promise<Redemption> => {
        const counted = await countTry(transaction, tried, limit, at)
        if (!counted) {
          return { outcome: 'locked', until: (await holderRow(transaction, tried))?.lockedUntil ?? at }
        }
        const spent = await transaction
          .updateTable('letters')
          .set({ state: 'used', usedAt: at, usedReference: tried.reference, sealedRecipient: '' })
          .where(heldBy(tried))
          .where('codeDigest', '=', tried.codeDigest)
          .where('expiresAt', '>', at)
          .where(mayBecomeAt('used', at))
          .returning('letterId')
          .executeTakeFirst()
        if (spent) {
          await setTries(transaction, tried, 0)
          return { outcome: 'redeemed', letterId: spent.letterId, usedAt: at, repeated: false }
        }
        const before = await transaction
          .selectFrom('letters')
          .select(['letterId', 'usedAt'])
          .where(heldBy(tried))
          .where('state', '=', 'used')
          .where('codeDigest', '=', tried.codeDigest)
          .where('usedReference', '=', tried.reference)
          .executeTakeFirst()
        if (before) {
          // It takes its own try back and no other: an old code must not help to guess a new one.
          await setTries(transaction, tried, counted.tries - 1)
          return { outcome: 'redeemed', letterId: before.letterId, usedAt: before.usedAt!, repeated: true }
        }
        const newest = await transaction
          .selectFrom('letters')
          .selectAll()
          .where(heldBy(tried))
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst()
        return { outcome: 'wrong', ...counted, why: newest ? stateAt(newest, at) : 'no letter' }
      }),
  }
}
