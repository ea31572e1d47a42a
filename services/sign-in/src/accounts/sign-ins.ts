// Completed sign-ins, the sessions they belong to, and what tokens of the grants that came of them say.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'
import type { AccountTables } from './tables.ts'

/** A completed sign-in: an authentication and the attestation to the terms that followed it. */
export interface SignIn {
  signInId: string
  accountId: string
  idp: string
  subject: string
  acr: string | null
  amr: string[]
  /** What the provider calls the person, where it has usernames. */
  username: string | null
  /** Milliseconds. */
  authenticatedAt: number
  /** When its session, or a token that came of it, was last used here; to the minute. */
  lastUsedAt: number | null
}

/** What a grant adds to the tokens that come of it. */
export interface GrantFacts extends SignIn {
  sessionUid: string | null
  clientId: string | null
  /** Milliseconds: when the person began to choose what the grant is for. */
  grantedAt: number | null
  bsoUserId: string | null
  ein: string | null
  /** The BSO services active for the User ID, such as CBSV. */
  bsoServices: string[]
}

const TOUCH_MILLISECONDS = 60_000

const SIGN_IN = [
  'signIns.signInId',
  'accountId',
  'idp',
  'subject',
  'acr',
  'amr',
  'username',
  'authenticatedAt',
  'lastUsedAt',
] as const

const parse = <Row extends { amr: string }>(row: Row) => ({ ...row, amr: JSON.parse(row.amr) as string[] })

export function createSignIns(database: Kysely<AccountTables>) {
  return {
    /** Keeps a completed sign-in and gives it its id. */
    async keepSignIn(
      signIn: Omit<SignIn, 'signInId' | 'lastUsedAt'> & { attestationId: string; device?: string | null },
    ): Promise<string> {
      const signInId = randomUUID()
      await database
        .insertInto('signIns')
        .values({ ...signIn, signInId, amr: JSON.stringify(signIn.amr), sessionUid: null })
        .execute()
      return signInId
    },

    /** Ties a sign-in to the browser session that came of it; the first tie stays. */
    async tieToSession(signInId: string, sessionUid: string): Promise<void> {
      await database
        .updateTable('signIns')
        .set({ sessionUid })
        .where('signInId', '=', signInId)
        .where('sessionUid', 'is', null)
        .execute()
    },

    /** The session of the sign-in, or a token that came of it, is used. Written once a minute at most. */
    async touch({ signInId, authenticatedAt, lastUsedAt }: SignIn): Promise<void> {
      const at = now()
      if ((lastUsedAt ?? authenticatedAt) > at - TOUCH_MILLISECONDS) return
      await database.updateTable('signIns').set({ lastUsedAt: at }).where('signInId', '=', signInId).execute()
    },

    async findSignIn(signInId: string): Promise<SignIn | undefined> {
      const row = await database
        .selectFrom('signIns')
        .select(SIGN_IN)
        .where('signInId', '=', signInId)
        .executeTakeFirst()
      return row && parse(row)
    },

    /** The newest sign-in of the session: a person may have been asked to authenticate again (`prompt=login`). */
    async findSignInOfSession(sessionUid: string): Promise<SignIn | undefined> {
      const row = await database
        .selectFrom('signIns')
        .select(SIGN_IN)
        .where('sessionUid', '=', sessionUid)
        .orderBy('authenticatedAt', 'desc')
        .executeTakeFirst()
      return row && parse(row)
    },

    /** All sign-ins of the session. */
    async findSignInsOfSession(sessionUid: string): Promise<SignIn[]> {
      const rows = await database
        .selectFrom('signIns')
        .select(SIGN_IN)
        .where('sessionUid', '=', sessionUid)
        .execute()
      return rows.map(parse)
    },

    /**
     * Keeps what tokens of this grant will say beside the standard claims.
     *
     * @param grantedAt milliseconds, from before its owner confirmed the User ID: a revocation that came later ends the
     *   grant
     */
    async keepGrantFacts(
      grantId: string,
      signInId: string,
      clientId: string,
      userId: { bsoUserId: string; ein: string; services: string[] } | undefined,
      grantedAt: number,
    ): Promise<void> {
      await database
        .insertInto('grantFacts')
        .values({
          grantId,
          signInId,
          clientId,
          bsoUserId: userId?.bsoUserId ?? null,
          ein: userId?.ein ?? null,
          bsoServices: JSON.stringify(userId?.services ?? []),
          grantedAt,
        })
        .execute()
    },

    async findGrantFacts(grantId: string): Promise<GrantFacts | undefined> {
      const row = await database
        .selectFrom('grantFacts')
        .innerJoin('signIns', 'signIns.signInId', 'grantFacts.signInId')
        .select([...SIGN_IN, 'sessionUid', 'clientId', 'bsoUserId', 'ein', 'bsoServices', 'grantedAt'])
        .where('grantId', '=', grantId)
        .executeTakeFirst()
      return row && { ...parse(row), bsoServices: JSON.parse(row.bsoServices) as string[] }
    },
  }
}
