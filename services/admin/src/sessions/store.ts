import { now } from '@gatehouse/clock/clock'
import type { SignInOrigin } from '@gatehouse/relying-party/relying-party'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { Kysely } from 'kysely'
import type { Identity } from './identity.ts'

export interface SessionTable {
  consoleSessions: {
    /** A digest of the id, so that the table lets nobody in. */
    key: string
    sealed: string
    lastUsedAt: number
    /** When it was last certain that no revocation had reached it. */
    confirmedAt: number
    endsAt: number
  }
}

/** What a session is kept of. */
export interface Kept {
  identity: Identity
  /** Of the access token that the sign-in gave; the token itself is not kept. */
  claims: AccessTokenClaims
  origin: SignInOrigin
}

export interface StoredSession extends Kept {
  key: string
  lastUsedAt: number
  confirmedAt: number
  endsAt: number
}

/** Sessions that are confirmed in one statement. */
const AT_ONCE = 500

export function createSessionStore(database: Kysely<SessionTable>, secrets: Secrets) {
  const keyOf = (id: string) => secrets.digest('console session', id)

  function open({ sealed, ...row }: SessionTable['consoleSessions']): StoredSession {
    const kept = JSON.parse(secrets.unseal('console session', sealed)) as Kept
    // Frozen like claims that were just verified: what is found out about them is remembered by the object.
    return { ...row, ...kept, claims: Object.freeze(kept.claims) }
  }

  return {
    keyOf,
    async create(id: string, kept: Kept, endsAt: number): Promise<void> {
      const sealed = secrets.seal('console session', JSON.stringify(kept))
      const at = now()
      await database
        .insertInto('consoleSessions')
        .values({ key: keyOf(id), sealed, lastUsedAt: at, confirmedAt: at, endsAt })
        .execute()
    },
    async find(id: string): Promise<StoredSession | undefined> {
      const row = await database
        .selectFrom('consoleSessions')
        .selectAll()
        .where('key', '=', keyOf(id))
        .executeTakeFirst()
      return row && open(row)
    },
    async all(): Promise<StoredSession[]> {
      return (await database.selectFrom('consoleSessions').selectAll().execute()).map(open)
    },
    async touch(key: string): Promise<void> {
      await database
        .updateTable('consoleSessions')
        .set({ lastUsedAt: now() })
        .where('key', '=', key)
        .execute()
    },
    async confirm(keys: readonly string[], at: number): Promise<void> {
      // Databases take so many parameters, and whoever can sign in has a session: none must cost all others theirs.
      for (let from = 0; from < keys.length; from += AT_ONCE) {
        await database
          .updateTable('consoleSessions')
          .set({ confirmedAt: at })
          .where('key', 'in', keys.slice(from, from + AT_ONCE))
          .execute()
      }
    },
    /** Of several at once, one ends it. */
    async end(key: string): Promise<boolean> {
      const { numDeletedRows } = await database
        .deleteFrom('consoleSessions')
        .where('key', '=', key)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

export type SessionStore = ReturnType<typeof createSessionStore>
