// The one step of proofing that changes the account: the profile is written whole, or not at all.

import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { ProofingAttempts } from './attempts.ts'
import type { Progress } from './progress.ts'

/** Four groups of four characters. */
const PERSONAL_KEY = { count: 1, groups: 4 }
/** Milliseconds after which a completion that was cut short may be tried again. */
const CUT_SHORT = 30_000

export interface CompletionParts {
  accounts: Pick<Accounts, 'setProfile'>
  events: AccountEvents
  lookUpSecrets: Pick<LookUpSecrets, 'issue'>
  attempts: ProofingAttempts
  keyValue: KeyValue
}

export interface Completion {
  /**
   * Gives the account what proofing found out.
   *
   * @returns the new personal key; nothing when the same run is being completed by another request
   * @throws Error when a step is missing, whatever let it come this far
   */
  complete(account: Account, progress: Progress): Promise<string | undefined>
}

export function createCompletion(parts: CompletionParts): Completion {
  const { accounts, events, lookUpSecrets, attempts, keyValue } = parts
  return {
    async complete(account, progress) {
      const { document, ssn, isVerified, phone, faceMatched = false } = progress
      if (!document || !ssn || !isVerified || !phone?.isConfirmed) throw new Error('proofing is not complete')
      const run = `proofing-completion/${progress.runId}`
      // Of two posts at once one is the post: each would make the other's personal key worthless.
      if ((await keyValue.increment(run, now() + CUT_SHORT)) > 1) return undefined
      try {
        // Told first: told twice is better than never.
        if (account.profile) await events.publish({ kind: 'reproofed', accountId: account.id })
        await accounts.setProfile(account.id, {
          ...document,
          socialSecurityNumber: ssn,
          phoneNumber: phone.number,
          faceMatched,
          verifiedAt: now(),
        })
      } catch (error) {
        await keyValue.remove(run)
        throw error
      }
      await attempts.forget(account.id)
      const [personalKey] = await lookUpSecrets.issue(account.id, 'personal_key', PERSONAL_KEY)
      return personalKey
    },
  }
}
