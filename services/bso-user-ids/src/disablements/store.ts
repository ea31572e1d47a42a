import type { Disablement } from '@gatehouse/contracts/bso-user-ids'
import type { Kysely, Transaction } from 'kysely'
import type { DisabledColumns, Tables } from '../tables.ts'
import { disablementOf, ENABLED } from './standing.ts'

/** What can be disabled. */
export type Target = { bsoUserId: string } | { ein: string }

export interface DisablementStore {
  /**
   * Lets `decide` say how it goes on from how it stands, and keeps that. Decisions about the same are made one after
   * the other. `undefined`: there is no such User ID or company.
   */
  change<Decision extends { changed: boolean; after: Disablement | undefined }>(
    target: Target,
    decide: (before: Disablement | undefined) => Decision,
  ): Promise<Decision | undefined>
}

export function sqlDisablementStore(database: Kysely<Tables>): DisablementStore {
  return {
    change: (target, decide) =>
      database.transaction().execute(async (transaction) => {
        const row = await hold(transaction, target)
        if (!row) return undefined
        const decision = decide(disablementOf(row))
        if (decision.changed) await keep(transaction, target, columnsOf(decision.after))
        return decision
      }),
  }
}

const COLUMNS = ['disabledAt', 'disabledUntil', 'disabledBy', 'disabledReason'] as const

/** Writes nothing new: whoever writes a row holds it to the end of the transaction, on both engines. */
function hold(transaction: Transaction<Tables>, target: Target): Promise<DisabledColumns | undefined> {
  return 'ein' in target
    ? transaction
        .updateTable('companies')
        .set({ ein: target.ein })
        .where('ein', '=', target.ein)
        .returning(COLUMNS)
        .executeTakeFirst()
    : transaction
        .updateTable('userIds')
        .set({ bsoUserId: target.bsoUserId })
        .where('bsoUserId', '=', target.bsoUserId)
        .returning(COLUMNS)
        .executeTakeFirst()
}

async function keep(
  transaction: Transaction<Tables>,
  target: Target,
  columns: DisabledColumns,
): Promise<void> {
  if ('ein' in target) {
    await transaction.updateTable('companies').set(columns).where('ein', '=', target.ein).execute()
  } else {
    await transaction.updateTable('userIds').set(columns).where('bsoUserId', '=', target.bsoUserId).execute()
  }
}

function columnsOf(disablement: Disablement | undefined): DisabledColumns {
  if (!disablement) return ENABLED
  const { at, by, reason, until = null } = disablement
  return { disabledAt: at, disabledUntil: until, disabledBy: by, disabledReason: reason }
}
