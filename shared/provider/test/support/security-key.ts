// A security key in software, as a browser would hand over what it says (Web Authentication Level 3 §5.1, §6), and able
// to say it wrong.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()

export interface Ceremony {
  challenge: string
  origin?: string
  rpId?: string
  /** What becomes of the flags: user present 1, user verified 4. */
  flags?: number
  type?: string
  userHandle?: string | null
  /** In place of the next count. */
  counter?: number
  format?: string
  statement?: Statement
}

/** What a key says of its maker, given what it would sign. */
export type Statement = (signed: Buffer) => Map<string, unknown>

export class SecurityKey {
  readonly id = randomBytes(32).toString('base64url')
  readonly #privateKey: KeyObject
  readonly #cose: Uint8Array
  /** Authenticators that do not count say 0 always. */
  readonly counts: boolean
  counter = 0

  constructor({ counts = true } = {}) {
    this.counts = counts
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#privateKey = privateKey
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
    // COSE_Key (RFC 9053 §7.1): key type EC2, ES256, curve P-256, x, y.
    this.#cose = isoCBOR.encode(
      new Map<number, number | Uint8Array<ArrayBuffer>>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, bytes(x)],
        [-3, bytes(y)],
      ]),
    )
  }

  register(ceremony: Ceremony) {
    const id = Buffer.from(this.id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, id, this.#cose])
    const authData = this.#authenticatorData(ceremony, 0x40, attested)
    const client = clientData('webauthn.create', ceremony)
    const statement = ceremony.statement?.(Buffer.concat([authData, sha256(client)]))
    const attestation = new Map<string, unknown>([
      ['fmt', ceremony.format ?? 'none'],
      ['attStmt', statement ?? new Map()],
      ['authData', new Uint8Array(authData)],
    ])
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
        transports: ['usb', 'nfc'],
      },
    }
  }

  authenticate(ceremony: Ceremony) {
    if (this.counts) this.counter += 1
    const authData = this.#authenticatorData(ceremony, 0)
    const client = clientData('webauthn.get', ceremony)
    const signature = this.sign(Buffer.concat([authData, sha256(client)]))
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: Buffer.from(signature).toString('base64url'),
        ...(ceremony.userHandle === undefined ? {} : { userHandle: ceremony.userHandle }),
      },
    }
  }

  /** A signature of its own, as in self attestation (§8.2). */
  sign(data: Buffer): Uint8Array {
    return new Uint8Array(sign('sha256', data, this.#privateKey))
  }

  #authenticatorData(ceremony: Ceremony, moreFlags: number, attested = Buffer.alloc(0)): Buffer {
    const { rpId = 'secure.example.com', flags = 1 | 4, counter = this.counter } = ceremony
    const head = Buffer.alloc(5)
    head.writeUInt8(flags | moreFlags)
    head.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(rpId), head, attested])
  }
}

function clientData(usual: string, ceremony: Ceremony): Buffer {
  const { type = usual, challenge, origin = 'https://secure.example.com' } = ceremony
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
}
