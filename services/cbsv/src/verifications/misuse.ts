// The Potential Misuse Alert, CBSV User's Guide section 4.5: an SSN, or a first and last name taken as one element,
// may be entered five times. It keeps somebody from trying names on a number until one fits.

import type { VerificationRequest } from './field-rules.ts'
import { letters } from './matching.ts'

/** How often the same element may be entered within the window. */
export const ENTRY_LIMIT = 5

/**
 * How long an entry counts, in milliseconds. The guide names no window and no scope: a rolling day, for one user of
 * one company, is assumed.
 */
export const ENTRY_WINDOW = 24 * 60 * 60 * 1000

/** The alert as the guide's section 4.5 shows it. */
export const MISUSE_ALERT =
  'You have entered either identical Social Security Numbers or identical First and Last Names multiple times. ' +
  'To deter potential misuse or fraud, we cannot process your request. Please check the information to verify that ' +
  'the information you submitted matches your records before resubmitting your data.'

/**
 * What a request enters, and how often: each SSN and each name, only as keyed digests, so that the counters tell
 * nothing about anybody. Case and spaces make no other name, or they would be a way around the limit.
 */
export function enteredElements(
  requests: readonly VerificationRequest[],
  digest: (text: string) => string,
): Map<string, number> {
  const elements = new Map<string, number>()
  for (const { ssn, firstName, lastName } of requests) {
    for (const element of [`ssn ${ssn}`, `name ${letters(lastName)} ${letters(firstName)}`]) {
      const key = digest(element)
      elements.set(key, (elements.get(key) ?? 0) + 1)
    }
  }
  return elements
}
