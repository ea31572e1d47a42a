// Stands in for the services that the pages call: codes and tries as one-time-codes counts them for ID.me, the lab's mail
// tray, and approvals on its phones.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ApprovalRequest, ApprovalState, MailRequest } from '@gatehouse/contracts/lab'
import type { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'
import type { ServiceName } from '@gatehouse/contracts/services'

interface FakeChallenge {
  body: ChallengeRequest
  code: string
  sentAt: number
  isLive: boolean
}

// The policy of id-me in one-time-codes.
const VALIDITY = 600_000
const COOL_DOWN = 30_000
const MOST_TRIES = 3
const LOCK = 86_400_000

/** A carrier refuses it. */
export const REFUSED_NUMBER = '+12025550194'

export class FakeServices {
  readonly sent: { code: string; body: ChallengeRequest }[] = []
  readonly letters: MailRequest[] = []
  readonly approvals: { body: ApprovalRequest; state: ApprovalState }[] = []
  /** Set to be out of reach. */
  isMailDown = false
  readonly #challenges = new Map<string, FakeChallenge>()
  readonly #tries = new Map<string, { count: number; lockedUntil: number }>()

  get newestCode(): string {
    return this.sent.at(-1)?.code ?? ''
  }

  /** Of the right form, and not the newest. */
  get wrongCode(): string {
    return this.newestCode === '000000' ? '111111' : '000000'
  }

  /** Answers the newest question. */
  answer(state: 'approved' | 'denied'): void {
    const asked = this.approvals.at(-1)
    if (!asked) throw new Error('nobody was asked')
    asked.state = state
  }

  lettersTo(address: string): MailRequest[] {
    return this.letters.filter(({ to }) => to === address)
  }

  /** Path and query of the link in the newest letter to an address. */
  linkTo(address: string): string {
    const link = /^https?:\S+$/m.exec(this.lettersTo(address).at(-1)?.text ?? '')?.[0]
    if (!link) throw new Error('there is no letter with a link')
    const { pathname, search } = new URL(link)
    return pathname + search
  }

  readonly calls: ServiceCalls = {
    // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
    call: async (service, { method, path, body }): Promise<any> => {
      if (service === 'lab') return this.#lab(path, body)
      const [, collection, id = '', operation] = path.split('/')
      if (collection === 'owners') return this.#triesOf(decodeURIComponent(id), method)
      if (path === '/challenges')
        return this.#send(`challenge-${this.#challenges.size}`, body as ChallengeRequest)
      const challenge = this.#challenges.get(decodeURIComponent(id))
      if (operation === 'verifications') return this.#verify(challenge, (body as { code: string }).code)
      if (!challenge?.isLive) throw refusal('one-time-codes', 'not_found', 404)
      const retryAt = challenge.sentAt + COOL_DOWN
      this.#refuseLocked(challenge.body.owner)
      if (now() < retryAt) throw refusal('one-time-codes', 'resend_too_soon', 429, { retryAt })
      const { channel = challenge.body.channel } = body as { channel?: ChallengeRequest['channel'] }
      return this.#send(id, { ...challenge.body, channel })
    },
  }

  #lab(path: string, body: unknown) {
    if (path === '/mail') {
      if (this.isMailDown) throw new CallFailed('lab', 'no answer')
      this.letters.push(body as MailRequest)
      return { messageId: `message-${this.letters.length}` }
    }
    if (path === '/approvals') {
      const asked = body as ApprovalRequest
      if (!/^\+1\d{3}55501\d\d$/.test(asked.phoneNumber)) throw refusal('lab', 'no_such_phone', 422)
      this.approvals.push({ body: asked, state: 'pending' })
      return { approvalId: String(this.approvals.length - 1), state: 'pending' }
    }
    const id = path.split('/').at(-1) ?? ''
    const asked = this.approvals[Number(id)]
    if (!asked) throw refusal('lab', 'not_found', 404)
    const isOver = asked.state === 'pending' && now() >= asked.body.expiresAt
    return { approvalId: id, state: isOver ? 'expired' : asked.state }
  }

  #send(challengeId: string, body: ChallengeRequest) {
    this.#refuseLocked(body.owner)
    if (body.phoneNumber === REFUSED_NUMBER) {
      throw refusal('one-time-codes', 'phone_number_not_usable', 422)
    }
    for (const other of this.#challenges.values()) {
      if (other.body.owner === body.owner && other.body.purpose === body.purpose) other.isLive = false
    }
    const code = String(100_000 + this.sent.length * 7_919).slice(0, 6)
    this.#challenges.set(challengeId, { body, code, sentAt: now(), isLive: true })
    this.sent.push({ code, body })
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

  #verify(challenge: FakeChallenge | undefined, code: string) {
    if (!challenge) throw refusal('one-time-codes', 'code_not_accepted', 409, { triesLeft: 1 })
    const { owner, channel } = challenge.body
    this.#refuseLocked(owner)
    if (challenge.isLive && challenge.code === code && now() < challenge.sentAt + VALIDITY) {
      challenge.isLive = false
      this.#tries.delete(owner)
      return { verified: true, channel, verifiedAt: now() }
    }
    const triesLeft = this.#countTry(owner)
    this.#refuseLocked(owner)
    throw refusal('one-time-codes', 'code_not_accepted', 409, { triesLeft })
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

  #refuseLocked(owner: string): void {
    const { lockedUntil = 0 } = this.#tries.get(owner) ?? {}
    if (lockedUntil > now()) throw refusal('one-time-codes', 'locked_out', 429, { retryAt: lockedUntil })
  }
}

function refusal(service: ServiceName, code: string, status: number, extensions: object = {}): CallRefused {
  return new CallRefused(service, { type: 'about:blank', title: code, status, code, ...extensions })
}
