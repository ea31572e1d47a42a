import { foldName } from '../accounts/matching.ts'

/** The columns of an account that people are found by. Whoever writes the name or the address writes these. */
export function searchKeysOf(person: {
  givenName?: string | null | undefined
  familyName?: string | null | undefined
  email?: string | null | undefined
}) {
  return {
    searchGiven: foldName(person.givenName ?? ''),
    searchFamily: foldName(person.familyName ?? ''),
    searchEmail: (person.email ?? '').trim().toLowerCase(),
  }
}
