// The order of the steps between a relying service's request and its answer. The wire asks here what is lacking before it
// gives a code; every step leads back to it.

import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { Authentication } from '@gatehouse/provider/sessions/store'
import type { Consents } from '../consent/consents.ts'
import type { SharedAttribute } from '../consent/pages.ts'
import { PATHS } from '../paths.ts'
import type { IdMeDestination } from './destination.ts'

/** What the waiting request of a session would give away about an account. */
export type SharedWith = (session: Session, account: Account) => SharedAttribute[]

export interface NextStepParts {
  accounts: Accounts
  consents: Consents
  /** Whether the account has anything that can be its second factor. */
  hasSecondFactor(accountId: string): Promise<boolean>
  sharedWith: SharedWith
}

/**
 * @returns the path, without language prefix, of the step that is lacking; nothing when the request may be answered
 */
export type NextStep = (
  session: Session | undefined,
  destination: IdMeDestination,
) => Promise<string | undefined>

export function createNextStep({ accounts, consents, hasSecondFactor, sharedWith }: NextStepParts): NextStep {
  return async (session, destination) => {
    const { requires, clientId, policy, wantsSignUp } = destination
    const account = session?.signInId ? await accounts.find(session.accountId ?? '') : undefined
    if (!session || !account || account.isSuspended) return wantsSignUp ? PATHS.signUp : PATHS.signIn
    if (requires.aal > 1 && !isMultifactor(session.authentication)) {
      return (await hasSecondFactor(account.id)) ? PATHS.secondFactor : PATHS.setUp
    }
    if (!isVerifiedFor(destination, account)) return PATHS.verification
    if (!isMemberFor(destination, account)) return PATHS.group
    const attributes = sharedWith(session, account).map(({ name }) => name)
    if (!(await consents.cover(account.id, clientId, policy, attributes))) return PATHS.consent
    return undefined
  }
}

/** Whether somebody gave more than the password. */
export function isMultifactor(authentication: Authentication | undefined): boolean {
  return authentication?.methods.some((method) => method !== 'password') ?? false
}

function isVerifiedFor({ identity, verifiesAnew }: IdMeDestination, { profile }: Account): boolean {
  return identity === 'self-asserted' || (profile !== undefined && !verifiesAnew)
}

function isMemberFor({ group }: IdMeDestination, { affiliations }: Account): boolean {
  return group === undefined || affiliations.some((affiliation) => affiliation.group === group)
}
