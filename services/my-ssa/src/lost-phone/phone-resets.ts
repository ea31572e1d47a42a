// A lost phone (facts ssa-sign-in §3): a letter with a reset code puts another phone in its place. What must always hold:
// the old phone stays until the new one was confirmed by text and the reset code was right, in one session after the
// password; whoever signs in with the old phone ends the reset.

import { randomUUID } from 'node:crypto'
import { CallFailed } from '@gatehouse/contracts/calls'
import type { Letter, upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import { createCodeLetters, isOpen, type Redeemed, type Requested } from '../extra-security/letters.ts'
import { type PhoneReset, sqlPhoneResets } from './store.ts'

export interface PhoneResets {
  find(accountId: string): Promise<PhoneReset | undefined>
  /** Begins a reset and has its letter mailed; without a letter there is no reset. */
  begin(accountId: string, phone: string): Promise<Requested>
  /** The newest letter of a reset, requested now where that was interrupted. */
  ensureLetter(reset: PhoneReset): Promise<Letter | undefined>
  newLetter(reset: PhoneReset): Promise<Requested>
  /** Corrects the new number. */
  changePhone(reset: PhoneReset, phone: string): Promise<boolean>
  /** Ends a reset, if there is one; that its code cannot be ended now is no reason to stop. */
  cancel(request: { log: FastifyBaseLogger }, accountId: string): Promise<boolean>
  /** Tries the reset code, for the phone that was confirmed. `gone`: the reset was ended, or corrected, meanwhile. */
  redeem(reset: PhoneReset, code: string): Promise<Redeemed | { outcome: 'gone' }>
}

export function createPhoneResets(parts: {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  accounts: Accounts
  letters: ReturnType<typeof upgradeCodes>
}): PhoneResets {
  const store = sqlPhoneResets(parts.database, parts.secrets)
  const letters = createCodeLetters('reset-code', parts)

  async function requestLetter(accountId: string, id: string): Promise<Requested> {
    const requested = await letters.request(accountId)
    if (requested.outcome === 'requested') await store.noteLetter(id, requested.letter.letterId)
    return requested
  }

  return {
    find: (accountId) => store.find(accountId),
    async begin(accountId, phone) {
      const id = randomUUID()
      await store.begin({ id, accountId, phone })
      try {
        const requested = await requestLetter(accountId, id)
        if (requested.outcome === 'too_many') await store.remove(accountId, id)
        return requested
      } catch (error) {
        await store.remove(accountId, id)
        throw error
      }
    },
    async ensureLetter({ id, accountId, letterId }) {
      const newest = await letters.newest(accountId)
      if (letterId !== undefined) return newest
      if (newest && isOpen(newest)) {
        await store.noteLetter(id, newest.letterId)
        return newest
      }
      const requested = await requestLetter(accountId, id)
      return requested.outcome === 'requested' ? requested.letter : undefined
    },
    newLetter: ({ accountId, id }) => requestLetter(accountId, id),
    changePhone: ({ id }, phone) => store.changePhone(id, phone),
    async cancel({ log }, accountId) {
      if (!(await store.remove(accountId))) return false
      try {
        await letters.cancel(accountId)
      } catch (error) {
        // Without a reset its code opens nothing, and the next reset's letter ends it.
        if (!(error instanceof CallFailed)) throw error
        log.warn({ err: error }, 'the code of a reset that is over could not be ended')
      }
      return true
    },
    async redeem(reset, code) {
      const redeemed = await letters.redeem(reset.accountId, code, reset.id)
      if (redeemed.outcome !== 'accepted') return redeemed
      return (await store.complete(reset)) ? redeemed : { outcome: 'gone' }
    },
  }
}
