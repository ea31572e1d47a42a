// What a key computes: WebAuthn's binary structures (Level 3 §6.1, §6.5, §5.8.1) and its signatures. It keeps nothing.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  sign,
} from 'node:crypto'
import { encode } from 'cborg'
import { ES256 } from './ceremonies.ts'

/** The person was there and the key knows it was them (by its PIN, say): these keys always check both. */
const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const ATTESTED_CREDENTIAL = 0x40

/** All zero: no maker says what kind of key this is. */
const AAGUID = Buffer.alloc(16)

export interface NewCredential {
  /** Base64url of 32 random bytes. */
  id: string
  privateKey: JsonWebKey
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()

function authenticatorData(
  rpId: string,
  flags: number,
  counter: number,
  credential = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flags)
  head.writeUInt32BE(counter, 1)
  return Buffer.concat([sha256(rpId), head, credential])
}

function clientData(type: 'webauthn.create' | 'webauthn.get', challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
}

export function newCredential(): NewCredential {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { id: randomBytes(32).toString('base64url'), privateKey: privateKey.export({ format: 'jwk' }) }
}

/** The bytes with which a key introduces a new credential, base64url each. */
export function introduce(
  { id, privateKey }: NewCredential,
  { rpId, origin, challenge }: { rpId: string; origin: string; challenge: string },
) {
  const { x = '', y = '' } = privateKey
  const credentialId = Buffer.from(id, 'base64url')
  const idLength = Buffer.alloc(2)
  idLength.writeUInt16BE(credentialId.length)
  // COSE_Key (RFC 9053 §7.1): key type EC2, algorithm, curve P-256, x, y.
  const publicKey = new Map<number, number | Buffer>([
    [1, 2],
    [3, ES256],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ])
  const attested = Buffer.concat([AAGUID, idLength, credentialId, encode(publicKey)])
  const authData = authenticatorData(rpId, USER_PRESENT | USER_VERIFIED | ATTESTED_CREDENTIAL, 0, attested)
  return {
    clientDataJSON: clientData('webauthn.create', challenge, origin).toString('base64url'),
    attestationObject: Buffer.from(encode({ fmt: 'none', attStmt: {}, authData })).toString('base64url'),
    authenticatorData: authData.toString('base64url'),
    publicKey: publicKeyInfo(privateKey).toString('base64url'),
    publicKeyAlgorithm: ES256,
  }
}

/** A signature that shows possession of the credential, with what it was made over, base64url each. */
export function prove(
  { privateKey, counter }: { privateKey: JsonWebKey; counter: number },
  { rpId, origin, challenge }: { rpId: string; origin: string; challenge: string },
) {
  const client = clientData('webauthn.get', challenge, origin)
  const authData = authenticatorData(rpId, USER_PRESENT | USER_VERIFIED, counter)
  const key = createPrivateKey({ key: privateKey, format: 'jwk' })
  return {
    clientDataJSON: client.toString('base64url'),
    authenticatorData: authData.toString('base64url'),
    // Node writes ECDSA signatures in DER, which is what WebAuthn wants (§6.5.5).
    signature: sign('sha256', Buffer.concat([authData, sha256(client)]), key).toString('base64url'),
  }
}

/** SubjectPublicKeyInfo. */
function publicKeyInfo({ kty, crv, x, y }: JsonWebKey): Buffer {
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }).export({ format: 'der', type: 'spki' })
}
