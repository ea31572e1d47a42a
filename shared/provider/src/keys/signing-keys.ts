// The RSA keys of an issuer: the primary signs; a secondary is there so that relying services learn to look a key up. Made
// at first start, kept sealed.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'

// The asynchronous form works on a thread of its own: a start must not wait twice for primes.
const generate = promisify(generateKeyPair)

export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
}

export interface SigningKeys {
  /** Primary first. */
  all: SigningKey[]
  primary: SigningKey
  find(kid: string): SigningKey | undefined
}

interface Tables {
  signingKeys: { position: string; sealedKey: string; madeAt: number }
}

/**
 * Reads the keys, making those that are not there yet; of two processes that do so at once, both use the same.
 *
 * @param keyId how the issuer names its keys
 * @param count how many it publishes
 */
export async function loadSigningKeys(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
  keyId: (publicKey: KeyObject) => string,
  count: 1 | 2,
): Promise<SigningKeys> {
  const positions = ['primary', 'secondary'].slice(0, count)
  const database = anyDatabase as unknown as Kysely<Tables>
  const stored = await storedKeys(database)
  const missing = positions.filter((position) => !stored.has(position))
  await Promise.all(
    missing.map(async (position) => {
      const sealedKey = secrets.seal('signing key', await newKey())
      await database
        .insertInto('signingKeys')
        .values({ position, sealedKey, madeAt: now() })
        .onConflict((conflict) => conflict.column('position').doNothing())
        .execute()
    }),
  )
  const sealed = missing.length > 0 ? await storedKeys(database) : stored
  const all = positions.map((position) => {
    const key = sealed.get(position)
    if (!key) throw new Error('a signing key was not stored')
    return opened(secrets.unseal('signing key', key), keyId)
  })
  const [primary] = all as [SigningKey]
  return { all, primary, find: (kid) => all.find((key) => key.kid === kid) }
}

async function newKey(): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

async function storedKeys(database: Kysely<Tables>): Promise<Map<string, string>> {
  const rows = await database.selectFrom('signingKeys').select(['position', 'sealedKey']).execute()
  return new Map(rows.map(({ position, sealedKey }) => [position, sealedKey]))
}

function opened(pem: string, keyId: (publicKey: KeyObject) => string): SigningKey {
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  return { kid: keyId(publicKey), privateKey, publicKey }
}
