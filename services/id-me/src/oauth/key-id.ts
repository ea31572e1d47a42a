import { createHash, type KeyObject } from 'node:crypto'

/** The JWK thumbprint of RFC 7638 §3.2, SHA-256 (how ID.me names its keys is not known: assumed). */
export function keyId(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
}
