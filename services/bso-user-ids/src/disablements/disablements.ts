// Disabling and enabling User IDs and whole companies. This owns what ends for good, or until a date; what is in flight
// is for a revocation at sign-in. What must always hold: an order to disable never opens anything, also not earlier than
// the one before it would have.

import { now } from '@gatehouse/clock/clock'
import type { Disablement } from '@gatehouse/contracts/bso-user-ids'
import { Refusal } from '@gatehouse/http/refusal'
import type { DisablementStore, Target } from './store.ts'

/** What an order found, and what it left. */
export interface Change {
  /** Of any number of orders at once for the same, one did it. */
  changed: boolean
  before: Disablement | undefined
  after: Disablement | undefined
}

export interface Disablements {
  /**
   * @param until milliseconds; without it until somebody enables it
   * @throws Refusal `not_found`; `end_not_ahead` when `until` is over
   */
  disable(target: Target, order: { by: string; reason: string; until?: number }): Promise<Change>
  /** @throws Refusal `not_found` */
  enable(target: Target): Promise<Change>
}

export function createDisablements(store: DisablementStore): Disablements {
  async function change(
    target: Target,
    decide: (before: Disablement | undefined) => Disablement | undefined,
  ): Promise<Change> {
    const change = await store.change(target, (before) => {
      const after = decide(before)
      return { changed: after !== before, before, after }
    })
    if (!change) throw new Refusal('not_found')
    return change
  }

  return {
    disable(target, { by, reason, until }) {
      const at = now()
      if (until !== undefined && until <= at) {
        throw new Refusal('end_not_ahead', 'until must be ahead of now')
      }
      const order = { at, by, reason, ...(until === undefined ? {} : { until }) }
      return change(target, (before) => (before && !endsLater(order, before) ? before : order))
    },
    enable: (target) => change(target, () => undefined),
  }
}

function endsLater(one: Disablement, other: Disablement): boolean {
  return (one.until ?? Number.POSITIVE_INFINITY) > (other.until ?? Number.POSITIVE_INFINITY)
}
