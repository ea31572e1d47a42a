// Disabling and enabling User IDs and whole companies. This owns what ends for good, or until a date; what is in flight
// is for a revocation at sign-in. What must always hold: something is disabled while any order about it stands, so that
// whoever takes back an order opens nothing that another one has closed.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Disablement, DisableOrder, EnableOrder } from '@gatehouse/contracts/user-id-administration'
import { Refusal } from '@gatehouse/http/refusal'
import type { Transaction } from 'kysely'
import type { Tables } from '../tables.ts'
import type { DisablementStore, OrdersAbout, Target } from './store.ts'

/** What a call found, and what it left. */
export interface Change {
  /** The order it was about; without it: all of them. */
  order: string | undefined
  /** It added an order or lifted one. Of any number of calls at once about the same order, one did. */
  changed: boolean
  before: Disablement | undefined
  after: Disablement | undefined
}

/** Runs in the step that makes the change, as its last part: if it throws, nothing has changed. */
export type Along = (change: Change, transaction: Transaction<Tables>) => Promise<void>

export interface Disablements {
  /**
   * Adds an order, once: one that was there at any time changes nothing, also when it was lifted since. Without a name it
   * gets one of its own.
   *
   * @throws Refusal `not_found`; `end_not_ahead` when `until` (milliseconds) is over
   */
  disable(target: Target, order: DisableOrder, along?: Along): Promise<Change>
  /**
   * Lifts the order of this name, or all. One that does not stand changes nothing.
   *
   * @throws Refusal `not_found`
   */
  enable(target: Target, order?: Pick<EnableOrder, 'order'>, along?: Along): Promise<Change>
}

export function createDisablements(store: DisablementStore): Disablements {
  async function change(
    target: Target,
    order: string | undefined,
    work: (orders: OrdersAbout) => Promise<boolean>,
    along?: Along,
  ): Promise<Change> {
    const done = await store.holding(target, async (orders, transaction) => {
      const before = await orders.standing()
      const changed = await work(orders)
      const change = { order, changed, before, after: changed ? await orders.standing() : before }
      await along?.(change, transaction)
      return change
    })
    if (!done) throw new Refusal('not_found')
    return done
  }

  return {
    disable(target, { by, reason, until, order = randomUUID() }, along) {
      const work = async (orders: OrdersAbout) => {
        const at = now()
        const added = await orders.add({ order, at, by, reason, ...(until === undefined ? {} : { until }) })
        // Only of one that is new: who repeats an order may do so when it is over.
        if (added && until !== undefined && until <= at) {
          throw new Refusal('end_not_ahead', 'until must be ahead of now')
        }
        return added
      }
      return change(target, order, work, along)
    },
    enable: (target, { order } = {}, along) => change(target, order, (orders) => orders.lift(order), along),
  }
}
