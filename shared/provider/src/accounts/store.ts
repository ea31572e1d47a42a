import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Account, Evidence, NewAccount, Profile } from './account.ts'
import { lockAccount } from './account-lock.ts'

export interface AccountStore {
  find(id: string): Promise<Account | undefined>
  /** @param email in lower case, as everywhere here */
  findByEmail(email: string): Promise<Account | undefined>
  passwordHash(id: string): Promise<string | undefined>
  /** Keeps a new account; gives false when the e-mail address is somebody's already, and keeps nothing. */
  add(account: NewAccount & { id: string }, passwordHash: string, at: number): Promise<boolean>
  /** Takes away with the old hash that a reset was required. */
  setPasswordHash(id: string, passwordHash: string, at: number): Promise<void>
  requirePasswordReset(id: string, at: number): Promise<boolean>
  setProfile(id: string, profile: Profile | undefined): Promise<void>
  acceptRules(id: string, at: number): Promise<void>
  setSuspended(id: string, suspended: boolean): Promise<boolean>
  addEmail(id: string, email: string, at: number): Promise<boolean>
  /** Takes an address away unless it is the last one. */
  removeEmail(id: string, email: string): Promise<boolean>
  useEmail(id: string, email: string, at: number): Promise<void>
  /** Takes away the account with its addresses, authenticators and sessions. */
  remove(id: string): Promise<boolean>
}

interface AccountsTable {
  id: string
  passwordHash: string
  passwordChangedAt: number
  resetRequiredAt: number | null
  sealedProfile: string | null
  sealedEvidence: string | null
  affiliations: string
  suspended: number
  rulesAcceptedAt: number | null
  createdAt: number
}

interface Tables {
  accounts: AccountsTable
  emailAddresses: { email: string; accountId: string; confirmedAt: number; lastUsedAt: number | null }
  authenticators: { accountId: string }
  lookUpSecrets: { accountId: string }
  rememberedBrowsers: { accountId: string }
  sessions: { accountId: string | null }
}

/**
 * Accounts in the service's database; what proofing found out is sealed there.
 *
 * @param anyDatabase may be a transaction: an account is then added with whatever else that one does, or not at all
 */
export function sqlAccountStore(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): AccountStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const sealed = (purpose: string, value: unknown) =>
    value === undefined ? null : secrets.seal(purpose, JSON.stringify(value))

  async function opened(row: Selectable<AccountsTable>): Promise<Account> {
    const addresses = await database
      .selectFrom('emailAddresses')
      .select(['email', 'lastUsedAt'])
      .where('accountId', '=', row.id)
      .orderBy('confirmedAt')
      .orderBy('email')
      .execute()
    const emails = addresses.map(({ email }) => email)
    const latest = addresses.toSorted((one, other) => (other.lastUsedAt ?? 0) - (one.lastUsedAt ?? 0))[0]
    const unsealed = <T>(purpose: string, text: string | null): T | undefined =>
      text === null ? undefined : JSON.parse(secrets.unseal(purpose, text))
    return {
      id: row.id,
      email: latest?.email ?? '',
      emails,
      profile: unsealed<Profile>('profile', row.sealedProfile),
      evidence: unsealed<Evidence>('evidence', row.sealedEvidence),
      affiliations: JSON.parse(row.affiliations),
      isSuspended: row.suspended === 1,
      passwordResetRequired: row.resetRequiredAt !== null,
      passwordChangedAt: row.passwordChangedAt,
      rulesAcceptedAt: row.rulesAcceptedAt ?? undefined,
      createdAt: row.createdAt,
    }
  }

  async function changed(id: string, values: Partial<AccountsTable>): Promise<boolean> {
    const result = await database.updateTable('accounts').set(values).where('id', '=', id).executeTakeFirst()
    return result.numUpdatedRows > 0n
  }

  const insertEmail = async (on: Kysely<Tables>, accountId: string, email: string, confirmedAt: number) => {
    const added = await on
      .insertInto('emailAddresses')
      .values({ email, accountId, confirmedAt, lastUsedAt: null })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirst()
    return (added.numInsertedOrUpdatedRows ?? 0n) > 0n
  }

  return {
    async find(id) {
      const row = await database.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
      return row && opened(row)
    },
    async findByEmail(email) {
      const row = await database
        .selectFrom('accounts')
        .innerJoin('emailAddresses', 'emailAddresses.accountId', 'accounts.id')
        .selectAll('accounts')
        .where('emailAddresses.email', '=', email)
        .executeTakeFirst()
      return row && opened(row)
    },
    async passwordHash(id) {
      const row = await database
        .selectFrom('accounts')
        .select('passwordHash')
        .where('id', '=', id)
        .executeTakeFirst()
      return row?.passwordHash
    },
    async add(account, passwordHash, at) {
      return together(database, async (transaction) => {
        if (!(await insertEmail(transaction, account.id, account.email, at))) return false
        await transaction
          .insertInto('accounts')
          .values({
            id: account.id,
            passwordHash,
            passwordChangedAt: at,
            resetRequiredAt: null,
            sealedProfile: sealed('profile', account.profile),
            sealedEvidence: sealed('evidence', account.evidence),
            affiliations: JSON.stringify(account.affiliations ?? []),
            suspended: 0,
            rulesAcceptedAt: account.rulesAcceptedAt ?? null,
            createdAt: at,
          })
          .execute()
        return true
      })
    },
    async setPasswordHash(id, passwordHash, at) {
      await changed(id, { passwordHash, passwordChangedAt: at, resetRequiredAt: null })
    },
    requirePasswordReset: (id, at) => changed(id, { resetRequiredAt: at }),
    async setProfile(id, profile) {
      await changed(id, { sealedProfile: sealed('profile', profile) })
    },
    async acceptRules(id, at) {
      await changed(id, { rulesAcceptedAt: at })
    },
    setSuspended: (id, suspended) => changed(id, { suspended: suspended ? 1 : 0 }),
    addEmail: (id, email, at) => insertEmail(database, id, email, at),
    async removeEmail(id, email) {
      return database.transaction().execute(async (transaction) => {
        // Or of two addresses removed at once each would go because the other is still there.
        await lockAccount(transaction, id)
        const result = await transaction
          .deleteFrom('emailAddresses')
          .where('accountId', '=', id)
          .where('email', '=', email)
          .where((row) =>
            row.exists(
              row
                .selectFrom('emailAddresses as other')
                .select('other.email')
                .where('other.accountId', '=', id)
                .where('other.email', '!=', email),
            ),
          )
          .executeTakeFirst()
        return result.numDeletedRows > 0n
      })
    },
    async useEmail(id, email, at) {
      await database
        .updateTable('emailAddresses')
        .set({ lastUsedAt: at })
        .where('accountId', '=', id)
        .where('email', '=', email)
        .execute()
    },
    async remove(id) {
      return database.transaction().execute(async (transaction) => {
        for (const table of [
          'emailAddresses',
          'authenticators',
          'lookUpSecrets',
          'rememberedBrowsers',
          'sessions',
        ] as const) {
          await transaction.deleteFrom(table).where('accountId', '=', id).execute()
        }
        const result = await transaction.deleteFrom('accounts').where('id', '=', id).executeTakeFirst()
        return result.numDeletedRows > 0n
      })
    },
  }
}

/** In the transaction that we are in, else in one of our own. */
function together<Result>(
  database: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return database.isTransaction ? work(database as Transaction<Tables>) : database.transaction().execute(work)
}
