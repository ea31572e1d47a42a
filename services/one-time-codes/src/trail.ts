import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'

export type Trail = ReturnType<typeof createTrail>

/**
 * The audit events of this service: which service did what for which owner. The reasons of a refusal are here and
 * nowhere in an answer; numbers and codes are nowhere.
 *
 * @param requestId the id of the request being answered
 */
export function createTrail(audit: Audit, requestId: () => string | undefined) {
  function record(
    event: string,
    outcome: 'success' | 'refusal',
    actor: string,
    subject: string,
    details: Record<string, string | number | boolean>,
  ): Promise<void> {
    const id = requestId()
    return audit.record({ event, outcome, actor, subject, details, ...(id ? { requestId: id } : {}) })
  }
  return {
    sent: (event: string, caller: string, owner: string, details: Record<string, string | number>) =>
      record(event, 'success', caller, owner, details),
    verified: (caller: string, owner: string, challengeId: string) =>
      record('code.verified', 'success', caller, owner, { challengeId }),
    refused: (caller: string, owner: string, challengeId: string, reason: string) =>
      record('code.refused', 'refusal', caller, owner, { challengeId, reason }),
    /**
     * `last try`: of a method that this service does not judge. It locks out before it is judged; `tries.forgotten`
     * follows when it was right.
     */
    lockedOut: (caller: string, owner: string, after: 'wrong tries' | 'last try' | 'sends') =>
      record('owner.locked-out', 'refusal', caller, owner, { after }),
    tryRefused: (caller: string, owner: string) =>
      record('try.refused', 'refusal', caller, owner, { reason: 'locked_out' }),
    triesForgotten: (caller: string, owner: string, wasLockedOut: boolean) =>
      record('tries.forgotten', 'success', caller, owner, { wasLockedOut }),
    /** Does `work` and records the refusal it ends in, if it does. */
    async refusals(event: string, caller: string, owner: string, work: () => Promise<void>): Promise<void> {
      try {
        await work()
      } catch (error) {
        if (error instanceof Refusal) await record(event, 'refusal', caller, owner, { reason: error.code })
        throw error
      }
    },
  }
}
