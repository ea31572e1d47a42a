// What a security key or passkey would say (Web Authentication Level 3 §6), in software.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import { ROOT } from './id-me.ts'

interface Options {
  challenge: string
}

type Cbor = Parameters<typeof isoCBOR.encode>[0]

const FLAGS = { present: 1, verified: 4, attested: 64 }

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()

export function softwareKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  let uses = 0

  function authenticatorData(flags: number, more = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(5)
    head.writeUInt8(flags)
    head.writeUInt32BE(uses, 1)
    return Buffer.concat([sha256(new URL(ROOT).hostname), head, more])
  }

  function credential(type: string, { challenge }: Options, origin: string, say: (client: Buffer) => object) {
    const client = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
    const rawId = id.toString('base64url')
    const response = { clientDataJSON: client.toString('base64url'), ...say(client) }
    return JSON.stringify({ id: rawId, rawId, type: 'public-key', clientExtensionResults: {}, response })
  }

  return {
    /** RegistrationResponseJSON for a page's options. */
    register(options: Options): string {
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      // COSE_Key (RFC 9053 §7.1): EC2, ES256, P-256.
      const cose = new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode(cose as Cbor)])
      const authData = authenticatorData(FLAGS.present | FLAGS.verified | FLAGS.attested, attested)
      const attestation = new Map<string, string | Uint8Array | Map<string, string>>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ])
      return credential('webauthn.create', options, ROOT, () => ({
        attestationObject: Buffer.from(isoCBOR.encode(attestation as Cbor)).toString('base64url'),
        transports: ['usb'],
      }))
    },
    /** AuthenticationResponseJSON; from another site if `origin` says so. */
    answer(options: Options, origin = ROOT): string {
      uses += 1
      const data = authenticatorData(FLAGS.present | FLAGS.verified)
      return credential('webauthn.get', options, origin, (client) => ({
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey).toString('base64url'),
      }))
    },
  }
}
