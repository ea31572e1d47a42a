// Suspends, reinstates and deletes accounts. What is told of a change is kept before the change is made, and a change
// that was cut short is completed by asking for it again: told twice is better than never.

import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { Connections } from '../openid-connect/connections.ts'

/** How far an identity is established. */
export type IdentityState = 'unproofed' | 'proofed' | 'face-matched'

export interface AccountStanding {
  /** Keeps the person out: every session ends and every token dies. False when there is no such account. */
  suspend(accountId: string): Promise<boolean>
  reinstate(accountId: string): Promise<boolean>
  /** Takes the account away with all that relying services know it by. */
  purge(accountId: string): Promise<boolean>
  /**
   * Sets what proofing has established, out of what a persona has to show.
   *
   * @returns `no_evidence` when the person has nothing to show
   */
  setIdentity(accountId: string, state: IdentityState): Promise<'done' | 'unknown' | 'no_evidence'>
}

export interface AccountStandingParts {
  accounts: Accounts
  sessions: Sessions
  connections: Connections
  events: AccountEvents
}

export function createAccountStanding(parts: AccountStandingParts): AccountStanding {
  const { accounts, sessions, connections, events } = parts
  return {
    async suspend(accountId) {
      const account = await accounts.find(accountId)
      if (!account) return false
      if (!account.isSuspended) {
        await events.publish({ kind: 'suspended', accountId })
        await accounts.setSuspended(accountId, true)
      }
      // After that: whoever signs in from now on is refused, and whoever did until now is signed out.
      await sessions.endAll(accountId, 'suspended')
      await connections.voidTokens(accountId)
      return true
    },
    async reinstate(accountId) {
      const account = await accounts.find(accountId)
      if (account?.isSuspended) {
        await events.publish({ kind: 'reinstated', accountId })
        await accounts.setSuspended(accountId, false)
      }
      return account !== undefined
    },
    async purge(accountId) {
      if (!(await accounts.find(accountId))) return false
      await events.publish({ kind: 'purged', accountId })
      await sessions.endAll(accountId, 'account_deleted')
      await connections.remove(accountId)
      return accounts.remove(accountId)
    },
    async setIdentity(accountId, state) {
      const account = await accounts.find(accountId)
      if (!account) return 'unknown'
      if (state === 'unproofed') {
        await accounts.setProfile(accountId, undefined)
        return 'done'
      }
      const identity = account.evidence?.identity ?? knownIdentity(account)
      if (!identity) return 'no_evidence'
      if (account.profile) await events.publish({ kind: 'reproofed', accountId })
      const faceMatched = state === 'face-matched'
      await accounts.setProfile(accountId, { ...identity, faceMatched, verifiedAt: now() })
      return 'done'
    },
  }
}

function knownIdentity({ profile }: Account) {
  if (!profile) return undefined
  const { faceMatched: _face, verifiedAt: _at, ...identity } = profile
  return identity
}
