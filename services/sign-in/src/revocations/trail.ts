// What is ordered of revocations, as the audit trail has it.

import type { AuditEvent } from '@gatehouse/audit/audit'
import type { Reinstatement, RevocationOrder } from '@gatehouse/contracts/revocations'
import type { Target } from './selection.ts'

/** What a caller adds for the audit trail. */
export interface Asked {
  requestId?: string
  /** The service that passes the order on, where one does. */
  caller?: string
}

type Said = Pick<AuditEvent, 'event' | 'outcome'>

function entry(
  said: Said,
  { kind, value }: Target,
  { by: actor, reason, ticket }: { by: string; reason: string; ticket?: string | undefined },
  { requestId, caller }: Asked,
  details: Record<string, string | number | boolean>,
): AuditEvent {
  return {
    ...said,
    actor,
    subject: `${kind} ${value}`,
    details: {
      reason,
      ...(ticket === undefined ? {} : { ticket }),
      ...(caller === undefined ? {} : { caller }),
      ...details,
    },
    ...(requestId === undefined ? {} : { requestId }),
  }
}

export function orderEntry(
  said: Said,
  order: RevocationOrder,
  asked: Asked,
  more: Record<string, string>,
): AuditEvent {
  const { target, lasting, endsAt } = order
  return entry(said, target, order, asked, { lasting, ...(endsAt === undefined ? {} : { endsAt }), ...more })
}

export function reinstatementEntry(
  outcome: AuditEvent['outcome'],
  target: Target,
  revocationId: string,
  order: Reinstatement,
  asked: Asked,
): AuditEvent {
  return entry({ event: 'revocation.reinstated', outcome }, target, order, asked, { revocationId })
}
