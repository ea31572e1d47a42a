// Extra security: asked for, enabled with a phone that was confirmed by text and with the upgrade code of a letter, used
// at each sign-in from then on, removed at any time. What must always hold: it is on only when both codes were right in
// one enrolment; no upgrade code is tried before the phone is confirmed for the letter that it came by; a letter's code
// turns it on once. Knows nothing of pages.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { CallFailed } from '@gatehouse/contracts/calls'
import type { Letter, upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { createCodeLetters, isOpen, type Redeemed, type Requested } from './letters.ts'
import { type Enrolment, type ExtraSecurityState, type Standing, sqlExtraSecurity } from './store.ts'

export interface ExtraSecurity {
  stateOf(accountId: string): Promise<ExtraSecurityState>
  standing(accountId: string): Promise<Standing>
  /**
   * Notes that the person wants extra security and has the letter mailed. Should letters be out of reach, it is mailed
   * when it is first needed; nothing happens to an account that has asked already, or has it.
   */
  request(accountId: string): Promise<{ outcome: 'requested' } | { outcome: 'too_many'; retryAt: number }>
  /**
   * The state that a made-up person begins in; later calls change nothing.
   *
   * @param phone E.164
   */
  seed(accountId: string, state: ExtraSecurityState, phone: string): Promise<void>
  /**
   * The newest letter of a request, mailed now unless it was already. Nothing where nothing is requested, or no letter
   * may be mailed yet.
   *
   * @throws CallFailed when letters are out of reach
   */
  ensureLetter(accountId: string): Promise<Letter | undefined>
  /** Has another letter mailed; phones are confirmed anew for it. */
  newLetter(accountId: string): Promise<Requested>
  /** Takes a request back, with the letter's code; false when nothing is requested. */
  cancel(accountId: string): Promise<boolean>
  /** @returns the enrolment, in which the upgrade code may be tried from now on */
  confirmPhone(accountId: string, letterId: string, phone: string): Promise<Enrolment>
  /**
   * The enrolment that goes on for this letter: the session's own, or the one that was last used in any browser.
   *
   * @param own id of the session's own, if any
   */
  enrolmentOf(accountId: string, letterId: string, own: string | undefined): Promise<Enrolment | undefined>
  /** Tries an upgrade code in an enrolment. `gone`: the request was taken back, or met elsewhere, meanwhile. */
  enable(enrolment: Enrolment, code: string): Promise<Redeemed | { outcome: 'gone' }>
  /** Removes it; adding it again begins with a new letter. False when it is not on. */
  remove(accountId: string): Promise<boolean>
  /** @param phone E.164, confirmed by text */
  changePhone(accountId: string, phone: string): Promise<boolean>
}

export interface ExtraSecurityParts {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  accounts: Accounts
  letters: ReturnType<typeof upgradeCodes>
}

export function createExtraSecurity(parts: ExtraSecurityParts): ExtraSecurity {
  const store = sqlExtraSecurity(parts.database, parts.secrets)
  const letters = createCodeLetters('upgrade-code', parts)

  async function requestLetter(accountId: string): Promise<Requested> {
    const requested = await letters.request(accountId)
    if (requested.outcome === 'requested') await store.noteLetter(accountId, requested.letter.letterId)
    return requested
  }

  async function ensureLetter(accountId: string): Promise<Requested | { outcome: 'there'; letter?: Letter }> {
    const { state, letterId } = await store.find(accountId)
    if (state !== 'requested') return { outcome: 'there' }
    const newest = await letters.newest(accountId)
    if (letterId !== undefined) return { outcome: 'there', ...(newest ? { letter: newest } : {}) }
    // Killed after the letter was requested and before that was noted.
    if (newest && isOpen(newest)) {
      await store.noteLetter(accountId, newest.letterId)
      return { outcome: 'there', letter: newest }
    }
    return requestLetter(accountId)
  }

  return {
    stateOf: async (accountId) => (await store.find(accountId)).state,
    standing: (accountId) => store.find(accountId),
    async request(accountId) {
      await store.request(accountId)
      try {
        const ensured = await ensureLetter(accountId)
        return ensured.outcome === 'too_many' ? ensured : { outcome: 'requested' }
      } catch (error) {
        // It is noted; the letter follows when somebody looks for it.
        if (error instanceof CallFailed) return { outcome: 'requested' }
        throw error
      }
    },
    seed: (accountId, state, phone) => store.seed(accountId, state, state === 'on' ? phone : undefined),
    async ensureLetter(accountId) {
      const ensured = await ensureLetter(accountId)
      return ensured.outcome === 'too_many' ? undefined : ensured.letter
    },
    newLetter: requestLetter,
    async cancel(accountId) {
      if ((await store.find(accountId)).state !== 'requested') return false
      // First, or a letter that still opens something would be found by the next request.
      await letters.cancel(accountId)
      return store.cancel(accountId)
    },
    async confirmPhone(accountId, letterId, phone) {
      const enrolment = { id: randomUUID(), accountId, letterId, phone, confirmedAt: now() }
      await store.addEnrolment(enrolment)
      return enrolment
    },
    async enrolmentOf(accountId, letterId, own) {
      const found = own === undefined ? undefined : await store.findEnrolment(accountId, own)
      if (found?.letterId === letterId) return found
      return store.newestEnrolment(accountId, letterId)
    },
    async enable(enrolment, code) {
      // Whoever resumes after an interruption resumes here: what was redeemed is redeemed for this enrolment.
      await store.touchEnrolment(enrolment.id)
      const redeemed = await letters.redeem(enrolment.accountId, code, enrolment.id)
      if (redeemed.outcome !== 'accepted') return redeemed
      return (await store.turnOn(enrolment)) ? redeemed : { outcome: 'gone' }
    },
    remove: (accountId) => store.turnOff(accountId),
    changePhone: (accountId, phone) => store.changePhone(accountId, phone),
  }
}
