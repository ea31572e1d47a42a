// Finds the one-time code in what a phone got, so that a test does not have to.
import type { Message } from './messages.ts'

/** The last line of an origin-bound text: `@www.example.gov #123456` (WebOTP). */
const ORIGIN_BOUND = /^@\S+ #([0-9]{6,10})\b/m
/** Six to ten digits by themselves: not part of a longer number, a web address or a hyphenated phone number. */
const WRITTEN = /(?<![\w+/.@-])([0-9]{6,10})(?![\w/-]|\.[0-9])/
/** The same digits spoken one by one: `1. 2. 3. 4. 5. 6.` */
const SPOKEN = /(?<![0-9])(?:[0-9][\s.,;:…-]+){5,9}[0-9](?![0-9])/

function writtenCode(text: string): string | undefined {
  return (ORIGIN_BOUND.exec(text) ?? WRITTEN.exec(text))?.[1]
}

function spokenCode(text: string): string | undefined {
  return SPOKEN.exec(text)?.[0].replace(/[^0-9]/g, '') ?? writtenCode(text)
}

/** The newest code that the message holds. */
export function codeIn({
  channel,
  body,
  transcript,
}: Pick<Message, 'channel' | 'body' | 'transcript'>): string | undefined {
  if (channel === 'text') return writtenCode(body)
  const said = transcript.filter((line) => line.kind === 'said').map((line) => line.text)
  // One sentence at a time first: two repetitions in a row would read as one long number.
  const perLine = said.map(spokenCode).filter((code) => code !== undefined)
  return perLine.at(-1) ?? spokenCode(said.join(' '))
}
