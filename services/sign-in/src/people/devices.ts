const LONGEST = 200

/**
 * The User-Agent header as it is kept with a sign-in: what can be printed of it, 200 characters at most. It is what the
 * browser says of itself.
 */
export function deviceOf(userAgent: string | undefined): string | null {
  const printable = userAgent?.replace(/[^\x20-\x7e]/g, '').trim()
  return printable ? printable.slice(0, LONGEST) : null
}
