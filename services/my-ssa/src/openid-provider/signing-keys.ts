// The keys that sign ID tokens, one for each algorithm that relying services may choose. Made at first start, kept sealed.

import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Kysely } from 'kysely'

/** RS256 is the algorithm that every OpenID Connect client must understand (OpenID Connect Core §15.1). */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const

interface Tables {
  signingKeys: { position: string; sealedKey: string; madeAt: number }
}

const PURPOSE = 'signing key'

/**
 * Reads the keys, making those that are not there yet; of two processes that do so at once, both use the same.
 *
 * @returns private JWKs, in the order of the algorithms
 */
export async function loadJwks(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): Promise<JWK[]> {
  const database = anyDatabase as unknown as Kysely<Tables>
  const stored = await storedKeys(database)
  const missing = SIGNING_ALGORITHMS.filter((alg) => !stored.has(alg))
  await Promise.all(
    missing.map(async (alg) => {
      const sealedKey = secrets.seal(PURPOSE, JSON.stringify(await createKey(alg)))
      await database
        .insertInto('signingKeys')
        .values({ position: alg, sealedKey, madeAt: now() })
        .onConflict((conflict) => conflict.column('position').doNothing())
        .execute()
    }),
  )
  const sealed = missing.length > 0 ? await storedKeys(database) : stored
  return SIGNING_ALGORITHMS.map((alg) => {
    const key = sealed.get(alg)
    if (!key) throw new Error('a signing key was not stored')
    return JSON.parse(secrets.unseal(PURPOSE, key))
  })
}

async function createKey(alg: (typeof SIGNING_ALGORITHMS)[number]): Promise<JWK> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' }
}

async function storedKeys(database: Kysely<Tables>): Promise<Map<string, string>> {
  const rows = await database.selectFrom('signingKeys').select(['position', 'sealedKey']).execute()
  return new Map(rows.map(({ position, sealedKey }) => [position, sealedKey]))
}
