// A code by text or call. `one-time-codes` makes, sends and judges the codes, counts wrong ones and locks out; what is
// left here is to ask for them and to name what came of it. Knows nothing of pages or of a provider's wire.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import type { Challenge, Channel, oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import type { SessionChallenge } from '../sessions/store.ts'

export type SendOutcome =
  | { outcome: 'sent'; challenge: SessionChallenge }
  /** Nothing was sent; `challenge` is the one that still counts. Instants in milliseconds. */
  | { outcome: 'too_soon'; retryAt: number; challenge: SessionChallenge }
  | { outcome: 'locked'; retryAt: number }
  | { outcome: 'number_refused' }
  | { outcome: 'not_delivered' }
  /** A newer request of the same person took its place; that one's code counts. */
  | { outcome: 'overtaken' }

export type CheckOutcome =
  | { outcome: 'accepted' }
  /** Wrong, expired, used, replaced: all alike. */
  | { outcome: 'refused'; triesLeft: number | undefined }
  | { outcome: 'locked'; retryAt: number }

/** Whose code it is and where it goes. */
export interface CodeReceiver {
  accountId: string
  /** E.164. */
  phoneNumber: string
  /** What the code is for, such as `sign-in`. */
  purpose: string
  /** The authenticator that the number is of, if it is one already. */
  authenticatorId?: string
}

export interface OneTimeCodeStep {
  /** @param previous the challenge that the session waits for, if any: its code is replaced */
  send(
    receiver: CodeReceiver,
    channel: Channel,
    language: 'en' | 'es',
    previous?: SessionChallenge,
  ): Promise<SendOutcome>
  /** @throws CallFailed when codes cannot be judged now */
  check(challenge: SessionChallenge, code: string): Promise<CheckOutcome>
}

export interface OneTimeCodeParts {
  codes: ReturnType<typeof oneTimeCodes>
  /** Who the text or call says it comes from. */
  sender: string
  /** Host name for the last line of a text. */
  origin: string
  /** Digits of a code; 6 unless given. */
  length?: 6 | 8
}

const LOCKED_FOR = 10 * 60_000

export function createOneTimeCodeStep({
  codes,
  sender,
  origin,
  length = 6,
}: OneTimeCodeParts): OneTimeCodeStep {
  function request(receiver: CodeReceiver, channel: Channel, language: 'en' | 'es'): Promise<Challenge> {
    const { accountId: owner, phoneNumber, purpose } = receiver
    return codes.request({
      owner,
      purpose,
      channel,
      length,
      phoneNumber,
      sender,
      origin,
      language,
    })
  }

  /** Another code of the same challenge; of a new one, should that be gone. */
  async function replace(
    previous: SessionChallenge,
    ...asked: Parameters<typeof request>
  ): Promise<Challenge> {
    try {
      return await codes.resend(previous.challengeId, asked[1])
    } catch (error) {
      if (error instanceof CallRefused && error.code === 'not_found') return request(...asked)
      throw error
    }
  }

  function whyNotSent(error: unknown, previous: SessionChallenge | undefined): SendOutcome {
    if (error instanceof CallFailed) return { outcome: 'not_delivered' }
    if (!(error instanceof CallRefused)) throw error
    if (error.code === 'locked_out') return { outcome: 'locked', retryAt: instantOf(error) }
    if (error.code === 'overtaken') return { outcome: 'overtaken' }
    if (error.code === 'phone_number_not_usable') return { outcome: 'number_refused' }
    if (error.code === 'resend_too_soon' && previous) {
      return { outcome: 'too_soon', retryAt: instantOf(error), challenge: previous }
    }
    throw error
  }

  return {
    async send(receiver, channel, language, previous) {
      try {
        const sent = await (previous
          ? replace(previous, receiver, channel, language)
          : request(receiver, channel, language))
        const { challengeId, expiresAt } = sent
        const { authenticatorId } = receiver
        return {
          outcome: 'sent',
          challenge: {
            channel: sent.channel,
            challengeId,
            expiresAt,
            ...(authenticatorId ? { authenticatorId } : {}),
          },
        }
      } catch (error) {
        return whyNotSent(error, previous)
      }
    },
    async check({ challengeId }, given) {
      try {
        await codes.verify(challengeId, asEntered(given))
        return { outcome: 'accepted' }
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error
        if (error.code === 'locked_out') return { outcome: 'locked', retryAt: instantOf(error) }
        const { triesLeft } = error.problem
        return { outcome: 'refused', triesLeft: typeof triesLeft === 'number' ? triesLeft : undefined }
      }
    },
  }
}

/** Blanks around and a leading number sign do not count; nothing longer than a code could be is passed on whole. */
function asEntered(text: string): string {
  // What is malformed counts as a wrong try too, so something is always passed on.
  return text.trim().replace(/^#/, '').trim().slice(0, 32) || '-'
}

function instantOf({ problem }: CallRefused): number {
  return typeof problem.retryAt === 'number' ? problem.retryAt : now() + LOCKED_FOR
}
