// Telephone numbers as people enter and read them, and which of them ID.me does not take for a second factor.

/** Hides all but the end of a number. */
export function maskedPhone(phoneNumber: string): string {
  // A no-break space, and no break at the hyphen.
  return `(***)\u00a0***\u2011${phoneNumber.slice(-4)}`
}

export type PhoneProblem = 'blank' | 'malformed' | 'extension'

/**
 * @returns the number in E.164; ten digits are one of the North American plan
 */
export function readPhoneNumber(text: string): { number: string } | { problem: PhoneProblem } {
  const given = text.trim()
  if (given === '') return { problem: 'blank' }
  // Numbers with an extension are refused (fact sheet 7), however it is written.
  if (/(?:ext|extension|x|#|;|,|\bp)\.?\s*=?\s*\d+\s*$/i.test(given)) return { problem: 'extension' }
  const bare = given.replace(/[\s().\-/\u00a0\u2010-\u2015]/g, '')
  if (/^\+[1-9][0-9]{6,14}$/.test(bare)) return { number: bare }
  if (/^1?[2-9][0-9]{9}$/.test(bare)) return { number: `+1${bare.slice(-10)}` }
  return { problem: 'malformed' }
}

/** ID.me's codes for a number that it does not take (fact sheet 7). */
export type PhoneRefusal = 'D0100' | 'D0200'

/**
 * Which numbers these are is our own choice (assumed), so that each can be met: besides whatever the carrier refuses, which
 * is not trusted either.
 */
const REFUSED: [ending: string, refusal: PhoneRefusal][] = [
  ['5550199', 'D0100'],
  ['5550198', 'D0200'],
]

export function refusalOf(phoneNumber: string): PhoneRefusal | undefined {
  return REFUSED.find(([ending]) => phoneNumber.endsWith(ending))?.[1]
}
