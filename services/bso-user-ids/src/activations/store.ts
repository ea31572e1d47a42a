import type { RequestableService, UserIdAtEmployer } from '@gatehouse/contracts/service-activations'
import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import type { Kysely } from 'kysely'
import { isActive } from '../disablements/standing.ts'
import type { Tables } from '../tables.ts'

/** A service for a User ID at its employer. */
export interface ServiceOfUserId extends UserIdAtEmployer {
  service: RequestableService
}

/** What is kept about it. Active counts before requested. */
export interface Standing {
  companyName: string
  address: Pick<PostalAddress, 'street' | 'city' | 'state' | 'zipCode'> | undefined
  /** Milliseconds. */
  requestedAt: number | null
  activeSince: number | null
}

export interface ActivationStore {
  /** `undefined` unless there is such a User ID for this employer, and it is active. */
  find(key: ServiceOfUserId): Promise<Standing | undefined>
  /** Keeps the first request. Of any number at once, one gets true. */
  request(key: ServiceOfUserId, at: number): Promise<boolean>
  /** Puts a request in the place of the one from `insteadOf`. Of any number at once for the same one, one gets true. */
  renew(key: ServiceOfUserId, insteadOf: number, at: number): Promise<boolean>
  /**
   * Makes a requested service active and takes the request away, both or neither. Of any number at once, one gets true;
   * nobody does for a User ID that is not active, or not of this employer.
   */
  activate(key: ServiceOfUserId, at: number): Promise<boolean>
}

export function sqlActivationStore(database: Kysely<Tables>): ActivationStore {
  return {
    async find({ bsoUserId, ein, service }) {
      const found = await database
        .selectFrom('userIds')
        .innerJoin('companies', 'companies.ein', 'userIds.ein')
        .leftJoin('serviceRequests', (join) =>
          join
            .onRef('serviceRequests.bsoUserId', '=', 'userIds.bsoUserId')
            .on('serviceRequests.service', '=', service),
        )
        .leftJoin('userIdServices', (join) =>
          join
            .onRef('userIdServices.bsoUserId', '=', 'userIds.bsoUserId')
            .on('userIdServices.service', '=', service),
        )
        .select([
          'companies.name',
          'companies.street',
          'companies.city',
          'companies.state',
          'companies.zipCode',
        ])
        .select(['serviceRequests.requestedAt', 'userIdServices.activeSince'])
        .where('userIds.bsoUserId', '=', bsoUserId)
        .where('userIds.ein', '=', ein)
        .where(isActive())
        .executeTakeFirst()
      if (!found) return undefined
      const { name: companyName, street, city, state, zipCode, requestedAt, activeSince } = found
      const hasAddress = street !== null && city !== null && state !== null && zipCode !== null
      return {
        companyName,
        address: hasAddress ? { street, city, state, zipCode } : undefined,
        requestedAt,
        activeSince,
      }
    },

    async request({ bsoUserId, service }, at) {
      const inserted = await database
        .insertInto('serviceRequests')
        .values({ bsoUserId, service, requestedAt: at })
        .onConflict((conflict) => conflict.columns(['bsoUserId', 'service']).doNothing())
        .returning('bsoUserId')
        .executeTakeFirst()
      return inserted !== undefined
    },

    async renew({ bsoUserId, service }, insteadOf, at) {
      const updated = await database
        .updateTable('serviceRequests')
        // Two requests never have the same instant, or the same one could be replaced twice.
        .set({ requestedAt: Math.max(at, insteadOf + 1) })
        .where('bsoUserId', '=', bsoUserId)
        .where('service', '=', service)
        .where('requestedAt', '=', insteadOf)
        .executeTakeFirst()
      return updated.numUpdatedRows === 1n
    },

    async activate({ bsoUserId, ein, service }, at) {
      return database.transaction().execute(async (transaction) => {
        // The request is what is spent: whoever takes it away is the one who activates.
        const taken = await transaction
          .deleteFrom('serviceRequests')
          .where('bsoUserId', '=', bsoUserId)
          .where('service', '=', service)
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom('userIds')
                .innerJoin('companies', 'companies.ein', 'userIds.ein')
                .select('userIds.bsoUserId')
                .whereRef('userIds.bsoUserId', '=', 'serviceRequests.bsoUserId')
                .where('userIds.ein', '=', ein)
                .where(isActive()),
            ),
          )
          .executeTakeFirst()
        if (taken.numDeletedRows !== 1n) return false
        await transaction
          .insertInto('userIdServices')
          .values({ bsoUserId, service, activeSince: at })
          .onConflict((conflict) => conflict.columns(['bsoUserId', 'service']).doNothing())
          .execute()
        return true
      })
    },
  }
}
