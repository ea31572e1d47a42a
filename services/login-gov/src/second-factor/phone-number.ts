/** Hides all but the end of a number. */
export function maskedPhone(phoneNumber: string): string {
  // A no-break space, and no break at the hyphen.
  return `(***)\u00a0***\u2011${phoneNumber.slice(-4)}`
}
