import { type LetterBlock, letterBoxOf } from '@gatehouse/contracts/lab'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'

/** A letter as the lab gives it. */
export interface Letter {
  id: string
  from: string
  to: PostalAddress
  subject: string
  /** The secret in it. */
  code: string
  blocks: LetterBlock[]
  /** A calendar day. */
  printedOn: string
  /** The path of its PDF at the lab. */
  pdf: string
}

/** The letter box of one address. */
export interface LetterBox {
  /** What is in it, the oldest first. */
  letters(): Promise<Letter[]>
  /**
   * The newest letter, whether it came before the box was opened or after; waits where there is none.
   *
   * @throws Error as `nextLetter` does
   */
  newestLetter(subject?: RegExp, seconds?: number): Promise<Letter>
  /**
   * Waits for the next letter that comes after the box was opened.
   *
   * @param subject what its subject must match; other letters that come first are passed over
   * @throws Error when none comes within `seconds` (60 at most)
   */
  nextLetter(subject?: RegExp, seconds?: number): Promise<Letter>
  /**
   * Returns a letter as undeliverable.
   *
   * @throws Error when the lab does not take it back, as when its code was used
   */
  giveBack(letter: Pick<Letter, 'id'>): Promise<void>
}

interface Received {
  letters: (Letter & { cursor: number })[]
  cursor: number
}

/** Opens the letter box of an address at the lab; any address has one. */
export async function openLetterBox(
  urls: Pick<ServiceUrls, 'lab'>,
  address: Pick<PostalAddress, 'street' | 'zipCode'>,
): Promise<LetterBox> {
  const box = `${urls.lab}/post/${letterBoxOf(address)}/letters`
  async function read(query: Record<string, string>): Promise<Received> {
    const response = await fetch(`${box}?${new URLSearchParams(query)}`)
    if (!response.ok) throw new Error(`the lab answered ${response.status} about a letter box`)
    return (await response.json()) as Received
  }

  let { cursor } = await read({})

  async function nextLetter(subject = /^/, seconds = 30): Promise<Letter> {
    const end = performance.now() + seconds * 1000
    for (;;) {
      const wait = Math.max(0, Math.ceil((end - performance.now()) / 1000))
      const { letters } = await read({ after: String(cursor), wait: String(wait) })
      for (const letter of letters) {
        cursor = letter.cursor
        if (subject.test(letter.subject)) return letter
      }
      if (performance.now() >= end) {
        throw new Error(`no letter with the subject ${subject} came within ${seconds} s`)
      }
    }
  }

  return {
    letters: async () => (await read({})).letters,
    async newestLetter(subject = /^/, seconds) {
      const { letters } = await read({})
      return letters.findLast((letter) => subject.test(letter.subject)) ?? nextLetter(subject, seconds)
    },
    nextLetter,
    async giveBack({ id }) {
      const response = await fetch(`${urls.lab}/post/letters/${encodeURIComponent(id)}/return`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
      if (!response.ok) throw new Error(`the lab answered ${response.status} to a letter's return`)
    },
  }
}
