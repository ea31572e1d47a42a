// For tests: logout tokens as sign-in sends them, and wrong in whatever way a test wants.

import { randomUUID } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { importJWK, type JWK, SignJWT } from 'jose'

export const LOGOUT_EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} }

/**
 * @param key a private key that the website takes for one of sign-in's
 * @param claims beside the standard ones, or in place of them; `undefined` takes one away
 */
export async function logoutToken(
  key: JWK,
  { issuer, clientId }: { issuer: string; clientId: string },
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const all = {
    iss: issuer,
    aud: clientId,
    iat: epochSeconds(),
    exp: epochSeconds() + 120,
    jti: randomUUID(),
    events: LOGOUT_EVENTS,
    ...claims,
  }
  return new SignJWT(JSON.parse(JSON.stringify(all)))
    .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt', kid: key.kid, ...header })
    .sign(await importJWK(key, 'ES256'))
}
