import { now } from '@gatehouse/clock/clock'
import type { Disablement, DisablementOrder } from '@gatehouse/contracts/user-id-administration'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../tables.ts'
import { disablementsOf } from './standing.ts'

/** What can be disabled. */
export type Target = { bsoUserId: string } | { ein: string }

/** The orders about one target, while nobody else changes them. */
export interface OrdersAbout {
  standing(): Promise<Disablement | undefined>
  /** Gives false, and keeps nothing, if an order of this name was there at any time. */
  add(order: DisablementOrder): Promise<boolean>
  /** Lifts the order of this name, or all; gives whether one of those stood. */
  lift(order: string | undefined): Promise<boolean>
}

export interface DisablementStore {
  /**
   * Runs `work` as one step: when it throws, nothing of it is kept. About the same target one runs after the other.
   * `undefined`: there is no such User ID or company.
   */
  holding<Result>(
    target: Target,
    work: (orders: OrdersAbout, transaction: Transaction<Tables>) => Promise<Result>,
  ): Promise<Result | undefined>
}

export function sqlDisablementStore(database: Kysely<Tables>): DisablementStore {
  return {
    holding: (target, work) =>
      database.transaction().execute(async (transaction) => {
        const name = await hold(transaction, target)
        return name === undefined ? undefined : work(ordersAbout(transaction, name), transaction)
      }),
  }
}

/** Writes nothing new: whoever writes a row holds it to the end of the transaction, on both engines. */
async function hold(transaction: Transaction<Tables>, target: Target): Promise<string | undefined> {
  if ('ein' in target) {
    const held = await transaction
      .updateTable('companies')
      .set({ ein: target.ein })
      .where('ein', '=', target.ein)
      .returning('ein')
      .executeTakeFirst()
    return held?.ein
  }
  const held = await transaction
    .updateTable('userIds')
    .set({ bsoUserId: target.bsoUserId })
    .where('bsoUserId', '=', target.bsoUserId)
    .returning('bsoUserId')
    .executeTakeFirst()
  return held?.bsoUserId
}

function ordersAbout(transaction: Transaction<Tables>, target: string): OrdersAbout {
  return {
    standing: async () => (await disablementsOf(transaction, [target])).get(target),

    async add({ order: orderId, until = null, ...rest }) {
      const added = await transaction
        .insertInto('disablementOrders')
        .values({ target, orderId, ...rest, until, liftedAt: null })
        .onConflict((conflict) => conflict.columns(['target', 'orderId']).doNothing())
        .returning('orderId')
        .executeTakeFirst()
      return added !== undefined
    },

    async lift(order) {
      const at = now()
      const lifted = await transaction
        .updateTable('disablementOrders')
        .set({ liftedAt: at })
        .where('target', '=', target)
        .where('liftedAt', 'is', null)
        .where((row) => row.or([row('until', 'is', null), row('until', '>', at)]))
        .$if(order !== undefined, (query) => query.where('orderId', '=', order as string))
        .executeTakeFirst()
      return lifted.numUpdatedRows > 0n
    },
  }
}
