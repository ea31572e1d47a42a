// The life of a letter: which state may follow which. `delivered` and `expired` are never written down: they follow from
// the instants in the row and the clock, so that no worker has to be there at the right moment.

import type { Letter, LetterState } from '@gatehouse/contracts/upgrade-codes'
import type { LetterRow } from '../tables.ts'

export type StoredState = Exclude<LetterState, 'delivered' | 'expired'>

export const TRANSITIONS: Record<LetterState, readonly LetterState[]> = {
  requested: ['printed', 'cancelled', 'resent'],
  // Back to `requested` when the mail did not take it. Printed anew when whoever printed it never said what became of
  // it. Used at once, where the letter is faster than the mail's receipt.
  printed: ['requested', 'printed', 'mailed', 'used', 'cancelled', 'resent'],
  mailed: ['delivered', 'used', 'expired', 'cancelled', 'returned', 'resent'],
  delivered: ['used', 'expired', 'cancelled', 'returned', 'resent'],
  expired: ['returned', 'resent'],
  returned: ['resent'],
  used: [],
  cancelled: [],
  resent: [],
}

export function mayBecome(from: LetterState, to: LetterState): boolean {
  return TRANSITIONS[from].includes(to)
}

/**
 * The rows that may become `to`, in terms of what is stored.
 *
 * @returns `unlessExpired`: a letter in the mail only as long as its last day is not over
 */
export function storedBefore(to: StoredState): { states: StoredState[]; unlessExpired: boolean } {
  const from = (Object.keys(TRANSITIONS) as LetterState[]).filter((state) => mayBecome(state, to))
  const states = from.filter((state): state is StoredState => state !== 'delivered' && state !== 'expired')
  return { states, unlessExpired: !from.includes('expired') }
}

type Dated = Pick<LetterRow, 'state' | 'deliverAt' | 'expiresAt'>

/** The state at an instant (milliseconds). */
export function stateAt({ state, deliverAt, expiresAt }: Dated, at: number): LetterState {
  if (state !== 'mailed') return state
  if (expiresAt !== null && expiresAt <= at) return 'expired'
  return deliverAt !== null && deliverAt <= at ? 'delivered' : 'mailed'
}

/** When each step was taken, of those that lie behind at `at`. */
export function stepsAt(row: LetterRow, at: number): Letter['at'] {
  const ends = [row.usedAt, row.cancelledAt, row.resentAt].filter((each) => each !== null)
  const end = Math.min(at, ...ends)
  const mailed = row.mailedAt
  // The mail's days count from the printing, but nothing arrives before it was mailed.
  const delivered = mailed !== null && row.deliverAt !== null ? Math.max(mailed, row.deliverAt) : null
  const lastDelivery = Math.min(end, row.returnedAt ?? end, row.expiresAt ?? end)
  const steps: Record<LetterState, number | null> = {
    requested: row.requestedAt,
    printed: row.printedAt,
    mailed,
    delivered: delivered !== null && delivered <= lastDelivery ? delivered : null,
    expired: mailed !== null && row.expiresAt !== null && row.expiresAt <= end ? row.expiresAt : null,
    used: row.usedAt,
    returned: row.returnedAt,
    cancelled: row.cancelledAt,
    resent: row.resentAt,
  }
  return Object.fromEntries(Object.entries(steps).filter(([, instant]) => instant !== null)) as Letter['at']
}
