// The User IDs of an account: which there are, which one a sign-in is for, and issuing a new one. What must always
// hold: nothing is selected that is not linked and active, and nobody gets a service by requesting a User ID - a
// service begins with its activation code.

import { now } from '@gatehouse/clock/clock'
import type { UserId } from '@gatehouse/contracts/bso-user-ids'
import { Refusal } from '@gatehouse/http/refusal'
import { newUserId } from './new-user-id.ts'
import type { UserIdStore } from './store.ts'

export interface AccountUserIds {
  /** The active User IDs of an account; none for an account that nobody knows. */
  of(accountId: string): Promise<UserId[]>
  /**
   * Confirms a person's choice and keeps its time.
   *
   * @throws Refusal `user_id_not_linked` unless linked to the account, active, and for this EIN
   */
  select(accountId: string, bsoUserId: string, ein: string): Promise<UserId>
  /**
   * Issues a User ID for a registered company, without any service, to the person who was last associated.
   *
   * @throws Refusal `person_unknown`, `company_unknown`, `company_disabled`, `user_id_exists`
   */
  request(accountId: string, ein: string): Promise<UserId>
}

// One is taken with a probability of its share of 28^8, so a second try is rare and a fifth is a fault.
const TRIES = 5

/** @param freshId makes a User ID that may turn out to be taken */
export function createUserIds(store: UserIdStore, freshId: () => string = newUserId): AccountUserIds {
  return {
    of: (accountId) => store.linkedTo(accountId),

    async select(accountId, bsoUserId, ein) {
      const kept = await store.select(accountId, bsoUserId, ein, now())
      const selected = kept
        ? (await store.linkedTo(accountId)).find((userId) => userId.bsoUserId === bsoUserId)
        : undefined
      // Unknown, another's, disabled and of another company look the same from outside.
      if (!selected) throw new Refusal('user_id_not_linked')
      return selected
    },

    async request(accountId, ein) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const issued = await store.issue(accountId, ein, freshId(), now())
        if (issued === 'id_taken') continue
        if (typeof issued === 'string') throw new Refusal(issued)
        return issued
      }
      throw new Error('no free BSO User ID was found')
    },
  }
}
