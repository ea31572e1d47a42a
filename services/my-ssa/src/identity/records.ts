// Whether somebody is who they say they are. Social Security asked its own records and Experian; here an account knows its
// person, the file of personas knows the personas, and everybody else is taken at their word (assumed).

import type { Profile } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import type { Usernames } from '../usernames/store.ts'
import type { Details } from './details.ts'

export interface Records {
  /** Whether nothing on record speaks against these details. */
  confirm(details: Details): Promise<boolean>
  /** The account of the person whom these details describe. */
  accountOf(details: Details): Promise<string | undefined>
}

interface OnRecord {
  firstName: string
  lastName: string
  birthdate: string
}

/** @param personas everybody whom the file of personas knows */
export function createRecords({
  usernames,
  accounts,
  personas,
}: {
  usernames: Usernames
  accounts: Accounts
  personas: readonly Persona[]
}): Records {
  async function accountOf(details: Details): Promise<string | undefined> {
    const accountId = await usernames.accountOfPerson(details.ssn)
    const account = accountId === undefined ? undefined : await accounts.find(accountId)
    return account?.profile && isOf(details, onRecord(account.profile)) ? account.id : undefined
  }

  return {
    accountOf,
    async confirm(details) {
      if ((await usernames.accountOfPerson(details.ssn)) !== undefined) {
        return (await accountOf(details)) !== undefined
      }
      const persona = personas.find(({ ssn }) => ssn === details.ssn)
      if (!persona) return true
      const { firstName, lastName, dateOfBirth: birthdate, proofing } = persona
      return proofing !== 'fails' && isOf(details, { firstName, lastName, birthdate })
    },
  }
}

function onRecord({ givenName, familyName, birthdate }: Profile): OnRecord {
  return { firstName: givenName, lastName: familyName, birthdate }
}

/** Case, spaces and punctuation of a name do not count, nor does the middle name. */
function isOf(details: Details, record: OnRecord): boolean {
  return (
    letters(details.firstName) === letters(record.firstName) &&
    letters(details.lastName) === letters(record.lastName) &&
    details.birthdate === record.birthdate
  )
}

function letters(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toUpperCase()
}
