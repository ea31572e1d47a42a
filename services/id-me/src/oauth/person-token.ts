// The JWT about a person: the id_token, and the body of userinfo. Signed, and encrypted for who wants that.

import { epochSeconds } from '@gatehouse/clock/clock'
import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { CompactEncrypt, SignJWT } from 'jose'
import type { Client } from '../clients/client.ts'

export interface PersonTokens {
  /** @param claims all but `iss`, `aud`, `iat` and `exp` */
  sign(claims: Record<string, unknown>, client: Client): Promise<string>
  /** Compact JWE of a token, for clients with a key. */
  encrypt(token: string, client: Client): Promise<string | undefined>
}

export function createPersonTokens(parts: {
  issuer: string
  keys: SigningKeys
  lifetimeMs: number
}): PersonTokens {
  const { issuer, keys, lifetimeMs } = parts
  return {
    sign(claims, { clientId }) {
      const iat = epochSeconds()
      const exp = iat + Math.ceil(lifetimeMs / 1_000)
      const { kid, privateKey } = keys.primary
      return new SignJWT({ iss: issuer, aud: clientId, ...claims, iat, exp })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .sign(privateKey)
    },
    async encrypt(token, { encryptionKey, encryptionKeyId }) {
      if (!encryptionKey) return undefined
      return new CompactEncrypt(new TextEncoder().encode(token))
        .setProtectedHeader({
          alg: 'RSA-OAEP',
          enc: 'A256CBC-HS512',
          cty: 'JWT',
          ...(encryptionKeyId ? { kid: encryptionKeyId } : {}),
        })
        .encrypt(encryptionKey)
    },
  }
}
