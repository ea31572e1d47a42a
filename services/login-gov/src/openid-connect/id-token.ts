import { createHash, randomBytes } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { SigningKey } from '@gatehouse/provider/keys/signing-keys'
import { SignJWT } from 'jose'

export interface IdToken {
  key: SigningKey
  clientId: string
  nonce: string
  /** The claims of userinfo; all of them go in. */
  claims: Record<string, unknown>
  code: string
  accessToken: string
  /** Seconds since the epoch: the end of the browser session. */
  expiresAt: number
}

/** Signs the id_token of fact sheet 4: header `kid` and `alg` only, `nbf` and `iat` both now. */
export function signIdToken({
  key,
  clientId,
  nonce,
  claims,
  code,
  accessToken,
  expiresAt,
}: IdToken): Promise<string> {
  const now = epochSeconds()
  return new SignJWT({
    ...claims,
    acr: claims.ial,
    nonce,
    aud: clientId,
    jti: randomBytes(16).toString('base64url'),
    at_hash: leftHash(accessToken),
    c_hash: leftHash(code),
    exp: expiresAt,
    iat: now,
    nbf: now,
  })
    .setProtectedHeader({ kid: key.kid, alg: 'RS256' })
    .sign(key.privateKey)
}

/** OpenID Connect Core §3.1.3.6 for RS256: the left half of the SHA-256. */
function leftHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}
