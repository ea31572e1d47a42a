import type { UserId } from '@gatehouse/contracts/bso-user-ids'
import type { Kysely } from 'kysely'
import { disablementsOf, isActive } from '../disablements/standing.ts'
import type { Tables } from '../tables.ts'

/** What became of an attempt to issue a User ID; `id_taken` means to try another. */
export type Issued =
  | UserId
  | 'person_unknown'
  | 'company_unknown'
  | 'company_disabled'
  | 'user_id_exists'
  | 'id_taken'

export interface UserIdStore {
  /** The active User IDs that are linked to an account, in their own order. */
  linkedTo(accountId: string): Promise<UserId[]>
  /** Keeps the time of a choice. Gives false, and keeps nothing, unless linked to the account, active, and for this EIN. */
  select(accountId: string, bsoUserId: string, ein: string, at: number): Promise<boolean>
  /**
   * Issues a User ID to the person behind an account and links it, both or neither. Of any number of concurrent calls
   * for one account and EIN, at most one gets it.
   */
  issue(accountId: string, ein: string, bsoUserId: string, at: number): Promise<Issued>
}

export function sqlUserIdStore(database: Kysely<Tables>): UserIdStore {
  return {
    async linkedTo(accountId) {
      const rows = await database
        .selectFrom('links')
        .innerJoin('userIds', 'userIds.bsoUserId', 'links.bsoUserId')
        .innerJoin('companies', 'companies.ein', 'userIds.ein')
        .leftJoin('userIdServices', 'userIdServices.bsoUserId', 'userIds.bsoUserId')
        .select(['userIds.bsoUserId', 'userIds.ein', 'companies.name', 'userIdServices.service'])
        .where('links.accountId', '=', accountId)
        .where(isActive())
        .orderBy('userIds.bsoUserId')
        .orderBy('userIdServices.service')
        .execute()
      const userIds = new Map<string, UserId>()
      for (const { bsoUserId, ein, name, service } of rows) {
        const userId = userIds.get(bsoUserId) ?? { bsoUserId, ein, companyName: name, services: [] }
        if (service !== null) userId.services.push(service)
        userIds.set(bsoUserId, userId)
      }
      return [...userIds.values()]
    },

    async select(accountId, bsoUserId, ein, at) {
      const updated = await database
        .updateTable('links')
        .set({ lastSelectedAt: at })
        .where('accountId', '=', accountId)
        .where('bsoUserId', '=', bsoUserId)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('userIds')
              .innerJoin('companies', 'companies.ein', 'userIds.ein')
              .select('userIds.bsoUserId')
              .whereRef('userIds.bsoUserId', '=', 'links.bsoUserId')
              .where('userIds.ein', '=', ein)
              .where(isActive()),
          ),
        )
        .executeTakeFirst()
      return updated.numUpdatedRows === 1n
    },

    async issue(accountId, ein, bsoUserId, at) {
      return database.transaction().execute(async (transaction) => {
        const person = await transaction
          .selectFrom('accounts')
          .select(['ssnDigest', 'firstName', 'lastName', 'dateOfBirth'])
          .where('accountId', '=', accountId)
          .executeTakeFirst()
        if (!person) return 'person_unknown'
        const company = await transaction
          .selectFrom('companies')
          .select('name')
          .where('ein', '=', ein)
          .executeTakeFirst()
        if (!company) return 'company_unknown'
        if ((await disablementsOf(transaction, [ein])).has(ein)) return 'company_disabled'
        if (await hasUserId(transaction, accountId, ein)) return 'user_id_exists'

        const inserted = await transaction
          .insertInto('userIds')
          .values({ bsoUserId, ein, ...person, requestedBy: accountId, issuedAt: at })
          .onConflict((conflict) => conflict.doNothing())
          .returning('bsoUserId')
          .executeTakeFirst()
        // Either another request of this account was first, or somebody else has this very User ID.
        if (!inserted) return (await hasUserId(transaction, accountId, ein)) ? 'user_id_exists' : 'id_taken'
        await transaction
          .insertInto('links')
          .values({ accountId, bsoUserId, linkedAt: at, lastSelectedAt: null })
          .execute()
        return { bsoUserId, ein, companyName: company.name, services: [] }
      })
    },
  }
}

/** A disabled one counts: requesting another is no way round having lost it. */
async function hasUserId(database: Kysely<Tables>, accountId: string, ein: string): Promise<boolean> {
  const found = await database
    .selectFrom('links')
    .innerJoin('userIds', 'userIds.bsoUserId', 'links.bsoUserId')
    .select('userIds.bsoUserId')
    .where('links.accountId', '=', accountId)
    .where('userIds.ein', '=', ein)
    .executeTakeFirst()
  return found !== undefined
}
