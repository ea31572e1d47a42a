import type { Audit, AuditEvent } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'

/** For `catch`: puts a refusal into the audit trail with its code, and throws it on. Other errors only pass through. */
export function recordRefusal(audit: Audit, event: Omit<AuditEvent, 'outcome' | 'details'>) {
  return async (error: unknown): Promise<never> => {
    if (error instanceof Refusal) {
      await audit.record({ ...event, outcome: 'refusal', details: { code: error.code } })
    }
    throw error
  }
}
