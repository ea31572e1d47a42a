// The first factor: an e-mail address and a password, with a limit on wrong ones for each browser session.

import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Accounts } from '../accounts/accounts.ts'
import type { Account } from '../accounts/store.ts'

// Fact sheet 6.3: five wrong passwords for each browser session, then 60 seconds of waiting.
const MOST_TRIES = 5
const WAIT = 60_000
const REMEMBERED_FOR = 12 * 3_600_000

export type PasswordOutcome =
  | { outcome: 'accepted'; account: Account }
  /** Wrong password and unknown address alike. */
  | { outcome: 'refused' }
  /** `until` in milliseconds; the password was not looked at. */
  | { outcome: 'blocked'; until: number }

export interface PasswordStep {
  attempt(sessionId: string, email: string, password: string): Promise<PasswordOutcome>
}

export function createPasswordStep(accounts: Accounts, keyValue: KeyValue): PasswordStep {
  async function block(sessionId: string): Promise<number> {
    const until = now() + WAIT
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
      if (tries > MOST_TRIES) return { outcome: 'blocked', until: await block(sessionId) }
      const account = await accounts.withPassword(email, password)
      if (account) {
        await keyValue.remove(`password-tries/${sessionId}`)
        return { outcome: 'accepted', account }
      }
      if (tries === MOST_TRIES) await block(sessionId)
      return { outcome: 'refused' }
    },
  }
}
