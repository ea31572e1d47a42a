import type { Audit } from '@gatehouse/audit/audit'
import type { Disablement, DisableOrder, EnableOrder } from '@gatehouse/contracts/user-id-administration'
import { recordRefusal } from '../audited-refusals.ts'
import type { Along, Change, Disablements } from './disablements.ts'
import type { Target } from './store.ts'

/** Disablements that leave every call in the audit trail: who, why, and what was so before and after. */
export interface AuditedDisablements {
  /** @returns whether this call changed anything */
  disable(target: Target, order: DisableOrder, requestId: string): Promise<boolean>
  enable(target: Target, order: EnableOrder, requestId: string): Promise<boolean>
}

const facts = (disablement: Disablement | undefined) =>
  disablement
    ? {
        disabled: true,
        orders: disablement.orders.length,
        ...(disablement.until === undefined ? {} : { until: disablement.until }),
      }
    : { disabled: false }

export function auditedDisablements(disablements: Disablements, audit: Audit): AuditedDisablements {
  async function record(
    target: Target,
    done: 'disabled' | 'enabled',
    { by: actor, reason }: EnableOrder,
    requestId: string,
    work: (along: Along) => Promise<Change>,
  ): Promise<boolean> {
    const [what, subject] = 'ein' in target ? ['company', target.ein] : ['user-id', target.bsoUserId]
    const who = { event: `${what}.${done}`, actor, subject, reason, requestId }
    const { changed } = await work(({ order, changed, before, after }, transaction) =>
      audit.recordIn(transaction, {
        ...who,
        outcome: 'success',
        details: { changed, ...(order === undefined ? {} : { order }) },
        before: facts(before),
        after: facts(after),
      }),
    ).catch(recordRefusal(audit, who))
    return changed
  }

  return {
    disable: (target, order, requestId) =>
      record(target, 'disabled', order, requestId, (along) => disablements.disable(target, order, along)),
    enable: (target, order, requestId) =>
      record(target, 'enabled', order, requestId, (along) => disablements.enable(target, order, along)),
  }
}
