import type { ServiceUrls } from '@gatehouse/contracts/services'

/** A mail as the lab gives it. */
export interface Mail {
  from: string
  to: string
  subject: string
  text: string
  /** The web addresses in the text, in their order. */
  links: string[]
}

/** The mail tray of one address, from now on: what came before is not looked at. */
export interface MailTray {
  /**
   * Waits for the next mail.
   *
   * @param subject what its subject must match; other mail that comes first is passed over
   * @throws Error when none comes within `seconds` (60 at most)
   */
  nextMail(subject?: RegExp, seconds?: number): Promise<Mail>
}

interface Received {
  messages: (Mail & { cursor: number })[]
  cursor: number
}

/** Opens the tray of an address at the lab; any address has one. */
export async function openMailTray(urls: Pick<ServiceUrls, 'lab'>, address: string): Promise<MailTray> {
  const tray = `${urls.lab}/mail/${encodeURIComponent(address)}/messages`
  async function read(query: Record<string, string>): Promise<Received> {
    const response = await fetch(`${tray}?${new URLSearchParams(query)}`)
    if (!response.ok) throw new Error(`the lab answered ${response.status} about a mail tray`)
    return (await response.json()) as Received
  }

  let { cursor } = await read({})
  return {
    async nextMail(subject = /^/, seconds = 30) {
      const end = performance.now() + seconds * 1000
      for (;;) {
        const wait = Math.max(0, Math.ceil((end - performance.now()) / 1000))
        const { messages } = await read({ after: String(cursor), wait: String(wait) })
        for (const mail of messages) {
          cursor = mail.cursor
          if (subject.test(mail.subject)) return mail
        }
        if (performance.now() >= end) {
          throw new Error(`no mail with the subject ${subject} came within ${seconds} s`)
        }
      }
    },
  }
}
