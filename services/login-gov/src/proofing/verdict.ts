// What can be verified and what cannot: the rules of the sandbox (fact sheet 6.3) and the outcome that a persona has.
// Knows nothing of pages.

import type { Evidence } from '@gatehouse/provider/accounts/account'

/** Nine digits out of what a person types; hyphens and blanks do not count. */
export function readSsn(text: string): string | undefined {
  const digits = text.replace(/[\s\p{Pd}]/gu, '')
  return /^\d{9}$/.test(digits) ? digits : undefined
}

/**
 * Whether the document and the SSN are found to be one person's. The sandbox takes any SSN from ranges of its own; a
 * persona's own SSN is taken as well, and a persona that fails always does.
 */
export function isVerifiable(ssn: string, evidence: Evidence | undefined): boolean {
  if (evidence?.outcome === 'fails') return false
  return /^(900|666)/.test(ssn) || ssn === evidence?.identity.socialSecurityNumber
}

/** A number of the United States in E.164, out of what a person types. */
export function readPhoneNumber(text: string): string | undefined {
  if (!/^[\d\s().+\p{Pd}]{1,40}$/u.test(text)) return undefined
  const digits = text.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '')
  return /^[2-9]\d{2}[2-9]\d{6}$/.test(digits) ? `+1${digits}` : undefined
}

const UNVERIFIABLE = '+17035555555'
const TIMES_OUT = '+17035555888'

/** Whether the number is found to be the person's; only two numbers of the sandbox are not. */
export function phoneVerdict(phoneNumber: string): 'verified' | 'unverifiable' | 'timed_out' {
  if (phoneNumber === UNVERIFIABLE) return 'unverifiable'
  return phoneNumber === TIMES_OUT ? 'timed_out' : 'verified'
}
