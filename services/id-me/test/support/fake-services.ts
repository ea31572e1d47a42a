// Stands in for the services that the pages call: codes and tries as one-time-codes counts them for ID.me, the lab's mail
// tray, and approvals on its phones.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ApprovalRequest, ApprovalState, MailRequest } from '@gatehouse/contracts/lab'
import { refusal } from '@gatehouse/provider/for-tests/fake-calls'
import { FakeOneTimeCodes } from '@gatehouse/provider/for-tests/fake-one-time-codes'

/** A carrier refuses it. */
export const REFUSED_NUMBER = '+12025550194'

export class FakeServices {
  /** With the policy of id-me. */
  readonly codes = new FakeOneTimeCodes({
    coolDownMs: 30_000,
    mostTries: 3,
    lockMs: 86_400_000,
    refusedNumber: REFUSED_NUMBER,
  })
  readonly letters: MailRequest[] = []
  readonly approvals: { body: ApprovalRequest; state: ApprovalState }[] = []
  /** Set to be out of reach. */
  isMailDown = false

  get sent() {
    return this.codes.sent
  }

  get newestCode(): string {
    return this.codes.newestCode
  }

  get wrongCode(): string {
    return this.codes.wrongCode
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
    call: async (service, request): Promise<any> =>
      service === 'lab' ? this.#lab(request.path, request.body) : this.codes.answer(request),
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
}
