import type { Kysely } from 'kysely'
import { foldName } from '../holders/names.ts'
import type { Holder, Tables } from '../tables.ts'

export interface IssuedUserId {
  bsoUserId: string
  ein: string
  services: readonly string[]
  holder: Holder
}

export interface Company {
  ein: string
  name: string
  /** As it is registered with the IRS. */
  address: { street: string; city: string; state: string; zipCode: string }
}

export interface RegistryStore {
  /** Runs `work` as one step: when it throws, nothing of it is kept. */
  atomically<T>(work: (store: RegistryStore) => Promise<T>): Promise<T>
  /** Registers a company unless one with this EIN is there; one without an address gets this one. */
  registerCompany(company: Company): Promise<void>
  /**
   * Keeps a User ID with its active services unless it is there; then nothing of it changes, neither that it is disabled
   * nor its services. Gives the EIN and holder that are kept.
   */
  keepUserId(userId: IssuedUserId, at: number): Promise<Holder & { ein: string }>
}

export function sqlRegistryStore(database: Kysely<Tables>): RegistryStore {
  return {
    atomically: (work) =>
      database.transaction().execute((transaction) => work(sqlRegistryStore(transaction))),

    async registerCompany({ ein, name, address }) {
      const { street, city, state, zipCode } = address
      await database
        .insertInto('companies')
        .values({ ein, name, foldedName: foldName(name), street, city, state, zipCode })
        .onConflict((conflict) =>
          conflict
            .column('ein')
            .doUpdateSet({ street, city, state, zipCode })
            .where('companies.street', 'is', null),
        )
        .execute()
    },

    async keepUserId({ bsoUserId, ein, services, holder }, at) {
      const inserted = await database
        .insertInto('userIds')
        .values({ bsoUserId, ein, ...holder, requestedBy: null, issuedAt: at })
        .onConflict((conflict) => conflict.column('bsoUserId').doNothing())
        .returning('bsoUserId')
        .executeTakeFirst()
      if (inserted && services.length > 0) {
        await database
          .insertInto('userIdServices')
          .values(services.map((service) => ({ bsoUserId, service, activeSince: at })))
          .execute()
      }
      return database
        .selectFrom('userIds')
        .select(['ein', 'ssnDigest', 'firstName', 'lastName', 'dateOfBirth'])
        .where('bsoUserId', '=', bsoUserId)
        .executeTakeFirstOrThrow()
    },
  }
}
