// Redeeming: somebody types the code of a letter. What must always hold: a code opens once, until the end of the day
// printed on its letter, only for the service that asked for it; a new letter takes no wrong tries away; and from outside
// all failures look alike.

import { now } from '@gatehouse/clock/clock'
import type { RedemptionRequest } from '@gatehouse/contracts/upgrade-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { Static } from 'typebox'
import type { DigestOf } from '../letters/codes.ts'
import type { Policies } from '../policies.ts'
import { retryAfter } from '../retry-after.ts'
import type { Trail } from '../trail.ts'
import type { RedemptionStore } from './store.ts'

interface Dependencies {
  store: RedemptionStore
  policies: Policies
  digestOf: DigestOf
  trail: Trail
}

export type Redemptions = ReturnType<typeof createRedemptions>

/** @param retryAt milliseconds; no code of the owner and kind is looked at before */
function lockedOut(retryAt: number): Refusal {
  return new Refusal('locked_out', undefined, { retryAt }, retryAfter(retryAt))
}

export function createRedemptions({ store, policies, digestOf, trail }: Dependencies) {
  return {
    /**
     * Spends a code. With the same reference again it is answered like the first time, so that a caller that was
     * killed in between may repeat it.
     *
     * @throws Refusal `code_not_accepted` with `triesLeft`, or `locked_out`: also for the wrong try that was the last
     */
    async redeem(
      caller: string,
      owner: string,
      { kind, code, reference }: Static<typeof RedemptionRequest>,
    ): Promise<{ letterId: string; usedAt: number }> {
      const at = now()
      const holder = { caller, owner, kind }
      const policy = policies(caller, kind)
      const codeDigest = digestOf(holder, code)
      const redemption = await store.redeem({ ...holder, codeDigest, reference }, policy, at)
      if (redemption.outcome === 'redeemed') {
        const { letterId, usedAt, repeated } = redemption
        if (!repeated) await trail.redeemed(holder, letterId, reference)
        return { letterId, usedAt }
      }
      if (redemption.outcome === 'locked') {
        await trail.codeRefused(holder, 'locked out')
        throw lockedOut(redemption.until)
      }
      await trail.codeRefused(holder, `wrong; newest letter: ${redemption.why}`)
      if (redemption.lockedUntil > at) {
        await trail.lockedOut(holder)
        throw lockedOut(redemption.lockedUntil)
      }
      // Whoever is not locked out has a try left, also where the policy allows fewer by now than were counted.
      const triesLeft = Math.max(1, policy.wrongTries - redemption.tries)
      throw new Refusal('code_not_accepted', undefined, { triesLeft })
    },
  }
}
