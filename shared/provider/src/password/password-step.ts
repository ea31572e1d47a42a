// The first factor: an e-mail address and a password, with a limit on wrong ones for each browser session.

import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Account } from '../accounts/account.ts'
import type { Accounts } from '../accounts/accounts.ts'

const REMEMBERED_FOR = 12 * 3_600_000

export interface PasswordRules {
  /** Wrong passwords in one browser session; the next try waits. */
  mostTries: number
  /** Milliseconds. */
  waitMs: number
}

export type PasswordOutcome =
  | { outcome: 'accepted'; account: Account }
  /** The password is right, and yet nobody gets in by it. */
  | { outcome: 'suspended' | 'password_reset_required'; account: Account }
  /** Wrong password and unknown address alike. `blockedUntil` (milliseconds) when it was the last try. */
  | { outcome: 'refused'; blockedUntil?: number }
  /** `until` in milliseconds; the password was not looked at. */
  | { outcome: 'blocked'; until: number }

export interface PasswordStep {
  /** @param sessionId whose tries count together: a browser session, or an account where the provider has it so */
  attempt(sessionId: string, email: string, password: string): Promise<PasswordOutcome>
  /** Takes tries and a block away, as after a recovery. */
  forget(sessionId: string): Promise<void>
}

export function createPasswordStep(
  accounts: Accounts,
  keyValue: KeyValue,
  { mostTries, waitMs }: PasswordRules,
): PasswordStep {
  async function block(sessionId: string): Promise<number> {
    const until = now() + waitMs
    await keyValue.put(`password-block/${sessionId}`, until, until)
    await keyValue.remove(`password-tries/${sessionId}`)
    return until
  }

  return {
    async attempt(sessionId, email, password) {
      const blockedUntil = await keyValue.get<number>(`password-block/${sessionId}`)
      if (blockedUntil) return { outcome: 'blocked', until: blockedUntil }
      // Counted before it is looked at, or many tries at once would all count as the first.
      const tries = await keyValue.increment(`password-tries/${sessionId}`, now() + REMEMBERED_FOR)
      if (tries > mostTries) return { outcome: 'blocked', until: await block(sessionId) }
      const account = await accounts.withPassword(email, password)
      if (account) {
        await keyValue.remove(`password-tries/${sessionId}`)
        if (account.isSuspended) return { outcome: 'suspended', account }
        return { outcome: account.passwordResetRequired ? 'password_reset_required' : 'accepted', account }
      }
      if (tries === mostTries) return { outcome: 'refused', blockedUntil: await block(sessionId) }
      return { outcome: 'refused' }
    },
    async forget(sessionId) {
      await keyValue.remove(`password-tries/${sessionId}`)
      await keyValue.remove(`password-block/${sessionId}`)
    },
  }
}
