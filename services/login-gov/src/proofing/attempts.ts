// How often what somebody gives may turn out not to be verifiable, over all steps of proofing.

import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

export interface ProofingAttempts {
  /** Counts one that failed. */
  count(accountId: string): Promise<void>
  /** How many are left; none until `until` (milliseconds). */
  left(accountId: string): Promise<{ left: number; until: number }>
  /** After proofing has succeeded. */
  forget(accountId: string): Promise<void>
}

/** @param rules `windowMs` from the first failed one on */
export function createProofingAttempts(
  keyValue: KeyValue,
  { most, windowMs }: { most: number; windowMs: number },
): ProofingAttempts {
  const keyOf = (accountId: string) => `proofing-attempts/${accountId}`
  const endOf = (accountId: string) => `proofing-attempts-until/${accountId}`
  return {
    async count(accountId) {
      const until = now() + windowMs
      const count = await keyValue.increment(keyOf(accountId), until)
      if (count === 1) await keyValue.put(endOf(accountId), until, until)
    },
    async left(accountId) {
      const count = (await keyValue.get<number>(keyOf(accountId))) ?? 0
      const until = (await keyValue.get<number>(endOf(accountId))) ?? now() + windowMs
      return { left: Math.max(0, most - count), until }
    },
    async forget(accountId) {
      await keyValue.remove(keyOf(accountId))
      await keyValue.remove(endOf(accountId))
    },
  }
}
