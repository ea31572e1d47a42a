import { now } from '@gatehouse/clock/clock'
import type { Act, ActState, Step } from './act.ts'

/** `expired` is not stored: it is what `awaiting-approval` comes to by itself. */
type StoredState = Exclude<ActState, 'expired'>

export interface ActRow {
  actId: string
  operation: Act['operation']
  kind: Act['kind']
  value: string
  reason: string
  ticket: string | null
  lasting: number
  endsAt: number | null
  askedBy: string
  askedAt: number
  needsApproval: number
  decideBy: number | null
  decidedBy: string | null
  decidedAt: number | null
  decisionReason: string | null
  state: StoredState
  /** A JSON array. */
  steps: string
  revocationId: string | null
  lifts: string | null
  failure: string | null
  triedAt: number | null
  doneAt: number | null
}

export interface ActTable {
  acts: ActRow
}

/** An act as it is told, of its row. */
export function actOf({ triedAt: _, ...row }: ActRow): Act {
  const isExpired = row.state === 'awaiting-approval' && row.decideBy !== null && row.decideBy <= now()
  const given = Object.entries(row).filter(([, value]) => value !== null)
  return {
    ...(Object.fromEntries(given) as unknown as Act),
    lasting: row.lasting === 1,
    needsApproval: row.needsApproval === 1,
    state: isExpired ? 'expired' : row.state,
    steps: JSON.parse(row.steps) as Step[],
  }
}
