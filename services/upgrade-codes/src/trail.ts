import type { Audit } from '@gatehouse/audit/audit'
import type { Holder, LetterRow } from './tables.ts'

export type Trail = ReturnType<typeof createTrail>

/**
 * The audit events of this service: which service did what for which owner. The reasons of a refusal are here and
 * nowhere in an answer; codes and addresses are nowhere.
 *
 * @param requestId the id of the request being answered
 */
export function createTrail(audit: Audit, requestId: () => string | undefined) {
  function record(
    event: string,
    outcome: 'success' | 'refusal',
    { caller, owner, kind }: Holder,
    details: Record<string, string | number | boolean>,
    actor = caller,
  ): Promise<void> {
    const id = requestId()
    return audit.record({
      event,
      outcome,
      actor,
      subject: owner,
      details: { kind, ...(actor === caller ? {} : { issuer: caller }), ...details },
      ...(id ? { requestId: id } : {}),
    })
  }
  return {
    requested: ({ letterId, ...holder }: Holder & Pick<LetterRow, 'letterId'>) =>
      record('letter.requested', 'success', holder, { letterId }),
    resent: (holder: Holder, letterId: string, earlier: string) =>
      record('letter.resent', 'success', holder, { letterId, earlier }),
    refused: (holder: Holder, reason: string) => record('letter.refused', 'refusal', holder, { reason }),
    mailed: (letter: Holder & Pick<LetterRow, 'letterId'>) =>
      record('letter.mailed', 'success', letter, { letterId: letter.letterId }, 'upgrade-codes'),
    cancelled: (holder: Holder, letterId: string) =>
      record('letter.cancelled', 'success', holder, { letterId }),
    /** @param by who carried the letter and brought it back */
    returned: (letter: LetterRow, by: string) =>
      record('letter.returned', 'success', letter, { letterId: letter.letterId }, by),
    redeemed: (holder: Holder, letterId: string, reference: string) =>
      record('code.redeemed', 'success', holder, { letterId, reference }),
    codeRefused: (holder: Holder, reason: string) => record('code.refused', 'refusal', holder, { reason }),
    lockedOut: (holder: Holder) => record('owner.locked-out', 'refusal', holder, { after: 'wrong tries' }),
  }
}
