// What relying services learn about a person, and which accounts they learn anything about.

import type { Account, Profile } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'

/** The claims of each scope (OpenID Connect Core §5.4); what is no standard claim has the name that Login.gov gave it. */
export const CLAIMS: Record<string, string[]> = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'birthdate', 'preferred_username'],
  email: ['email', 'email_verified'],
  address: ['address'],
  social_security_number: ['social_security_number'],
}

/** The scopes that a client may ask for. */
export const SCOPES = Object.keys(CLAIMS)

export interface People {
  /** The account, if its person may be let in: nobody is while it is suspended, blocked, or has to reset its password. */
  find(accountId: string): Promise<Account | undefined>
  claims(account: Account): Promise<Record<string, unknown>>
}

export interface PeopleParts {
  accounts: Accounts
  usernames: { of(accountId: string): Promise<string | undefined> }
  electronicAccess: { isBlocked(accountId: string): Promise<boolean> }
}

export function createPeople({ accounts, usernames, electronicAccess }: PeopleParts): People {
  return {
    async find(accountId) {
      const account = await accounts.find(accountId)
      if (!account || account.isSuspended || account.passwordResetRequired) return undefined
      return (await electronicAccess.isBlocked(accountId)) ? undefined : account
    },
    async claims({ id, email, profile }) {
      return {
        preferred_username: await usernames.of(id),
        email,
        // An account is made with a confirmed address only.
        email_verified: true,
        ...(profile ? identityClaims(profile) : {}),
      }
    },
  }
}

function identityClaims({ givenName, middleName, familyName, birthdate, ...more }: Profile) {
  const { street, locality, region, postalCode } = more.address
  return {
    name: [givenName, middleName, familyName].filter(Boolean).join(' '),
    given_name: givenName,
    family_name: familyName,
    birthdate,
    social_security_number: more.socialSecurityNumber,
    address: {
      formatted: `${street}\n${locality}, ${region} ${postalCode}`,
      street_address: street,
      locality,
      region,
      postal_code: postalCode,
      country: 'US',
    },
  }
}
