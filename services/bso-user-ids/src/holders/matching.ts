import type { AssociationRequest } from '@gatehouse/contracts/bso-user-ids'
import type { Holder } from '../tables.ts'
import { foldName, namesMatch } from './names.ts'

/** @param digest a keyed digest of the SSN: the number itself goes no further */
export function holderOf(
  { ssn, firstName, lastName, dateOfBirth }: AssociationRequest['person'],
  digest: (ssn: string) => string,
): Holder {
  return {
    ssnDigest: ssn === undefined ? null : digest(ssn),
    firstName: foldName(firstName),
    lastName: foldName(lastName),
    dateOfBirth,
  }
}

/**
 * Whether a person holds a User ID: SSN, name and date of birth agree. Without an SSN nobody holds anything. How Social
 * Security finds the User IDs of a credential is not public. [assumed]
 */
export function holds(person: Holder, holder: Holder): boolean {
  return (
    person.ssnDigest !== null &&
    person.ssnDigest === holder.ssnDigest &&
    person.dateOfBirth === holder.dateOfBirth &&
    namesMatch(person, holder)
  )
}

/**
 * Whether a provider means the same person as before. With the SSN on both sides the name may have changed, as it does
 * with a marriage; without it the name is what tells people apart. [assumed]
 */
export function isSamePerson(known: Holder, given: Holder): boolean {
  if (known.dateOfBirth !== given.dateOfBirth) return false
  if (known.ssnDigest !== null && given.ssnDigest !== null) return known.ssnDigest === given.ssnDigest
  return namesMatch(known, given)
}
