// The codes themselves: HOTP (RFC 4226) over a secret of the challenge. The secret is derived from the service's own
// key and the challenge's id each time it is needed and never stored, so that nothing that reads the tables can
// work out a live code.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '@gatehouse/storage/secrets'
import { generateSync } from 'otplib'

/**
 * The code of one send of a challenge.
 *
 * @param sendNumber the HOTP counter: each resend has the next one, so that it has another code
 * @param length digits; leading zeros are part of the code
 */
export type CodeOf = (challengeId: string, sendNumber: number, length: number) => string

export function createCodes(secrets: Secrets): CodeOf {
  const key = secrets.key('one-time codes')
  return (challengeId, sendNumber, length) =>
    generateSync({
      strategy: 'hotp',
      // No authenticator app ever computes these, so nothing holds the hash to the SHA-1 of RFC 4226.
      algorithm: 'sha256',
      secret: createHmac('sha256', key).update(challengeId).digest(),
      counter: sendNumber,
      digits: length === 8 ? 8 : 6,
    })
}

/** Whether what a person typed is the code. Blanks around it and a `#` before it do not count (facts login-gov §6.3). */
export function isCode(code: string, typed: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  // Digests have one length, so the comparison takes the same time for whatever was typed.
  return timingSafeEqual(digest(code), digest(typed.trim().replace(/^#/, '').trim()))
}
