// Stands in for the services that the pages call: codes by text as one-time-codes gives them to my Social Security, codes
// by letter as upgrade-codes does, and the lab's mail tray. What the contracts do not allow is a fault of the caller here.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { MailRequest } from '@gatehouse/contracts/lab'
import { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'
import type { ServiceName } from '@gatehouse/contracts/services'
import {
  type Letter,
  type LetterKind,
  LetterRequest,
  type LetterState,
  RedemptionRequest,
} from '@gatehouse/contracts/upgrade-codes'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

// The policies of one-time-codes for my-ssa, and of upgrade-codes.
const VALIDITY = 600_000
const COOL_DOWN = 30_000
const MOST_TRIES = 5
const LOCK = 600_000
const DAY = 86_400_000
const MOST_LETTERS = 4

/** A carrier refuses it: it is no cell phone's. */
export const LANDLINE = '(202) 555-0194'

interface FakeChallenge {
  body: ChallengeRequest
  code: string
  sentAt: number
  isLive: boolean
}

interface FakeLetter {
  letterId: string
  owner: string
  kind: LetterKind
  recipient: LetterRequest['recipient']
  code: string
  state: LetterState
  at: Letter['at']
  printedAt: number
  reference?: string
}

export class FakeServices {
  readonly sent: { code: string; body: ChallengeRequest }[] = []
  readonly letters: FakeLetter[] = []
  readonly mail: MailRequest[] = []
  /** Services that are out of reach. */
  readonly down = new Set<ServiceName>()
  /** How often a code of a letter was tried, rightly or not. */
  redemptions = 0
  readonly #challenges = new Map<string, FakeChallenge>()
  readonly #tries = new Map<string, { count: number; lockedUntil: number }>()

  get newestCode(): string {
    return this.sent.at(-1)?.code ?? ''
  }

  lettersOf(kind: LetterKind): FakeLetter[] {
    return this.letters.filter((letter) => letter.kind === kind)
  }

  get newestLetter(): FakeLetter {
    return this.letters.at(-1) ?? fault('no letter was requested')
  }

  /** The mail says that it could not be delivered. */
  giveBack(letter: FakeLetter): void {
    letter.state = 'returned'
  }

  mailTo(address: string): MailRequest[] {
    return this.mail.filter(({ to }) => to === address)
  }

  readonly calls: ServiceCalls = {
    // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
    call: async (service, { method, path, body }): Promise<any> => {
      if (this.down.has(service)) throw new CallFailed(service, 'no answer')
      const at = `${method} ${path}`
      if (service === 'one-time-codes') return this.#text(path, body)
      if (service === 'upgrade-codes') return this.#letter(at, body)
      if (service === 'lab' && at === 'POST /mail') {
        this.mail.push(checked(MailRequest, body))
        return { messageId: `message-${this.mail.length}` }
      }
      return fault(`nobody answers ${service} ${at}`)
    },
  }

  #text(path: string, body: unknown) {
    if (path === '/challenges') {
      return this.#send(`challenge-${this.#challenges.size}`, checked(ChallengeRequest, body))
    }
    const [, , id = '', operation] = path.split('/')
    const challenge = this.#challenges.get(decodeURIComponent(id))
    if (operation === 'verifications') return this.#verify(challenge, (body as { code: string }).code)
    if (operation !== 'resends') fault(`one-time-codes has no ${path}`)
    if (!challenge?.isLive) throw refusal('one-time-codes', 'not_found', 404)
    this.#refuseLocked('one-time-codes', challenge.body.owner)
    const retryAt = challenge.sentAt + COOL_DOWN
    if (now() < retryAt) throw refusal('one-time-codes', 'resend_too_soon', 429, { retryAt })
    return this.#send(id, challenge.body)
  }

  #send(challengeId: string, body: ChallengeRequest) {
    this.#refuseLocked('one-time-codes', body.owner)
    if (body.phoneNumber.endsWith('5550194')) throw refusal('one-time-codes', 'phone_number_not_usable', 422)
    for (const [id, other] of this.#challenges) {
      const isSame = other.body.owner === body.owner && other.body.purpose === body.purpose
      if (id !== challengeId && isSame) other.isLive = false
    }
    const code = String(10_000_000 + this.sent.length * 7_919 + 1).slice(0, body.length)
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
    const isRight = challenge.isLive && challenge.code === code && now() < challenge.sentAt + VALIDITY
    this.#count('one-time-codes', owner, LOCK, isRight)
    challenge.isLive = false
    return { verified: true, channel, verifiedAt: now() }
  }

  #letter(at: string, body: unknown) {
    if (at === 'POST /letters') return this.#print(checked(LetterRequest, body))
    const [, owner = '', what = '', kind = ''] =
      /^\w+ \/owners\/([^/]+)\/(letters|redemptions)(?:\?kind=([\w-]+))?$/.exec(at) ?? []
    const mine = this.letters.filter((one) => one.owner === owner && one.kind === kind).reverse()
    if (what === 'redemptions') return this.#redeem(owner, checked(RedemptionRequest, body))
    if (what !== 'letters' || kind === '') return fault(`upgrade-codes has no ${at}`)
    if (at.startsWith('GET ')) return { letters: mine.map((letter) => this.#view(letter)) }
    for (const letter of mine) if (isOpen(this.#view(letter).state)) letter.state = 'cancelled'
    return undefined
  }

  #print({ owner, kind, recipient }: LetterRequest) {
    const mine = this.letters.filter((one) => one.owner === owner && one.kind === kind)
    const [oldest] = mine.filter(({ printedAt }) => printedAt > now() - 30 * DAY).slice(-MOST_LETTERS)
    if (oldest && mine.filter(({ printedAt }) => printedAt > now() - 30 * DAY).length >= MOST_LETTERS) {
      throw refusal('upgrade-codes', 'too_many_letters', 429, { retryAt: oldest.printedAt + 30 * DAY })
    }
    for (const earlier of mine) if (isOpen(this.#view(earlier).state)) earlier.state = 'resent'
    // With the zeros in front that a number would lose.
    const digits = kind === 'upgrade-code' ? 7 : 8
    const code = String((this.letters.length + 1) * 4_643).padStart(digits, '0')
    const printedAt = now()
    const letter: FakeLetter = {
      letterId: `letter-${this.letters.length}`,
      owner,
      kind,
      recipient,
      code,
      state: 'mailed',
      at: { requested: printedAt, printed: printedAt, mailed: printedAt },
      printedAt,
    }
    this.letters.push(letter)
    return this.#view(letter)
  }

  #view({ letterId, kind, state, at, printedAt }: FakeLetter): Letter {
    const endsAt = printedAt + 30 * DAY
    const isOver = isOpen(state) && now() > endsAt
    const expiresOn = new Date(endsAt).toISOString().slice(0, 10)
    return { letterId, kind, state: isOver ? 'expired' : state, expiresOn, at }
  }

  #redeem(owner: string, { kind, code, reference }: Redemption) {
    this.redemptions += 1
    const found = this.letters.find((one) => one.owner === owner && one.kind === kind && one.code === code)
    const isAgain = found?.state === 'used' && found.reference === reference
    const isRight = found !== undefined && (isAgain || isOpen(this.#view(found).state))
    this.#count('upgrade-codes', `${kind} ${owner}`, DAY, isRight)
    const letter = found ?? fault('no letter')
    letter.state = 'used'
    letter.reference = reference
    return { letterId: letter.letterId, usedAt: now() }
  }

  /** Counts a try before it counts whether it was right. */
  #count(service: ServiceName, owner: string, lockMs: number, isRight: boolean): void {
    this.#refuseLocked(service, owner)
    const key = `${service} ${owner}`
    if (isRight) {
      this.#tries.delete(key)
      return
    }
    const { count = 0 } = this.#tries.get(key) ?? {}
    const isLast = count + 1 >= MOST_TRIES
    this.#tries.set(key, { count: isLast ? 0 : count + 1, lockedUntil: isLast ? now() + lockMs : 0 })
    this.#refuseLocked(service, owner)
    throw refusal(service, 'code_not_accepted', 409, { triesLeft: MOST_TRIES - count - 1 })
  }

  #refuseLocked(service: ServiceName, owner: string): void {
    const { lockedUntil = 0 } = this.#tries.get(`${service} ${owner}`) ?? {}
    if (lockedUntil > now()) throw refusal(service, 'locked_out', 429, { retryAt: lockedUntil })
  }
}

type Redemption = Static<typeof RedemptionRequest>

function isOpen(state: LetterState): boolean {
  return ['requested', 'printed', 'mailed', 'delivered'].includes(state)
}

function checked<T>(schema: TSchema, body: unknown): T {
  const problems = Value.Errors(schema, body).map(({ instancePath, message }) => `${instancePath} ${message}`)
  return problems.length === 0
    ? (body as T)
    : fault(`the contract does not allow this: ${problems.join('; ')}`)
}

/** A fault of the caller, which no page turns into an answer. */
function fault(why: string): never {
  throw new Error(why)
}

function refusal(service: ServiceName, code: string, status: number, extensions: object = {}): CallRefused {
  return new CallRefused(service, { type: 'about:blank', title: code, status, code, ...extensions })
}
