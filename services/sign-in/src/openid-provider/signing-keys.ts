import { randomUUID } from 'node:crypto'
import type { Audit, AuditEvent } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { SigningKey } from '@gatehouse/contracts/signing-keys'
import { Refusal } from '@gatehouse/http/refusal'
import type { Secrets } from '@gatehouse/storage/secrets'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Kysely } from 'kysely'

export interface SigningKeyTable {
  signingKeys: { kid: string; alg: string; state: KeyState; sealedKey: string; createdAt: number }
}

type KeyState = 'current' | 'next' | 'previous'

/** The entry of a rotation, but for its outcome. */
export type Rotation = Pick<AuditEvent, 'event' | 'actor' | 'reason' | 'requestId'>

/** ES256 signs access tokens; RS256 is the algorithm every OpenID Connect client must understand (Core §3.1.3.7). */
const ALGORITHMS = ['ES256', 'RS256'] as const
const ORDER: KeyState[] = ['current', 'next', 'previous']

/**
 * The keys with which sign-in signs. Next, current and previous are all published, so that no verifier meets an
 * unknown key when they rotate, and what the previous key signed stays good until it expires.
 */
export interface SigningKeys {
  /** Private JWKs; the current ones first, because the provider signs with the first key of an algorithm. */
  load(): Promise<JWK[]>
  /** The current ones first. */
  list(): Promise<SigningKey[]>
  /** Differs from that of an earlier moment if and only if the keys have rotated since. */
  generation(): Promise<string>
  /**
   * Next becomes current, current previous, and what was previous goes. Answers with the new current key ids.
   *
   * @param entry who does it and why, for the audit trail; stored with it
   * @param expected a key id: rotates only if this is a current key
   * @throws Refusal `signing_keys_rotated` when it is not, or when somebody else rotates at the same time
   */
  rotate(entry: Rotation, expected?: string): Promise<string[]>
}

async function createKey(alg: (typeof ALGORITHMS)[number]): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg, use: 'sig' }
}

export function createSigningKeys(
  database: Kysely<SigningKeyTable>,
  secrets: Secrets,
  audit: Pick<Audit, 'recordIn'>,
): SigningKeys {
  const row = (key: JWK, state: KeyState) => ({
    kid: key.kid as string,
    alg: key.alg as string,
    state,
    sealedKey: secrets.seal('signing key', JSON.stringify(key)),
    createdAt: now(),
  })

  async function load(): Promise<JWK[]> {
    const rows = await database.selectFrom('signingKeys').selectAll().orderBy('createdAt').execute()
    return rows
      .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
      .map(({ sealedKey }) => JSON.parse(secrets.unseal('signing key', sealedKey)))
  }

  async function create(): Promise<void> {
    const rows = await Promise.all(
      ALGORITHMS.flatMap((alg) =>
        (['current', 'next'] as const).map(async (state) => row(await createKey(alg), state)),
      ),
    )
    // Of two processes that start at once, the second finds the places taken and uses the keys of the first.
    await database
      .insertInto('signingKeys')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['alg', 'state']).doNothing())
      .execute()
  }

  return {
    async list() {
      const rows = await database
        .selectFrom('signingKeys')
        .select(['kid', 'alg', 'state', 'createdAt'])
        .orderBy('alg')
        .execute()
      return rows.sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
    },
    async generation() {
      const rows = await database
        .selectFrom('signingKeys')
        .select('kid')
        .where('state', '=', 'current')
        .orderBy('kid')
        .execute()
      return rows.map(({ kid }) => kid).join()
    },
    async load() {
      const keys = await load()
      if (keys.length > 0) return keys
      await create()
      return load()
    },
    async rotate(entry, expected) {
      const fresh = await Promise.all(ALGORITHMS.map(async (alg) => row(await createKey(alg), 'next')))
      return database.transaction().execute(async (transaction) => {
        // Whoever writes these rows holds them to the end: who rotates at the same time finds none that are current.
        const held = await transaction
          .updateTable('signingKeys')
          .set({ state: 'current' })
          .where('state', '=', 'current')
          .returning('kid')
          .execute()
        const isExpected = expected === undefined || held.some(({ kid }) => kid === expected)
        if (held.length === 0 || !isExpected) throw new Refusal('signing_keys_rotated')
        await transaction.deleteFrom('signingKeys').where('state', '=', 'previous').execute()
        await transaction
          .updateTable('signingKeys')
          .set({ state: 'previous' })
          .where('state', '=', 'current')
          .execute()
        const next = await transaction
          .updateTable('signingKeys')
          .set({ state: 'current' })
          .where('state', '=', 'next')
          .returning('kid')
          .execute()
        await transaction.insertInto('signingKeys').values(fresh).execute()
        const [former, current] = [held, next].map((keys) => keys.map(({ kid }) => kid)) as [
          string[],
          string[],
        ]
        const change = { before: { current: former }, after: { current } }
        await audit.recordIn(transaction, { ...entry, outcome: 'success', ...change })
        return current
      })
    },
  }
}
