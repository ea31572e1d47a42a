import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'

/** Who a provider says has just authenticated, and how. */
export interface Authentication {
  idp: string
  /** The provider's own identifier for the person: the only thing a credential is known by. */
  subject: string
  acr: string | undefined
  amr: string[]
  givenName: string | undefined
  familyName: string | undefined
  email: string | undefined
}

export interface Account {
  accountId: string
  givenName: string | null
  familyName: string | null
  email: string | null
}

/** A completed sign-in: an authentication and the attestation to the terms that followed it. */
export interface SignIn {
  signInId: string
  accountId: string
  idp: string
  subject: string
  acr: string | null
  amr: string[]
  /** Milliseconds. */
  authenticatedAt: number
}

/** What a grant adds to the tokens that come of it. */
export interface GrantFacts extends SignIn {
  sessionUid: string | null
  bsoUserId: string | null
  ein: string | null
  /** The BSO services active for the User ID, such as CBSV. */
  bsoServices: string[]
}

export interface AccountTables {
  accounts: Account & { createdAt: number }
  credentials: {
    idp: string
    subject: string
    accountId: string
    acr: string | null
    amr: string
    lastUsedAt: number
  }
  signIns: Omit<SignIn, 'amr'> & { amr: string; attestationId: string; sessionUid: string | null }
  grantFacts: {
    grantId: string
    signInId: string
    bsoUserId: string | null
    ein: string | null
    bsoServices: string
  }
}

/**
 * The accounts behind credentials. An account is found by the provider and its subject, never by an e-mail address:
 * addresses change hands.
 */
export function createAccounts(database: Kysely<AccountTables>) {
  const parse = <Row extends { amr: string }>(row: Row) => ({ ...row, amr: JSON.parse(row.amr) as string[] })

  return {
    /** The account of this credential, made at its first use; `acr` and `amr` follow the provider. */
    async recognize(authentication: Authentication): Promise<{ accountId: string }> {
      const { idp, subject, givenName = null, familyName = null, email = null } = authentication
      const use = {
        acr: authentication.acr ?? null,
        amr: JSON.stringify(authentication.amr),
        lastUsedAt: now(),
      }
      const person = { givenName, familyName, email }
      return database.transaction().execute(async (transaction) => {
        const known = await transaction
          .selectFrom('credentials')
          .select('accountId')
          .where('idp', '=', idp)
          .where('subject', '=', subject)
          .executeTakeFirst()
        const fresh = known ? undefined : randomUUID()
        if (fresh) {
          await transaction
            .insertInto('accounts')
            .values({ accountId: fresh, ...person, createdAt: now() })
            .execute()
        }
        const { accountId } = await transaction
          .insertInto('credentials')
          .values({ idp, subject, accountId: known?.accountId ?? (fresh as string), ...use })
          .onConflict((conflict) => conflict.columns(['idp', 'subject']).doUpdateSet(use))
          .returning('accountId')
          .executeTakeFirstOrThrow()
        // The same credential arrived twice at once for the first time: the account of whoever was first stands.
        if (fresh && fresh !== accountId) {
          await transaction.deleteFrom('accounts').where('accountId', '=', fresh).execute()
        }
        return { accountId }
      })
    },

    /** Name and address follow what the provider says now; what it leaves out is gone. */
    async describe(
      accountId: string,
      person: Pick<Authentication, 'givenName' | 'familyName' | 'email'>,
    ): Promise<void> {
      const { givenName = null, familyName = null, email = null } = person
      await database
        .updateTable('accounts')
        .set({ givenName, familyName, email })
        .where('accountId', '=', accountId)
        .execute()
    },

    async find(accountId: string): Promise<Account | undefined> {
      return database
        .selectFrom('accounts')
        .select(['accountId', 'givenName', 'familyName', 'email'])
        .where('accountId', '=', accountId)
        .executeTakeFirst()
    },

    /** Keeps a completed sign-in and gives it its id. */
    async keepSignIn(signIn: Omit<SignIn, 'signInId'> & { attestationId: string }): Promise<string> {
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

    async findSignIn(signInId: string): Promise<SignIn | undefined> {
      const row = await database
        .selectFrom('signIns')
        .select(['signInId', 'accountId', 'idp', 'subject', 'acr', 'amr', 'authenticatedAt'])
        .where('signInId', '=', signInId)
        .executeTakeFirst()
      return row && parse(row)
    },

    /** The newest sign-in of the session: a person may have been asked to authenticate again (`prompt=login`). */
    async findSignInOfSession(sessionUid: string): Promise<SignIn | undefined> {
      const row = await database
        .selectFrom('signIns')
        .select(['signInId', 'accountId', 'idp', 'subject', 'acr', 'amr', 'authenticatedAt'])
        .where('sessionUid', '=', sessionUid)
        .orderBy('authenticatedAt', 'desc')
        .executeTakeFirst()
      return row && parse(row)
    },

    /** Keeps what tokens of this grant will say beside the standard claims. */
    async keepGrantFacts(
      grantId: string,
      signInId: string,
      userId: { bsoUserId: string; ein: string; services: string[] } | undefined,
    ): Promise<void> {
      await database
        .insertInto('grantFacts')
        .values({
          grantId,
          signInId,
          bsoUserId: userId?.bsoUserId ?? null,
          ein: userId?.ein ?? null,
          bsoServices: JSON.stringify(userId?.services ?? []),
        })
        .execute()
    },

    async findGrantFacts(grantId: string): Promise<GrantFacts | undefined> {
      const row = await database
        .selectFrom('grantFacts')
        .innerJoin('signIns', 'signIns.signInId', 'grantFacts.signInId')
        .select([
          'signIns.signInId',
          'accountId',
          'idp',
          'subject',
          'acr',
          'amr',
          'authenticatedAt',
          'sessionUid',
          'bsoUserId',
          'ein',
          'bsoServices',
        ])
        .where('grantId', '=', grantId)
        .executeTakeFirst()
      return row && { ...parse(row), bsoServices: JSON.parse(row.bsoServices) as string[] }
    },
  }
}

export type Accounts = ReturnType<typeof createAccounts>
