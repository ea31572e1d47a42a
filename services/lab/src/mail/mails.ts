// What a mail tray gets: letters by e-mail, from the providers.

/** A mail as the lab keeps it. */
export interface Mail {
  id: string
  /** Grows with each mail; a test goes on from it. */
  sequence: number
  /** The tray: the recipient in lower case. */
  address: string
  from: string
  /** The recipient as the sender wrote it. */
  to: string
  subject: string
  text: string
  /** Milliseconds of the suite's clock. */
  receivedAt: number
}

/** What is known when a mail is handed in. */
export type NewMail = Pick<Mail, 'from' | 'to' | 'subject' | 'text'>

/** Addresses that differ in upper and lower case only are one tray. */
export function trayOf(address: string): string {
  return address.toLowerCase()
}

export interface TextPart {
  text: string
  /** Set when the text is a web address. */
  href?: string
}

/** Stops before what only ends a sentence or closes a bracket. */
const WEB_ADDRESS = /https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]]/gi

/** Cuts a text into web addresses and what stands between them. Only http and https count, so each may be followed. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const { 0: href, index } of text.matchAll(WEB_ADDRESS)) {
    if (!URL.canParse(href)) continue
    if (index > end) parts.push({ text: text.slice(end, index) })
    parts.push({ text: href, href })
    end = index + href.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}

/** The web addresses in a text, in their order. */
export function linksIn(text: string): string[] {
  return textParts(text).flatMap(({ href }) => href ?? [])
}
