// Stands in for the lab's mail tray: letters to be read, and a tray that can be out of reach.

import { CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { MailRequest } from '@gatehouse/contracts/lab'

export class FakeLabMail {
  readonly letters: MailRequest[] = []
  /** Set while nothing can be sent. */
  isUnreachable = false

  /** Takes what goes to the mail tray; everything else goes on to `others`. */
  before(others: ServiceCalls): ServiceCalls {
    return {
      // biome-ignore lint/suspicious/noExplicitAny: the contract's own client checks the answer's shape
      call: async (service, request): Promise<any> => {
        if (service !== 'lab' || request.path !== '/mail') return others.call(service, request)
        if (this.isUnreachable) throw new CallFailed('lab', 'no answer')
        this.letters.push(request.body as MailRequest)
        return { messageId: `message-${this.letters.length}` }
      },
    }
  }

  /** The letters to an address, oldest first. */
  to(address: string): MailRequest[] {
    return this.letters.filter(({ to }) => to === address)
  }

  /** Path and query of the link in the newest letter to an address; of the one whose path ends in `path`, if given. */
  link(address: string, path = ''): string {
    const { text = '' } = this.to(address).at(-1) ?? {}
    const links = [...text.matchAll(/^https?:\S+$/gm)].map(([link]) => new URL(link))
    const link = links.find(({ pathname }) => pathname.endsWith(path))
    if (!link) throw new Error('there is no such link in the newest letter')
    return link.pathname + link.search
  }
}
