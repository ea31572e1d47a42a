// Letters with codes, as the pages here use them: the newest of a kind, asked for once, and what came of a code.

import { CallRefused } from '@gatehouse/contracts/calls'
import type { Letter, LetterKind, PostalAddress, upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { CodeProblem } from '../security-code/texts.ts'

export type Requested =
  | { outcome: 'requested'; letter: Letter }
  /** `retryAt` in milliseconds; nothing is mailed. */
  | { outcome: 'too_many'; retryAt: number }

export type Redeemed =
  | { outcome: 'accepted' }
  /** Wrong, expired, replaced, another account's: all alike. */
  | { outcome: 'refused'; triesLeft: number | undefined }
  /** `retryAt` in milliseconds. */
  | { outcome: 'locked'; retryAt: number }

export interface CodeLetters {
  newest(accountId: string): Promise<Letter | undefined>
  /** Another letter to the account's address; it ends the code of the one before. */
  request(accountId: string): Promise<Requested>
  /** @param reference what the code is used for: a repetition with the same one is answered like the first */
  redeem(accountId: string, code: string, reference: string): Promise<Redeemed>
  /** Ends the code of the open letter, if any. */
  cancel(accountId: string): Promise<void>
}

/** Where a letter's code may still open something. */
export function isOpen({ state }: Letter): boolean {
  return state === 'requested' || state === 'printed' || state === 'mailed' || state === 'delivered'
}

export function createCodeLetters(
  kind: LetterKind,
  { letters, accounts }: { letters: ReturnType<typeof upgradeCodes>; accounts: Accounts },
): CodeLetters {
  return {
    async newest(accountId) {
      return (await letters.list(accountId, kind)).letters[0]
    },
    async request(accountId) {
      const account = await accounts.find(accountId)
      if (!account) throw new Error('the account of a letter is gone')
      try {
        const letter = await letters.request({ owner: accountId, kind, recipient: recipientOf(account) })
        return { outcome: 'requested', letter }
      } catch (error) {
        if (!(error instanceof CallRefused) || error.code !== 'too_many_letters') throw error
        return { outcome: 'too_many', retryAt: Number(error.problem.retryAt) }
      }
    },
    async redeem(accountId, code, reference) {
      try {
        // No code is longer; something is always passed on, so that every try counts.
        await letters.redeem(accountId, { kind, code: code.trim().slice(0, 64) || '-', reference })
        return { outcome: 'accepted' }
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error
        const { triesLeft, retryAt } = error.problem
        if (error.code === 'locked_out') return { outcome: 'locked', retryAt: Number(retryAt) }
        if (error.code !== 'code_not_accepted') throw error
        return { outcome: 'refused', triesLeft: typeof triesLeft === 'number' ? triesLeft : undefined }
      }
    },
    async cancel(accountId) {
      await letters.cancel(accountId, kind)
    },
  }
}

/** @throws Error for an account without a verified address: it cannot be made on these pages */
export function recipientOf({ profile }: Account): PostalAddress {
  if (!profile) throw new Error('an account without an address gets no letters')
  const { street, locality, region, postalCode } = profile.address
  return {
    name: `${profile.givenName} ${profile.familyName}`,
    street,
    city: locality,
    state: region,
    zipCode: postalCode,
  }
}

/** What a page says of a code that was not taken. */
export function problemOf(tried: Exclude<Redeemed, { outcome: 'accepted' }>): CodeProblem {
  return tried.outcome === 'locked'
    ? { kind: 'locked', until: tried.retryAt }
    : { kind: 'refused', triesLeft: tried.triesLeft }
}
