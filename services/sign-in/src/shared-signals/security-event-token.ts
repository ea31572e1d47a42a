import { type CryptoKey, importJWK, SignJWT } from 'jose'
import type { SigningKeys } from '../openid-provider/signing-keys.ts'
import type { EventClaims } from './outbox.ts'

/**
 * Signs security event tokens (RFC 8417; SSF 1.0 §4.1): explicitly typed, without `sub` and `exp`, so that none passes for
 * a token that opens something. RS256, as the CAEP interoperability profile asks.
 */
export function createSecurityEventTokens(issuer: string, signingKeys: Pick<SigningKeys, 'load'>) {
  let imported: { kid: string; key: CryptoKey } | undefined

  /** The current key, also after another process rotated. */
  async function currentKey() {
    const jwk = (await signingKeys.load()).find(({ alg }) => alg === 'RS256')
    if (!jwk?.kid) throw new Error('there is no RS256 signing key')
    if (imported?.kid !== jwk.kid)
      imported = { kid: jwk.kid, key: (await importJWK(jwk, 'RS256')) as CryptoKey }
    return imported
  }

  /**
   * @param audience the receiver's client id
   * @param event its `jti`, and when it was made, in milliseconds: the same at every attempt
   */
  return async function sign(
    audience: string,
    { eventId, madeAt, claims }: { eventId: string; madeAt: number; claims: EventClaims },
  ): Promise<string> {
    const { kid, key } = await currentKey()
    const iat = Math.floor(madeAt / 1000)
    return new SignJWT({ iss: issuer, jti: eventId, iat, aud: audience, ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', kid })
      .sign(key)
  }
}

export type SignSecurityEvent = ReturnType<typeof createSecurityEventTokens>
