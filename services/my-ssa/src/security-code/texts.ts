// The text that a session waits for: sent for one use to one number, and checked for that use alone. `one-time-codes`
// makes, counts and judges the codes.

import { randomUUID } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { Notice, SessionChallenge } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Ceremony, ceremonyOf, type TextUse } from '../browser/ceremony.ts'
import { noteRefused } from './completion.ts'

/** Under whom the texts of a reset are sent. Their wrong tries count apart. */
export function resetOwner(accountId: string): string {
  return `${accountId}:reset`
}

/** Why a code was not taken. `until` in milliseconds. */
export type CodeProblem =
  | { kind: 'blank' }
  | { kind: 'refused'; triesLeft: number | undefined }
  | { kind: 'locked'; until: number }

/** Why no text went out. */
export type SendProblem =
  | { kind: 'number_refused' | 'not_delivered' }
  /** `until` in milliseconds. */
  | { kind: 'locked'; until: number }

export interface Receiver {
  use: TextUse
  accountId: string
  /** E.164. */
  phone: string
  /** The letter that the phone is confirmed for. */
  letterId?: string
}

export interface Waiting {
  phone: string
  letterId: string | undefined
  challenge: SessionChallenge
}

export interface Texts {
  /**
   * Sends a code, and notes in the session what it is for. The same number again for the same use is sent another code,
   * not before the cool-down is over: then a notice in the session says so, and the code that is out still counts.
   *
   * @returns why there is none, if there is none
   */
  send(request: FastifyRequest, reply: FastifyReply, to: Receiver): Promise<SendProblem | undefined>
  /** What the session waits for, if it is for this use. */
  waiting(session: Session | undefined, use: TextUse): Waiting | undefined
  /** Tries a code. @returns what is wrong with it, if anything; that is recorded */
  tryCode(
    request: FastifyRequest,
    waiting: Waiting,
    code: string | undefined,
  ): Promise<CodeProblem | undefined>
  /** The ceremony without the text, and with `more`: to keep once its code was right. */
  after(
    session: Session | undefined,
    more?: Ceremony,
  ): { ceremony: Record<string, unknown>; challenge: null; notice: null }
  /** Seals a number for the session, and opens it. */
  sealed(phone: string): string
  unsealed(sealedPhone: string): string
}

const PHONE = 'phone in a session'

export function createTexts({
  visits,
  oneTimeCode,
  secrets,
  audit,
}: {
  visits: Visits
  oneTimeCode: OneTimeCodeStep
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  audit: Audit
}): Texts {
  const sealed = (phone: string) => secrets.seal(PHONE, phone)
  const unsealed = (sealedPhone: string) => secrets.unseal(PHONE, sealedPhone)

  function waiting(session: Session | undefined, use: TextUse): Waiting | undefined {
    const { text } = ceremonyOf(session)
    const challenge = session?.challenge
    if (!challenge || text?.use !== use) return undefined
    return { phone: unsealed(text.sealedPhone), letterId: text.letterId, challenge }
  }

  return {
    waiting,
    sealed,
    unsealed,
    async send(request, reply, { use, accountId, phone, letterId }) {
      const { session } = request.visit
      const before = waiting(session, use)
      const previous = before?.phone === phone && before.letterId === letterId ? before.challenge : undefined
      // Of a purpose only the newest code counts. Browsers that enrol at once each have a purpose of their own, so that
      // neither ends the other's code.
      const purpose = use === 'sign-in' ? use : `${use}-${randomUUID()}`
      // Whoever has only the password may name a phone of their own for a reset: its right codes must not take away the
      // wrong tries at the text of a sign-in (NIST SP 800-63B-4 §3.2.2).
      const owner = use === 'reset' ? resetOwner(accountId) : accountId
      const receiver = { accountId: owner, phoneNumber: phone, purpose }
      const sent = await oneTimeCode.send(receiver, 'text', 'en', previous)
      if (sent.outcome === 'locked') return { kind: 'locked', until: sent.retryAt }
      if (sent.outcome === 'number_refused') return { kind: 'number_refused' }
      if (sent.outcome === 'not_delivered' || sent.outcome === 'overtaken') return { kind: 'not_delivered' }
      const text = { use, sealedPhone: sealed(phone), ...(letterId ? { letterId } : {}) }
      // In one change: of two numbers at once, the code of one must not stand for the other.
      await visits.keep(request, reply, {
        challenge: sent.challenge,
        ceremony: { ...ceremonyOf(session), text },
        notice: noticeOf(sent, previous),
      })
      return undefined
    },
    async tryCode(request, { challenge }, code = '') {
      if (code.trim() === '') return { kind: 'blank' }
      const checked = await oneTimeCode.check(challenge, code)
      if (checked.outcome === 'accepted') return undefined
      await noteRefused(audit, request, 'security-code.refused')
      if (checked.outcome === 'locked') return { kind: 'locked', until: checked.retryAt }
      return { kind: 'refused', triesLeft: checked.triesLeft }
    },
    after(session, more = {}) {
      const { text: _, ...rest } = ceremonyOf(session)
      return { ceremony: { ...rest, ...more }, challenge: null, notice: null }
    },
  }
}

function noticeOf(
  sent: { outcome: 'sent' } | { outcome: 'too_soon'; retryAt: number },
  previous: SessionChallenge | undefined,
): Notice | null {
  if (sent.outcome === 'too_soon') return { kind: 'too_soon', until: sent.retryAt }
  return previous ? { kind: 'resent' } : null
}
