import type { Kysely } from 'kysely'
import { isActive } from '../disablements/standing.ts'
import type { Holder, Tables } from '../tables.ts'

export interface Credential {
  idp: string
  subject: string
}

export interface AssociationStore {
  /** Runs `work` as one step: when it throws, nothing of it is kept. */
  atomically<T>(work: (store: AssociationStore) => Promise<T>): Promise<T>
  /** Keeps the person behind an account unless one is known. Gives whoever is kept. */
  rememberPerson(accountId: string, person: Holder, at: number): Promise<Holder>
  /**
   * Takes over SSN and names as the provider gives them now. Gives false, and changes nothing, when the account has
   * another SSN or date of birth; of two concurrent calls with different SSNs at most one succeeds.
   */
  updatePerson(accountId: string, person: Holder): Promise<boolean>
  /** Links a credential to an account unless it is linked. Gives the account that it is linked to. */
  linkCredential(credential: Credential, accountId: string, at: number): Promise<string>
  /** The active User IDs whose holder has this SSN and date of birth. */
  activeUserIds(ssnDigest: string, dateOfBirth: string): Promise<(Holder & { bsoUserId: string })[]>
  /** Links User IDs to an account; links that are there stay as they are. Gives how many are new. */
  linkUserIds(accountId: string, bsoUserIds: readonly string[], at: number): Promise<number>
}

export function sqlAssociationStore(database: Kysely<Tables>): AssociationStore {
  return {
    atomically: (work) =>
      database.transaction().execute((transaction) => work(sqlAssociationStore(transaction))),

    async rememberPerson(accountId, person, at) {
      await database
        .insertInto('accounts')
        .values({ accountId, ...person, firstAssociatedAt: at })
        .onConflict((conflict) => conflict.column('accountId').doNothing())
        .execute()
      return database
        .selectFrom('accounts')
        .select(['ssnDigest', 'firstName', 'lastName', 'dateOfBirth'])
        .where('accountId', '=', accountId)
        .executeTakeFirstOrThrow()
    },

    async updatePerson(accountId, { ssnDigest, firstName, lastName, dateOfBirth }) {
      const updated = await database
        .updateTable('accounts')
        .set({ ssnDigest, firstName, lastName })
        .where('accountId', '=', accountId)
        .where('dateOfBirth', '=', dateOfBirth)
        .where((row) => row.or([row('ssnDigest', 'is', null), row('ssnDigest', '=', ssnDigest)]))
        .executeTakeFirst()
      return updated.numUpdatedRows === 1n
    },

    async linkCredential({ idp, subject }, accountId, at) {
      await database
        .insertInto('credentials')
        .values({ idp, subject, accountId, linkedAt: at })
        .onConflict((conflict) => conflict.columns(['idp', 'subject']).doNothing())
        .execute()
      const linked = await database
        .selectFrom('credentials')
        .select('accountId')
        .where('idp', '=', idp)
        .where('subject', '=', subject)
        .executeTakeFirstOrThrow()
      return linked.accountId
    },

    async activeUserIds(ssnDigest, dateOfBirth) {
      return database
        .selectFrom('userIds')
        .innerJoin('companies', 'companies.ein', 'userIds.ein')
        .select(['bsoUserId', 'ssnDigest', 'firstName', 'lastName', 'dateOfBirth'])
        .where('ssnDigest', '=', ssnDigest)
        .where('dateOfBirth', '=', dateOfBirth)
        .where(isActive())
        .execute()
    },

    async linkUserIds(accountId, bsoUserIds, at) {
      if (bsoUserIds.length === 0) return 0
      const linked = await database
        .insertInto('links')
        .values(bsoUserIds.map((bsoUserId) => ({ accountId, bsoUserId, linkedAt: at, lastSelectedAt: null })))
        .onConflict((conflict) => conflict.columns(['accountId', 'bsoUserId']).doNothing())
        .returning('bsoUserId')
        .execute()
      return linked.length
    },
  }
}
