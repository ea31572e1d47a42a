// Associations: a provider has authenticated somebody, and the User IDs that person holds become linked to the account.
// This owns who counts as the holder; whether the provider is to be believed is for sign-in. What must always hold: an
// account belongs to one person, a credential to one account, and neither ever passes to another.

import { now } from '@gatehouse/clock/clock'
import type { AssociationRequest } from '@gatehouse/contracts/bso-user-ids'
import { Refusal } from '@gatehouse/http/refusal'
import { holderOf, holds, isSamePerson } from '../holders/matching.ts'
import type { Holder } from '../tables.ts'
import type { AssociationStore } from './store.ts'

export interface Associations {
  /**
   * Remembers who is behind an account and links the User IDs that person holds. Links stay, also when a later
   * association finds less.
   *
   * @returns how many links are new
   * @throws Refusal `account_conflict` when the account belongs to another person, `credential_conflict` when the
   *   credential belongs to another account; nothing is kept then
   */
  associate(request: AssociationRequest): Promise<number>
}

/** @param digest a keyed digest of an SSN */
export function createAssociations(store: AssociationStore, digest: (ssn: string) => string): Associations {
  return {
    async associate({ accountId, credential, person }) {
      const given = holderOf(person, digest)
      const at = now()
      return store.atomically(async (store) => {
        const known = await store.rememberPerson(accountId, given, at)
        if (!isSamePerson(known, given) || !(await bringUpToDate(store, accountId, known, given))) {
          throw new Refusal('account_conflict')
        }
        if ((await store.linkCredential(credential, accountId, at)) !== accountId) {
          throw new Refusal('credential_conflict')
        }
        if (given.ssnDigest === null) return 0
        const candidates = await store.activeUserIds(given.ssnDigest, given.dateOfBirth)
        const held = candidates.filter((holder) => holds(given, holder))
        return store.linkUserIds(
          accountId,
          held.map(({ bsoUserId }) => bsoUserId),
          at,
        )
      })
    },
  }
}

async function bringUpToDate(store: AssociationStore, accountId: string, known: Holder, given: Holder) {
  // Without an SSN the provider knows less than we do already.
  if (given.ssnDigest === null) return true
  const { ssnDigest, firstName, lastName } = known
  const unchanged =
    ssnDigest === given.ssnDigest && firstName === given.firstName && lastName === given.lastName
  return unchanged || store.updatePerson(accountId, given)
}
