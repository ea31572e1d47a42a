import type { Audit } from '@gatehouse/audit/audit'
import type { Disablement } from '@gatehouse/contracts/bso-user-ids'
import { Refusal } from '@gatehouse/http/refusal'
import type { Change, Disablements } from './disablements.ts'
import type { Target } from './store.ts'

/** What an administrator orders. */
interface Order {
  by: string
  reason: string
  until?: number
}

/** Disablements that leave every order in the audit trail: who, why, and what was so before and after. */
export interface AuditedDisablements {
  /** @returns whether this order changed anything */
  disable(target: Target, order: Order, requestId: string): Promise<boolean>
  enable(target: Target, order: Omit<Order, 'until'>, requestId: string): Promise<boolean>
}

const facts = (disablement: Disablement | undefined) =>
  disablement
    ? { disabled: true, ...(disablement.until === undefined ? {} : { until: disablement.until }) }
    : { disabled: false }

export function auditedDisablements(disablements: Disablements, audit: Audit): AuditedDisablements {
  async function record(
    target: Target,
    done: 'disabled' | 'enabled',
    { by: actor, reason }: Order,
    requestId: string,
    work: Promise<Change>,
  ): Promise<boolean> {
    const [what, subject] = 'ein' in target ? ['company', target.ein] : ['user-id', target.bsoUserId]
    const who = { event: `${what}.${done}`, actor, subject, reason, requestId }
    try {
      const { changed, before, after } = await work
      await audit.record({
        ...who,
        outcome: 'success',
        details: { changed },
        before: facts(before),
        after: facts(after),
      })
      return changed
    } catch (error) {
      if (error instanceof Refusal) {
        await audit.record({ ...who, outcome: 'refusal', details: { code: error.code } })
      }
      throw error
    }
  }

  return {
    disable: (target, order, requestId) =>
      record(target, 'disabled', order, requestId, (async () => disablements.disable(target, order))()),
    enable: (target, order, requestId) =>
      record(target, 'enabled', order, requestId, disablements.enable(target)),
  }
}
