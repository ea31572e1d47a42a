// Wrong tries of the second factor, counted together over all methods (NIST SP 800-63B-4 §3.2.2) by `one-time-codes`.
// Codes by text or call count there by themselves; every other method goes through here.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import type { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'

export type TryOutcome<T> =
  | { outcome: 'accepted'; result: T }
  | { outcome: 'refused'; triesLeft: number }
  /** `retryAt` in milliseconds. Of a try that began locked nothing was looked at. */
  | { outcome: 'locked'; retryAt: number }

export interface Tries {
  /**
   * Counts a try, then lets `check` look at the secret. Success takes the count away.
   *
   * @param check gives nothing (or false) when the secret is wrong; what it throws leaves the try counted
   * @throws CallFailed when tries cannot be counted now: then nothing is looked at
   */
  attempt<T>(accountId: string, check: () => Promise<T | undefined | false>): Promise<TryOutcome<T>>
  /** Until when (milliseconds) the account is locked out, if it is. */
  lockedUntil(accountId: string): Promise<number | undefined>
  /** Takes the count and any lock-out away, as after a recovery. */
  forget(accountId: string): Promise<void>
}

/** For a lock-out whose end is not told. */
const LOCKED_FOR = 10 * 60_000

export function createTries(
  codes: Pick<ReturnType<typeof oneTimeCodes>, 'countTry' | 'forgetTries' | 'triesOf'>,
): Tries {
  return {
    async attempt<T>(accountId: string, check: () => Promise<T | undefined | false>) {
      let counted: Awaited<ReturnType<typeof codes.countTry>>
      try {
        // Before the secret is looked at, or many tries at once would all count as the first.
        counted = await codes.countTry(accountId)
      } catch (error) {
        if (error instanceof CallRefused && error.code === 'locked_out') {
          return { outcome: 'locked', retryAt: instant(error.problem.retryAt) }
        }
        throw error
      }
      const result = await check()
      if (result !== undefined && result !== false) {
        await codes.forgetTries(accountId)
        return { outcome: 'accepted', result }
      }
      const { triesLeft, lockedUntil } = counted
      return triesLeft > 0
        ? { outcome: 'refused', triesLeft }
        : { outcome: 'locked', retryAt: instant(lockedUntil) }
    },
    async lockedUntil(accountId) {
      const { lockedUntil } = await codes.triesOf(accountId)
      return lockedUntil
    },
    async forget(accountId) {
      await codes.forgetTries(accountId)
    },
  }
}

function instant(told: unknown): number {
  return typeof told === 'number' ? told : now() + LOCKED_FOR
}
