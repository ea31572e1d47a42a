// Stands in for the services that the pages call: codes by text as one-time-codes gives them to my Social Security, codes
// by letter as upgrade-codes does, and the lab's mail tray. What the contracts do not allow is a fault of the caller here.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import { MailRequest } from '@gatehouse/contracts/lab'
import type { ServiceName } from '@gatehouse/contracts/services'
import {
  type Letter,
  type LetterKind,
  LetterRequest,
  type LetterState,
  RedemptionRequest,
} from '@gatehouse/contracts/upgrade-codes'
import { checked, FakeTries, refusal } from '@gatehouse/provider/for-tests/fake-calls'
import { FakeOneTimeCodes } from '@gatehouse/provider/for-tests/fake-one-time-codes'
import type { Static } from 'typebox'

const DAY = 86_400_000
const MOST_LETTERS = 4

/** A carrier refuses it: it is no cell phone's. */
export const LANDLINE = '(202) 555-0194'

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
  /** With the policy of my-ssa. */
  readonly codes = new FakeOneTimeCodes({
    coolDownMs: 30_000,
    mostTries: 5,
    lockMs: 600_000,
    refusedNumber: '+12025550194',
  })
  readonly letters: FakeLetter[] = []
  readonly mail: MailRequest[] = []
  /** Services that are out of reach. */
  readonly down = new Set<ServiceName>()
  /** How often a code of a letter was tried, rightly or not. */
  redemptions = 0
  readonly #letterTries = new FakeTries('upgrade-codes', { mostTries: 5, lockMs: DAY })

  get sent() {
    return this.codes.sent
  }

  get newestCode(): string {
    return this.codes.newestCode
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
    call: async (service, request): Promise<any> => {
      const { method, path, body } = request
      if (this.down.has(service)) throw new CallFailed(service, 'no answer')
      const at = `${method} ${path}`
      if (service === 'one-time-codes') return this.codes.answer(request)
      if (service === 'upgrade-codes') return this.#letter(at, body)
      if (service === 'lab' && at === 'POST /mail') {
        this.mail.push(checked(MailRequest, body))
        return { messageId: `message-${this.mail.length}` }
      }
      return fault(`nobody answers ${service} ${at}`)
    },
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
    this.#letterTries.judge(`${kind} ${owner}`, isRight)
    const letter = found ?? fault('no letter')
    letter.state = 'used'
    letter.reference = reference
    return { letterId: letter.letterId, usedAt: now() }
  }
}

type Redemption = Static<typeof RedemptionRequest>

function isOpen(state: LetterState): boolean {
  return ['requested', 'printed', 'mailed', 'delivered'].includes(state)
}

/** A fault of the caller, which no page turns into an answer. */
function fault(why: string): never {
  throw new Error(why)
}
