// The secrets in letters: how they are made, printed, and read again when a person types them.

import { randomInt } from 'node:crypto'
import type { LetterKind } from '@gatehouse/contracts/upgrade-codes'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Holder } from '../tables.ts'

const DIGITS = '0123456789'
// Crockford's base 32: no letter of it is easily taken for a digit, and no word comes out of it by accident.
const LETTERS_AND_DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const ALPHABETS: Record<LetterKind, string> = {
  'upgrade-code': DIGITS, // seed 002: 7 digits
  'reset-code': DIGITS, // assumed
  'activation-code': LETTERS_AND_DIGITS, // seed 001 §2.8: alphanumeric; which letters is assumed
  'temporary-password': LETTERS_AND_DIGITS, // assumed
}

/**
 * A new secret from the system's random generator.
 *
 * @param length characters, hyphens not counted; leading zeros are part of it
 * @returns as it is printed: a long one in groups of four
 */
export function createCode(kind: LetterKind, length: number): string {
  const alphabet = ALPHABETS[kind]
  const code = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
  return length > 8 && alphabet === LETTERS_AND_DIGITS ? code.replace(/.{4}(?!$)/g, '$&-') : code
}

/** What was printed and what a person types of it come to the same here. Spaces and hyphens do not count. */
export function readCode(kind: LetterKind, typed: string): string {
  const code = typed.replace(/[\s-]/g, '')
  if (ALPHABETS[kind] === DIGITS) return code
  // Small letters, and the letters that are taken for digits, as Crockford's base 32 reads them.
  return code.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1')
}

/**
 * The digest under which a code is kept: a code of one service, owner or kind is none of another.
 *
 * @param code printed or typed
 */
export type DigestOf = (holder: Holder, code: string) => string

export function createDigests(secrets: Secrets): DigestOf {
  return ({ caller, owner, kind }, code) =>
    secrets.digest('mailed code', JSON.stringify([caller, owner, kind, readCode(kind, code)]))
}
