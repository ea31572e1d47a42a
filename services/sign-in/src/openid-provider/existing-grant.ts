import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { SessionSignIns } from './session-sign-ins.ts'

/**
 * The grant that an authorization request continues. It never continues one of an earlier sign-in than the session tells
 * of: its tokens would tell of another provider, level or time. Nor does a request that asks for more than the earlier
 * grant decided: the person then chooses again, and one new grant holds all of it.
 */
export function createExistingGrant(accounts: Accounts, sessionSignIns: SessionSignIns) {
  return async function loadExistingGrant(ctx: KoaContextWithOIDC) {
    const { result, session, client, provider, prompts, resourceServers = {} } = ctx.oidc
    if (result?.consent?.grantId) return provider.Grant.find(result.consent.grantId)
    const earlier = client && session?.grantIdFor(client.clientId)
    // A native client is always asked about (RFC 8252 §8.6), as is whoever wants the choice made again.
    const chooseAgain = result?.login || prompts.has('consent') || client?.applicationType === 'native'
    if (!earlier || chooseAgain) return undefined
    const [facts, signIn] = await Promise.all([accounts.findGrantFacts(earlier), sessionSignIns.of(ctx.oidc)])
    if (!signIn || facts?.signInId !== signIn.signInId) return undefined
    const grant = await provider.Grant.find(earlier)
    if (!grant) return undefined
    const decided = new Set(grant.getOIDCScopeEncountered().split(' '))
    const isDecided = Object.entries(resourceServers).every(([resource, server]) => {
      const scopes = new Set(grant.getResourceScopeEncountered(resource).split(' '))
      return [...ctx.oidc.requestParamScopes].every((scope) => !server.scopes.has(scope) || scopes.has(scope))
    })
    return isDecided && [...ctx.oidc.requestParamOIDCScopes].every((scope) => decided.has(scope))
      ? grant
      : undefined
  }
}
