import { createHash, type KeyObject } from 'node:crypto'

/** Login.gov's rule: SHA-256 in hex of the PKCS#1 RSAPublicKey in DER; not the thumbprint of RFC 7638 (fact sheet 1). */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'pkcs1', format: 'der' }))
    .digest('hex')
}
