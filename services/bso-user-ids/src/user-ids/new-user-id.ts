import { randomInt } from 'node:crypto'

// Without 0, O, 1, I and L, which look alike, and without the other vowels, so that no word comes out.
const ALPHABET = '23456789BCDFGHJKMNPQRSTVWXYZ'

/**
 * A new BSO User ID: eight characters, as long as the one that Social Security's page shows. Which characters they are
 * is not public. [assumed]
 */
export function newUserId(): string {
  return Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}
