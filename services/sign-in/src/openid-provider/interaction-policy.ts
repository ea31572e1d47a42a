import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { isAtOneOf, offeredBy, reachableLevels, requestedLevels } from '../federation/offered-providers.ts'
import type { IdentityProvider } from '../federation/providers.ts'
import type { SessionSignIns } from './session-sign-ins.ts'

const { Check, base } = interactionPolicy

/** When a session is not enough and the person signs in (again): what OpenID Connect Core asks for, and two rules of ours. */
export function signInPolicy(providers: readonly IdentityProvider[], sessionSignIns: SessionSignIns) {
  /** A session that came by way of a provider that the client does not offer is no session for it. */
  async function isOfForeignProvider({ oidc }: KoaContextWithOIDC): Promise<boolean> {
    if (!oidc.session?.accountId) return false
    const signIn = await sessionSignIns.of(oidc)
    return !offeredBy(oidc.client, providers).some(({ id }) => id === signIn?.idp)
  }

  /**
   * Asks for a level at most once in an authorization: `acr_values` is a wish (OpenID Connect Core §3.1.2.1). Whoever
   * declines goes on, and the ID token tells the level that it came to.
   */
  async function isBelowRequestedLevel({ oidc }: KoaContextWithOIDC): Promise<boolean> {
    const levels = requestedLevels(oidc.params)
    if (levels.length === 0 || !oidc.session?.accountId || oidc.result?.login) return false
    const reachable = reachableLevels(offeredBy(oidc.client, providers))
    if (!levels.some((level) => reachable.has(level))) return false
    const signIn = await sessionSignIns.of(oidc)
    return !signIn || !isAtOneOf(levels, signIn, providers)
  }

  const policy = base()
  const login = policy.get('login')
  if (!login) throw new Error('the library has no prompt for signing in')
  login.checks.add(
    new Check(
      'identity_provider',
      'the session came by way of an identity provider that this client does not offer',
      'login_required',
      isOfForeignProvider,
    ),
  )
  login.checks.add(
    new Check(
      'acr_values',
      'the session is at none of the requested levels',
      'login_required',
      isBelowRequestedLevel,
    ),
  )
  return policy
}
