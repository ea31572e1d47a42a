// The personas that have an account at my Social Security get it here.

import { now } from '@gatehouse/clock/clock'
import { canonicalEmail } from '@gatehouse/provider/accounts/accounts'
import { identityOf, type Persona } from '@gatehouse/provider/accounts/personas'
import { hashPassword } from '@gatehouse/provider/password/password-hash'
import type { Usernames } from '../usernames/store.ts'

export interface SeedParts {
  usernames: Usernames
  extraSecurity: {
    /**
     * Does nothing for an account that has or had extra security in any state: the person may have changed it since.
     *
     * @param phone E.164
     */
    seed(accountId: string, state: 'on' | 'requested', phone: string): Promise<void>
  }
}

/**
 * Gives each persona with `mySsa` an account with its extra security, unless they have it already. May be repeated at
 * every start, and by several processes at once.
 */
export async function seedMySsaPersonas(
  personas: readonly Persona[],
  { usernames, extraSecurity }: SeedParts,
): Promise<void> {
  // At once: hashing runs on several threads.
  await Promise.all(
    personas.map(async (persona) => {
      const { mySsa, ssn, phoneNumber } = persona
      if (!mySsa || !ssn) return
      const accountId =
        (await usernames.accountOfPerson(ssn)) ?? (await add(persona, mySsa.username, ssn, usernames))
      if (accountId === undefined || mySsa.extraSecurity === 'off') return
      const state = mySsa.extraSecurity === 'on' ? 'on' : 'requested'
      await extraSecurity.seed(accountId, state, phoneNumber)
    }),
  )
}

/** @returns nothing where somebody else has the username or the address, or the person is blocked */
async function add(
  persona: Persona,
  username: string,
  ssn: string,
  usernames: Usernames,
): Promise<string | undefined> {
  const added = await usernames.add(
    {
      email: canonicalEmail(persona.email),
      username,
      rulesAcceptedAt: now(),
      profile: {
        ...identityOf(persona),
        socialSecurityNumber: ssn,
        faceMatched: false,
        verifiedAt: now(),
      },
    },
    await hashPassword(persona.password),
  )
  // Another process was faster.
  return added.outcome === 'added' ? added.accountId : usernames.accountOfPerson(ssn)
}
