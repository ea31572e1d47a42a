// From a credential that a provider has authenticated to the account it belongs to.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Transaction } from 'kysely'
import { searchKeysOf } from '../people/search-keys.ts'
import {
  contradicts,
  type Doubt,
  type KnownAccount,
  type MatchKeys,
  matchAccount,
  matchKeysOf,
} from './matching.ts'
import type { AccountTables } from './tables.ts'

/** Who a provider says has just authenticated, and how. */
export interface Authentication {
  idp: string
  /** The provider's own identifier for the person: what a credential is known by from its second use on. */
  subject: string
  acr: string | undefined
  amr: string[]
  /** Whether the provider has proofed what follows. Only then does it count for anything but the account's own name. */
  isProofed: boolean
  givenName: string | undefined
  familyName: string | undefined
  /** YYYY-MM-DD. */
  birthdate: string | undefined
  email: string | undefined
  /** Nine digits. Only a keyed digest of it is kept. */
  ssn: string | undefined
}

export type Recognized =
  | { outcome: 'known'; accountId: string }
  /** `doubt`: somebody known might have been meant, and was not taken for certain. */
  | { outcome: 'created'; accountId: string; doubt?: Doubt }
  | { outcome: 'linked'; accountId: string; by: 'ssn' | 'name' }
  /** The credential is known, and the provider now says that another person is behind it. */
  | { outcome: 'contradicted'; accountId: string }

const KEYS = ['ssnDigest as ssn', 'birthDateDigest as birthDate', 'personDigest as person'] as const

const columnsOf = (keys: MatchKeys | undefined) => ({
  ssnDigest: keys?.ssn ?? null,
  birthDateDigest: keys?.birthDate ?? null,
  personDigest: keys?.person ?? null,
  proofedAt: keys ? now() : null,
})

/**
 * Of first sign-ins of one person at once, the second waits here for the first to be stored: whoever writes a row holds
 * it to the end of the transaction. Everybody's SSN comes before anybody's name, so that no two wait for each other.
 */
async function takeTurn(transaction: Transaction<AccountTables>, { ssn, person }: MatchKeys): Promise<void> {
  for (const digest of [ssn, person].filter((key) => key !== null)) {
    await transaction
      .insertInto('matchTurns')
      .values({ digest, takenAt: now() })
      .onConflict((conflict) => conflict.column('digest').doUpdateSet({ takenAt: now() }))
      .execute()
  }
}

/** The accounts that share the SSN or the person, each with all that its credentials say. */
async function candidates(
  transaction: Transaction<AccountTables>,
  { ssn, person }: MatchKeys,
): Promise<KnownAccount[]> {
  const rows = await transaction
    .selectFrom('credentials')
    .select(['accountId', ...KEYS])
    .where('accountId', 'in', (credentials) =>
      credentials
        .selectFrom('credentials as other')
        .select('other.accountId')
        // Nothing equals null: a key that is not there finds nobody.
        .where((row) => row.or([row('other.ssnDigest', '=', ssn), row('other.personDigest', '=', person)])),
    )
    .execute()
  const accounts = new Map<string, MatchKeys[]>()
  for (const { accountId, ...keys } of rows)
    accounts.set(accountId, [...(accounts.get(accountId) ?? []), keys])
  return [...accounts].map(([accountId, keys]) => ({ accountId, keys }))
}

export function createRecognition(database: Kysely<AccountTables>, digest: Secrets['digest']) {
  const known = (from: Kysely<AccountTables>, { idp, subject }: Authentication) =>
    from
      .selectFrom('credentials')
      .select(['accountId', ...KEYS])
      .where('idp', '=', idp)
      .where('subject', '=', subject)
      .executeTakeFirst()

  return {
    /**
     * The account of this credential: the one it has had, or by what the provider has proofed that of a person who has
     * come with another credential, or a new one. Of any number of first sign-ins of one person at once, with whichever
     * credentials, one makes the account and all get it. `acr` and `amr` follow the provider.
     */
    async recognize(authentication: Authentication): Promise<Recognized> {
      const { idp, subject, givenName = null, familyName = null, email = null } = authentication
      const keys = matchKeysOf(authentication, digest)
      const use = {
        acr: authentication.acr ?? null,
        amr: JSON.stringify(authentication.amr),
        lastUsedAt: now(),
      }
      return database.transaction().execute(async (transaction) => {
        let earlier = await known(transaction, authentication)
        if (!earlier && keys) {
          await takeTurn(transaction, keys)
          earlier = await known(transaction, authentication)
        }
        if (earlier && keys && contradicts(keys, earlier)) {
          return { outcome: 'contradicted', accountId: earlier.accountId }
        }
        const match = !earlier && keys ? matchAccount(keys, await candidates(transaction, keys)) : undefined
        const found = earlier?.accountId ?? match?.accountId
        const accountId = found ?? randomUUID()
        if (!found) {
          await transaction
            .insertInto('accounts')
            .values({
              accountId,
              givenName,
              familyName,
              email,
              ...searchKeysOf(authentication),
              createdAt: now(),
            })
            .execute()
        }
        const stored = await transaction
          .insertInto('credentials')
          .values({ idp, subject, accountId, ...use, ...columnsOf(keys) })
          .onConflict((conflict) => conflict.columns(['idp', 'subject']).doUpdateSet(use))
          .returning('accountId')
          .executeTakeFirstOrThrow()
        if (earlier) return { outcome: 'known', accountId }
        // The same credential arrived twice at once for the first time: the account of whoever was first stands.
        if (stored.accountId !== accountId) {
          if (!found) await transaction.deleteFrom('accounts').where('accountId', '=', accountId).execute()
          return { outcome: 'known', accountId: stored.accountId }
        }
        if (match?.accountId !== undefined) return { outcome: 'linked', accountId, by: match.by }
        return { outcome: 'created', accountId, ...(match?.doubt ? { doubt: match.doubt } : {}) }
      })
    },

    /**
     * Keeps what the provider has proofed now for a credential that is known: from then on it counts when another one
     * arrives. What it leaves out stays as it was. Call it once nobody objects to the person.
     */
    async rememberPerson(authentication: Authentication): Promise<void> {
      const keys = matchKeysOf(authentication, digest)
      if (!keys) return
      const given = Object.entries(columnsOf(keys)).filter(([, value]) => value !== null)
      await database
        .updateTable('credentials')
        .set(Object.fromEntries(given))
        .where('idp', '=', authentication.idp)
        .where('subject', '=', authentication.subject)
        .execute()
    },
  }
}
