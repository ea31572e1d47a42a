// For tests: stands in for the service one-time-codes, with its contract's refusals and with codes to be seen. What the
// contract does not allow is a fault of the caller here.

import { now } from '@gatehouse/clock/clock'
import { type Call, CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'
import type { TSchema } from 'typebox'
import { checked, FakeTries, refusal, type TriesPolicy } from './fake-calls.ts'

/** The numbers of the provider's policy in one-time-codes. */
interface Policy extends TriesPolicy {
  coolDownMs: number
  /** A carrier refuses it. */
  refusedNumber?: string
}

interface FakeChallenge {
  body: ChallengeRequest
  code: string
  sentAt: number
  isLive: boolean
}

type Request = Pick<Call<TSchema>, 'method' | 'path' | 'body'>

const VALIDITY = 600_000

export class FakeOneTimeCodes {
  readonly sent: { challengeId: string; code: string; body: ChallengeRequest }[] = []
  /** Set to make the next sending fail. */
  failNext: 'phone_number_not_usable' | 'unreachable' | undefined
  readonly #policy: Policy
  readonly #challenges = new Map<string, FakeChallenge>()
  readonly #tries: FakeTries

  constructor(policy: Policy) {
    this.#policy = policy
    this.#tries = new FakeTries('one-time-codes', policy)
  }

  get newestCode(): string {
    return this.sent.at(-1)?.code ?? ''
  }

  /** A code of six digits that is not the newest. */
  get wrongCode(): string {
    return this.newestCode === '000000' ? '111111' : '000000'
  }

  readonly calls: ServiceCalls = {
    // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
    call: async (_service, request): Promise<any> => this.answer(request),
  }

  answer({ method, path, body }: Request): unknown {
    const [, collection, id = '', operation] = path.split('/')
    if (collection === 'owners') return this.#triesOf(decodeURIComponent(id), method)
    if (method === 'POST' && path === '/challenges') {
      return this.#send(`challenge-${this.#challenges.size + 1}`, checked(ChallengeRequest, body))
    }
    const challenge = this.#challenges.get(decodeURIComponent(id))
    if (operation === 'verifications') return this.#verify(challenge, (body as { code: string }).code)
    if (operation !== 'resends') throw new Error(`one-time-codes has no ${method} ${path}`)
    if (!challenge?.isLive) throw refusal('one-time-codes', 'not_found', 404)
    this.#tries.refuseLocked(challenge.body.owner)
    const retryAt = challenge.sentAt + this.#policy.coolDownMs
    if (now() < retryAt) throw refusal('one-time-codes', 'resend_too_soon', 429, { retryAt })
    const { channel = challenge.body.channel } = (body ?? {}) as Partial<ChallengeRequest>
    return this.#send(id, { ...challenge.body, channel })
  }

  #send(challengeId: string, body: ChallengeRequest) {
    this.#tries.refuseLocked(body.owner)
    const failure = this.failNext
    this.failNext = undefined
    if (failure === 'unreachable') throw new CallFailed('one-time-codes', 'no answer')
    if (failure || body.phoneNumber === this.#policy.refusedNumber) {
      throw refusal('one-time-codes', 'phone_number_not_usable', 422)
    }
    for (const other of this.#challenges.values()) {
      if (other.body.owner === body.owner && other.body.purpose === body.purpose) other.isLive = false
    }
    const code = String(10 ** (body.length - 1) + this.sent.length * 7_919)
    this.#challenges.set(challengeId, { body, code, sentAt: now(), isLive: true })
    this.sent.push({ challengeId, code, body })
    return {
      challengeId,
      channel: body.channel,
      length: body.length,
      phoneNumberEnding: body.phoneNumber.slice(-4),
      expiresAt: now() + VALIDITY,
      resendAt: now() + this.#policy.coolDownMs,
      delivery: 'queued',
    }
  }

  #verify(challenge: FakeChallenge | undefined, code: string) {
    if (!challenge) throw refusal('one-time-codes', 'code_not_accepted', 409, { triesLeft: 1 })
    const { owner, channel } = challenge.body
    const isRight = challenge.isLive && challenge.code === code && now() < challenge.sentAt + VALIDITY
    this.#tries.judge(owner, isRight)
    challenge.isLive = false
    return { verified: true, channel, verifiedAt: now() }
  }

  #triesOf(owner: string, method: string) {
    if (method === 'DELETE') return this.#tries.forget(owner)
    if (method === 'POST') {
      this.#tries.refuseLocked(owner)
      this.#tries.count(owner)
    }
    return this.#tries.of(owner)
  }
}
