// What tokens and userinfo say of a person: who they are, how they signed in, and for which User ID.

import { ADMIN_AUDIENCE } from '@gatehouse/tokens/access-token'
import type { AccessToken, Configuration } from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { GrantFacts } from '../accounts/sign-ins.ts'
import type { EndedAccess } from './ended-access.ts'

const epoch = (milliseconds: number) => Math.floor(milliseconds / 1000)

function personClaims(facts: GrantFacts) {
  return {
    acr: facts.acr ?? undefined,
    amr: facts.amr,
    auth_time: epoch(facts.authenticatedAt),
    idp: facts.idp,
    bso_user_id: facts.bsoUserId ?? undefined,
    ein: facts.ein ?? undefined,
  }
}

export function createClaims(accounts: Accounts, endedAccess: Pick<EndedAccess, 'isGrantEnded'>) {
  async function factsOf(grantId: string | undefined): Promise<GrantFacts> {
    const facts = grantId && (await accounts.findGrantFacts(grantId))
    // A token that could not say how its person signed in is not issued at all.
    if (!facts) throw new Error('a grant without the facts of its sign-in')
    return facts
  }

  /** The console takes up an administrator by e-mail address, and tells others who did what (RFC 9068 §2.2.2). */
  async function administratorClaims(token: AccessToken) {
    if (token.aud !== ADMIN_AUDIENCE) return {}
    const account = await accounts.find(token.accountId)
    const name = [account?.givenName, account?.familyName].filter(Boolean).join(' ')
    return { name: name || undefined, email: account?.email ?? undefined }
  }

  return {
    async findAccount(_ctx, accountId, token) {
      const account = await accounts.find(accountId)
      // Codes, refresh tokens and opaque access tokens are asked about at each use, until they are cleared away.
      const { grantId } = (token ?? {}) as { grantId?: string }
      if (!account || (await endedAccess.isGrantEnded(grantId))) return undefined
      return {
        accountId,
        async claims() {
          const facts = await factsOf(grantId)
          const { givenName, familyName, email } = account
          const name = [givenName, familyName].filter(Boolean).join(' ')
          return {
            sub: accountId,
            ...personClaims(facts),
            bso_services: facts.bsoUserId ? facts.bsoServices : undefined,
            given_name: givenName ?? undefined,
            family_name: familyName ?? undefined,
            name: name || undefined,
            preferred_username: facts.username ?? undefined,
            email: email ?? undefined,
          }
        },
      }
    },
    async extraTokenClaims(_ctx, token) {
      if (token.kind !== 'AccessToken') return undefined
      const facts = await factsOf(token.grantId)
      await accounts.touch(facts)
      return { ...personClaims(facts), ...(await administratorClaims(token)), sid: facts.sessionUid }
    },
  } satisfies Configuration
}
