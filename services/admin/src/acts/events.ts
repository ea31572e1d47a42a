// How the audit trail tells of acts: when the order was taken, when somebody else decided about it, and what came of it.

import type { AuditEvent } from '@gatehouse/audit/audit'
import type { Act, Order } from './act.ts'
import type { Decision } from './store.ts'

/** How the audit trail names a target. */
export function subjectOf({ kind, value }: { kind: string; value: string }): string {
  return kind === 'everything' ? kind : `${kind} ${value}`
}

export function takenEvent(actId: string, order: Order, by: string): AuditEvent {
  const { operation, lasting, reason, ticket } = order
  return {
    event: 'order.taken',
    outcome: 'success',
    actor: by,
    subject: subjectOf(order),
    reason,
    details: { act: actId, operation, lasting, ...(ticket === undefined ? {} : { ticket }) },
  }
}

export function decidedEvent(actId: string, { by, to, reason }: Decision): AuditEvent {
  return {
    event: 'order.decided',
    outcome: 'success',
    actor: by,
    subject: actId,
    reason,
    details: { act: actId, to },
  }
}

/** @param because the code with which an owner refused */
export function endedEvent(act: Act, because?: string): AuditEvent {
  const { actId, operation, lasting, askedBy, decidedBy, reason, ticket, revocationId, lifts } = act
  return {
    event: operation === 'revoke' ? 'access.ended' : 'access.reinstated',
    outcome: because === undefined ? 'success' : 'refusal',
    actor: askedBy,
    subject: subjectOf(act),
    reason,
    details: {
      act: actId,
      lasting,
      ...(revocationId === undefined ? {} : { revocation: revocationId }),
      ...(lifts === undefined ? {} : { lifts }),
      ...(decidedBy === undefined ? {} : { approvedBy: decidedBy }),
      ...(ticket === undefined ? {} : { ticket }),
      ...(because === undefined ? {} : { because }),
    },
  }
}
