// The OpenID provider: oidc-provider with our storage, people, claims and lifetimes. What a person sees on the way is in the
// folders of the pages; how requests get in here is in shared/openid-provider.

import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { createProviderPages } from '@gatehouse/openid-provider/pages'
import type { Limits } from '@gatehouse/provider/limits'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import type { JWK } from 'jose'
import Provider, { type AdapterFactory, type Configuration } from 'oidc-provider'
import { AUTHENTICATION_ALGORITHMS, AUTHENTICATION_METHODS } from '../clients/client-entry.ts'
import type { LIMITS } from '../limits.ts'
import { PAGES } from './pages.ts'
import { CLAIMS, type People, SCOPES } from './people.ts'
import { grantAll, signInPolicy } from './policy.ts'
import { SIGNING_ALGORITHMS } from './signing-keys.ts'
import { pairwiseSubject } from './subjects.ts'

export interface ProviderParts {
  publicUrl: string
  keys: JWK[]
  adapter: AdapterFactory
  people: People
  limits: Limits<typeof LIMITS>
  secrets: Secrets
  /** What is kept of a client secret. */
  digestSecret(secret: string): string
  log: FastifyBaseLogger
}

const seconds = (milliseconds: number) => Math.max(1, Math.floor(milliseconds / 1000))

export function createProvider(parts: ProviderParts): Provider {
  const { publicUrl, people, limits, secrets } = parts
  const { renderError, rpInitiatedLogout } = createProviderPages(PAGES)

  const configuration: Configuration = {
    adapter: parts.adapter,
    jwks: { keys: parts.keys as never[] },
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/jwks',
      userinfo: '/userinfo',
      end_session: '/logout',
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout,
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGORITHMS],
      clientAuthSigningAlgValues: [...AUTHENTICATION_ALGORITHMS],
    },
    clientAuthMethods: [...AUTHENTICATION_METHODS],
    responseTypes: ['code'],
    // OpenID Connect Core §3.1.2.1 and §3.1.3.1 require redirect_uri.
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) =>
      pairwiseSubject(secrets, client.sectorIdentifier as string | undefined, accountId),
    clientDefaults: { subject_type: 'pairwise' },
    acrValues: Object.values(MY_SSA_ACR),
    scopes: SCOPES,
    claims: CLAIMS,
    async findAccount(_ctx, accountId) {
      const account = await people.find(accountId)
      if (!account) return undefined
      return { accountId, claims: async () => ({ sub: accountId, ...(await people.claims(account)) }) }
    },
    interactions: {
      policy: signInPolicy(),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    loadExistingGrant: grantAll,
    ttl: {
      AccessToken: seconds(limits.accessTokenMs),
      AuthorizationCode: seconds(limits.authorizationCodeMs),
      IdToken: seconds(limits.idTokenMs),
      Interaction: seconds(limits.interactionMs),
      Session: seconds(limits.sessionLongestMs),
      Grant: seconds(limits.sessionLongestMs),
    },
    clockTolerance: 5,
    cookies: {
      // Cookies ignore ports, so the names carry the service.
      names: {
        session: 'my-ssa-logout',
        interaction: 'my-ssa-interaction',
        resume: 'my-ssa-resume',
      },
      // oidc-provider's own session serves to log out alone. Elsewhere it does not come: a sign-in of another person than
      // the last would first have to be cleared by a form that only a script sends.
      long: { httpOnly: true, sameSite: 'lax', overwrite: true, signed: true, path: '/logout' },
      keys: [secrets.key('provider cookies').toString('base64url')],
    },
    clientBasedCORS: () => false,
    renderError,
  }

  const provider = new Provider(publicUrl, configuration)
  // The mount tells every request's real scheme and host; nothing a client sends gets this far.
  provider.proxy = true
  provider.Client.prototype.compareClientSecret = function compareClientSecret(actual) {
    // Both are digests, so that comparing them tells nothing about the secret by the time it takes.
    return this.clientSecret !== undefined && parts.digestSecret(actual) === this.clientSecret
  }
  provider.on('server_error', (_ctx, error) => parts.log.error({ err: error }, 'openid provider'))
  return provider
}
