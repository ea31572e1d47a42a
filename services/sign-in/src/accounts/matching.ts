// Which account a credential belongs to that is seen for the first time: two credentials of one person lead to one
// account. Matched on SSN and birth date, then on birth date and name, as ID.me advises for the first match (facts: id-me
// §5); how Social Security does it is not public. [assumed] In every doubt the credential gets an account of its own: two
// accounts of one person are a nuisance, one account of two people is a breach.

import type { Secrets } from '@gatehouse/storage/secrets'

/** Keyed digests of what a provider has proofed. No SSN, birth date or name comes back out of them. */
export interface MatchKeys {
  ssn: string | null
  birthDate: string | null
  /** Of birth date, given name and family name together. */
  person: string | null
}

/** What is known of an account by all its credentials. */
export interface KnownAccount {
  accountId: string
  keys: readonly MatchKeys[]
}

/** Why a credential that could be of a known person was not taken for theirs. */
export type Doubt = 'birth_date_not_confirmed' | 'ssn_differs' | 'several_accounts_fit'

export type Match = { accountId: string; by: 'ssn' | 'name' } | { accountId: undefined; doubt?: Doubt }

interface Person {
  isProofed: boolean
  givenName: string | undefined
  familyName: string | undefined
  birthdate: string | undefined
  ssn: string | undefined
}

/** A name without case, accents, spaces and signs, as providers write them differently. */
export const foldName = (name = '') =>
  name
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]|\p{Lm}/gu, '')

/** @returns nothing for people whom the provider has not proofed: on their own word nobody is matched */
export function matchKeysOf(person: Person, digest: Secrets['digest']): MatchKeys | undefined {
  if (!person.isProofed) return undefined
  const { ssn, birthdate } = person
  const names = [foldName(person.givenName), foldName(person.familyName)]
  return {
    ssn: ssn ? digest('account match: ssn', ssn) : null,
    birthDate: birthdate ? digest('account match: birth date', birthdate) : null,
    person:
      birthdate && names.every((name) => name !== '')
        ? digest('account match: person', [birthdate, ...names].join('\n'))
        : null,
  }
}

/** Whether a provider that once named one person behind a credential now names another. */
export function contradicts(given: MatchKeys, known: MatchKeys): boolean {
  const differs = (field: 'ssn' | 'birthDate') =>
    given[field] !== null && known[field] !== null && given[field] !== known[field]
  return differs('ssn') || differs('birthDate')
}

/** @param accounts all that share the SSN, or birth date and name, with the person given */
export function matchAccount(given: MatchKeys, accounts: readonly KnownAccount[]): Match {
  const known = (account: KnownAccount, field: keyof MatchKeys) =>
    account.keys.map((keys) => keys[field]).filter((value) => value !== null)
  const agrees = (account: KnownAccount, field: keyof MatchKeys) => {
    const values = known(account, field)
    return values.length > 0 && values.every((value) => value === given[field])
  }

  const ofSsn =
    given.ssn === null ? [] : accounts.filter((one) => known(one, 'ssn').includes(given.ssn as string))
  if (ofSsn.length > 0) {
    const same = ofSsn.filter((account) => agrees(account, 'ssn') && agrees(account, 'birthDate'))
    if (same.length === 1) return { accountId: (same[0] as KnownAccount).accountId, by: 'ssn' }
    // Not tried by name then: one of the two has a wrong number, or is somebody else.
    return {
      accountId: undefined,
      doubt: same.length > 1 ? 'several_accounts_fit' : 'birth_date_not_confirmed',
    }
  }

  const ofName =
    given.person === null
      ? []
      : accounts.filter((one) => known(one, 'person').includes(given.person as string))
  const [only] = ofName
  if (!only) return { accountId: undefined }
  // Counted before SSNs are looked at: where two people share birth date and name, a third may.
  if (ofName.length > 1) return { accountId: undefined, doubt: 'several_accounts_fit' }
  const ssns = known(only, 'ssn')
  if (given.ssn !== null && ssns.length > 0) return { accountId: undefined, doubt: 'ssn_differs' }
  return { accountId: only.accountId, by: 'name' }
}
