import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import type { Holder, Tables } from '../tables.ts'
import { type StoredState, storedBefore } from './states.ts'

/** A condition on `letters`: those that may become `to` at an instant, by the table of transitions. */
export function mayBecomeAt(to: StoredState, at: number) {
  const { states, unlessExpired } = storedBefore(to)
  return (where: ExpressionBuilder<Tables, 'letters'>): Expression<SqlBool> => {
    const inState = where('state', 'in', states)
    if (!unlessExpired) return inState
    return where.and([
      inState,
      where.or([where('state', '!=', 'mailed'), where('expiresAt', 'is', null), where('expiresAt', '>', at)]),
    ])
  }
}

/** A condition on `letters`: those of a holder. */
export function heldBy({ caller, owner, kind }: Holder) {
  return (where: ExpressionBuilder<Tables, 'letters'>): Expression<SqlBool> =>
    where.and([where('caller', '=', caller), where('owner', '=', owner), where('kind', '=', kind)])
}

/**
 * The first statement of a transaction that changes a holder's letters together: another one waits until it is over.
 *
 * @param letters how many are requested by it
 * @returns how many were requested so far, these included
 */
export async function lockHolder(
  transaction: Kysely<Tables>,
  { caller, owner, kind }: Holder,
  letters: number,
): Promise<number> {
  const row = await transaction
    .insertInto('holders')
    .values({ caller, owner, kind, letters, tries: 0, lockedUntil: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['caller', 'owner', 'kind'])
        .doUpdateSet((column) => ({ letters: column('holders.letters', '+', letters) })),
    )
    .returning('letters')
    .executeTakeFirstOrThrow()
  return row.letters
}
