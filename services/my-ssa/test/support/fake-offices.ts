// Stands in for what accounts need of other services: the lab's mail tray, letters on paper with codes that are spent once
// and lock out, and texts that are only counted.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import { MailRequest } from '@gatehouse/contracts/lab'
import type { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'
import { LetterRequest, RedemptionRequest } from '@gatehouse/contracts/upgrade-codes'
import { checked, FakeTries } from '@gatehouse/provider/for-tests/fake-calls'
import type { Static } from 'typebox'

type Redemption = Static<typeof RedemptionRequest>

interface FakeLetter {
  letterId: string
  request: LetterRequest
  code: string
  madeAt: number
  usedBy?: { reference: string; at: number }
  isOpen: boolean
}

export class FakeOffices {
  readonly mails: MailRequest[] = []
  readonly letters: FakeLetter[] = []
  readonly texts: ChallengeRequest[] = []
  readonly redemptions: string[] = []
  isMailDown = false
  areLettersDown = false
  readonly #tries = new FakeTries('upgrade-codes', { mostTries: 5, lockMs: 86_400_000 })

  mailsTo(address: string): MailRequest[] {
    return this.mails.filter(({ to }) => to === address)
  }

  /** Path and query of the link in the newest mail to an address. */
  linkTo(address: string): string {
    const link = /^https?:\S+$/m.exec(this.mailsTo(address).at(-1)?.text ?? '')?.[0]
    if (!link) throw new Error('there is no mail with a link')
    const { pathname, search } = new URL(link)
    return pathname + search
  }

  readonly calls: ServiceCalls = {
    // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
    call: async (service, { method, path, body }): Promise<any> => {
      const [, collection, owner = '', operation] = path.split('?', 1)[0]!.split('/')
      if (service === 'lab' && path === '/mail') return this.#mail(checked<MailRequest>(MailRequest, body))
      if (service === 'one-time-codes' && path === '/challenges') return this.#text(body as ChallengeRequest)
      if (service === 'upgrade-codes') {
        if (this.areLettersDown) throw new CallFailed('upgrade-codes', 'no answer')
        if (method === 'POST' && path === '/letters') {
          return this.#letter(checked<LetterRequest>(LetterRequest, body))
        }
        if (collection === 'owners' && operation === 'redemptions') {
          return this.#redeem(decodeURIComponent(owner), checked<Redemption>(RedemptionRequest, body))
        }
        if (collection === 'owners' && operation === 'letters' && method === 'DELETE') {
          const kind = new URLSearchParams(path.split('?')[1]).get('kind')
          for (const one of this.letters) {
            const isOwners = one.request.owner === decodeURIComponent(owner)
            if (isOwners && one.request.kind === kind) one.isOpen = false
          }
          return undefined
        }
        if (collection === 'owners' && operation === 'letters' && method === 'GET') {
          const kind = new URLSearchParams(path.split('?')[1]).get('kind')
          const of = this.letters.filter(
            ({ request }) => request.owner === decodeURIComponent(owner) && request.kind === kind,
          )
          return { letters: of.toReversed().map(shown) }
        }
      }
      throw new Error(`nobody answers ${method} ${path} of ${service} here`)
    },
  }

  #mail(body: MailRequest) {
    if (this.isMailDown) throw new CallFailed('lab', 'no answer')
    this.mails.push(body)
    return { messageId: `message-${this.mails.length}` }
  }

  #text(body: ChallengeRequest) {
    this.texts.push(body)
    return {
      challengeId: `challenge-${this.texts.length}`,
      channel: body.channel,
      length: body.length,
      phoneNumberEnding: body.phoneNumber.slice(-4),
      expiresAt: now() + 600_000,
      resendAt: now() + 30_000,
      delivery: 'queued',
    }
  }

  #letter(request: LetterRequest) {
    for (const one of this.letters) {
      if (one.request.owner === request.owner && one.request.kind === request.kind) one.isOpen = false
    }
    const number = this.letters.length + 1
    const code = `TEMP-${String(number).padStart(4, '0')}-QZXW-8R7K`
    const letter = { letterId: `letter-${number}`, request, code, madeAt: now(), isOpen: true }
    this.letters.push(letter)
    return shown(letter)
  }

  #redeem(owner: string, { kind, code, reference }: Redemption) {
    this.redemptions.push(owner)
    const letter = this.letters.find(
      (one) => one.request.owner === owner && one.request.kind === kind && one.code === code,
    )
    const isAgain = letter?.usedBy !== undefined && letter.usedBy.reference === reference
    this.#tries.judge(`${owner} ${kind}`, isAgain || letter?.isOpen === true)
    if (!letter) throw new Error('no letter')
    letter.isOpen = false
    letter.usedBy ??= { reference, at: now() }
    return { letterId: letter.letterId, usedAt: letter.usedBy.at }
  }
}

function shown({ letterId, request, madeAt, isOpen }: FakeLetter) {
  return {
    letterId,
    kind: request.kind,
    state: isOpen ? 'mailed' : 'used',
    expiresOn: '2099-12-31',
    at: { requested: madeAt, mailed: madeAt },
  }
}
