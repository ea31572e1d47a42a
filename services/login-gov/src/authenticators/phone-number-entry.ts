/**
 * A number as people write it, as E.164. Which numbers exist is for the carrier to say.
 *
 * @returns nothing for what is no number, such as one with an extension
 */
export function readPhoneNumber(text: string): string | undefined {
  const bare = text.trim().replace(/[\s().\u2010-\u2015-]/g, '')
  const digits = /^(\+?)(\d+)$/.exec(bare)
  if (!digits) return undefined
  const [, plus, number = ''] = digits
  if (plus) return /^[1-9]\d{6,14}$/.test(number) ? `+${number}` : undefined
  if (/^\d{10}$/.test(number)) return `+1${number}`
  return /^1\d{10}$/.test(number) ? `+${number}` : undefined
}
