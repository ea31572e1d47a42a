// Stands in for the service one-time-codes: one challenge for each owner, its contract's refusals, codes to be seen.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'

interface FakeChallenge {
  body: ChallengeRequest
  code: string
  sentAt: number
  isLive: boolean
}

const VALIDITY = 600_000
const COOL_DOWN = 10_000
const MOST_TRIES = 10
const LOCK = 600_000

export class FakeOneTimeCodes {
  readonly sent: { challengeId: string; code: string; body: ChallengeRequest }[] = []
  /** Set to make the next sending fail. */
  failNext: 'phone_number_not_usable' | 'unreachable' | undefined
  readonly #challenges = new Map<string, FakeChallenge>()
  readonly #tries = new Map<string, { count: number; lockedUntil: number }>()

  get newestCode(): string {
    return this.sent.at(-1)?.code ?? ''
  }

  /** A code of the right form that is not the newest. */
  get wrongCode(): string {
    return this.newestCode === '000000' ? '111111' : '000000'
  }

  readonly calls: ServiceCalls = {
    // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
    call: async (_service, { method, path, body }): Promise<any> => {
      const [, collection, id = '', operation] = path.split('/')
      if (collection === 'owners') return this.#triesOf(decodeURIComponent(id), method)
      if (method === 'POST' && path === '/challenges') return this.#request(body as ChallengeRequest)
      const challenge = this.#challenges.get(decodeURIComponent(id))
      if (operation === 'resends' && challenge) {
        const { channel = challenge.body.channel } = body as { channel?: ChallengeRequest['channel'] }
        if (!challenge.isLive) throw refusal('not_found', 404)
        const retryAt = challenge.sentAt + COOL_DOWN
        this.#refuseLocked(challenge.body.owner)
        if (now() < retryAt) throw refusal('resend_too_soon', 429, { retryAt })
        return this.#send(id, { ...challenge.body, channel })
      }
      if (operation === 'verifications') return this.#verify(challenge, (body as { code: string }).code)
      throw refusal('not_found', 404)
    },
  }

  #request(body: ChallengeRequest) {
    return this.#send(`challenge-${this.#challenges.size + 1}`, body)
  }

  #send(challengeId: string, body: ChallengeRequest) {
    this.#refuseLocked(body.owner)
    if (this.failNext === 'unreachable') {
      this.failNext = undefined
      throw new CallFailed('one-time-codes', 'no answer')
    }
    if (this.failNext) {
      const code = this.failNext
      this.failNext = undefined
      throw refusal(code, 422)
    }
    const mine = [...this.#challenges.values()].filter((other) => other.body.owner === body.owner)
    for (const other of mine) other.isLive = false
    const code = String(100_000 + this.sent.length * 7_919).slice(0, 6)
    this.#challenges.set(challengeId, { body, code, sentAt: now(), isLive: true })
    this.sent.push({ challengeId, code, body })
    return {
      challengeId,
      channel: body.channel,
      length: body.length,
      phoneNumberEnding: body.phoneNumber.slice(-4),
      expiresAt: now() + VALIDITY,
      resendAt: now() + COOL_DOWN,
      delivery: 'queued',
    }
  }

  #triesOf(owner: string, method: string) {
    if (method === 'DELETE') {
      this.#tries.delete(owner)
      return undefined
    }
    if (method === 'POST') {
      this.#refuseLocked(owner)
      this.#countTry(owner)
    }
    const { count = 0, lockedUntil = 0 } = this.#tries.get(owner) ?? {}
    const isLocked = lockedUntil > now()
    return { triesLeft: isLocked ? 0 : MOST_TRIES - count, ...(isLocked ? { lockedUntil } : {}) }
  }

  #countTry(owner: string): number {
    const tries = this.#tries.get(owner) ?? { count: 0, lockedUntil: 0 }
    tries.count += 1
    const isLast = tries.count >= MOST_TRIES
    this.#tries.set(owner, isLast ? { count: 0, lockedUntil: now() + LOCK } : tries)
    return MOST_TRIES - tries.count
  }

  #verify(challenge: FakeChallenge | undefined, code: string) {
    if (!challenge) throw refusal('code_not_accepted', 409, { triesLeft: MOST_TRIES - 1 })
    const { owner, channel } = challenge.body
    this.#refuseLocked(owner)
    if (challenge.isLive && challenge.code === code && now() < challenge.sentAt + VALIDITY) {
      challenge.isLive = false
      this.#tries.delete(owner)
      return { verified: true, channel, verifiedAt: now() }
    }
    const triesLeft = this.#countTry(owner)
    this.#refuseLocked(owner)
    throw refusal('code_not_accepted', 409, { triesLeft })
  }

  #refuseLocked(owner: string): void {
    const { lockedUntil = 0 } = this.#tries.get(owner) ?? {}
    if (lockedUntil > now()) throw refusal('locked_out', 429, { retryAt: lockedUntil })
  }
}

function refusal(code: string, status: number, extensions: object = {}): CallRefused {
  return new CallRefused('one-time-codes', { type: 'about:blank', title: code, status, code, ...extensions })
}
