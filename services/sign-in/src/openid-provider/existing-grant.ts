import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * The grant that an authorization request continues. A fresh authentication never continues an earlier grant, whose
 * tokens would tell of the earlier one; nor does a request that asks for more than the earlier grant decided: the
 * person then chooses again, and one new grant holds all of it.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC) {
  const { result, session, client, provider, prompts, resourceServers = {} } = ctx.oidc
  if (result?.consent?.grantId) return provider.Grant.find(result.consent.grantId)
  const earlier = client && session?.grantIdFor(client.clientId)
  // A native client is always asked about (RFC 8252 §8.6), as is whoever wants the choice made again.
  const chooseAgain = result?.login || prompts.has('consent') || client?.applicationType === 'native'
  const grant = earlier && !chooseAgain ? await provider.Grant.find(earlier) : undefined
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
