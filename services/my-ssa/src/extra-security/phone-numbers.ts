// Cell phone numbers as people enter and read them.

export type NumberProblem = 'blank' | 'malformed'

/**
 * @param text ten digits of the North American plan, with any punctuation, with or without the country code 1
 * @returns the number in E.164
 */
export function readCellPhone(text: string): { number: string } | { problem: NumberProblem } {
  const given = text.trim()
  if (given === '') return { problem: 'blank' }
  const bare = given.replace(/[\s().\-/\u00a0\u2010-\u2015]/g, '')
  const digits = /^(?:\+?1)?([2-9][0-9]{9})$/.exec(bare)?.[1]
  return digits ? { number: `+1${digits}` } : { problem: 'malformed' }
}

/** As the document shows the number that somebody has just entered: (408) 328-4182. */
export function shownPhone(phoneNumber: string): string {
  const digits = phoneNumber.slice(-10)
  return `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`
}

/** For whoever has only given the password: all but the end is hidden. It does not break at the end of a line. */
export function maskedPhone(phoneNumber: string): string {
  return `(***)\u00a0***\u2011${phoneNumber.slice(-4)}`
}
