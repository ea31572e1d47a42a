import { epochSeconds } from '@gatehouse/clock/clock'
import type { SigningKey } from '@gatehouse/provider/keys/signing-keys'
import { SignJWT } from 'jose'

/** What a security event token says beside who issued it and when. */
export interface SecurityEventClaims {
  jti: string
  aud: string
  /** By event type (RFC 8417 §2.2). */
  events: Record<string, unknown>
}

/**
 * Signs a security event token as of now (fact sheet 7.1).
 *
 * @param issuer the root URL, with a slash at the end
 * @param lifetimeMs from `iat` to `exp`
 */
export function signSecurityEvent(
  { jti, aud, events }: SecurityEventClaims,
  issuer: string,
  key: SigningKey,
  lifetimeMs: number,
): Promise<string> {
  const iat = epochSeconds()
  return new SignJWT({ iss: issuer, iat, exp: iat + Math.floor(lifetimeMs / 1000), jti, aud, events })
    .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', kid: key.kid })
    .sign(key.privateKey)
}
