// The OpenID provider: oidc-provider with our storage, accounts, claims and lifetimes. What a person sees on the way
// is in `steps/`; how requests get in here is in shared/openid-provider.

import { epochSeconds } from '@gatehouse/clock/clock'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { createProviderPages, type ProviderPages } from '@gatehouse/openid-provider/pages'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import type { JWK } from 'jose'
import Provider, { type AdapterFactory, type Configuration } from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import { type Offers, reachableLevels } from '../federation/offered-providers.ts'
import type { IdentityProvider } from '../federation/providers.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { isOnThisMachine } from '../shared-signals/receiver-address.ts'
import { createClaims } from './claims.ts'
import { checkIdentityProviders, settleClientMetadata, staticClients } from './clients.ts'
import { createEndedAccess, type JwtClaims } from './ended-access.ts'
import { createExistingGrant } from './existing-grant.ts'
import { signInPolicy } from './interaction-policy.ts'
import { createPairwiseSubject } from './pairwise-subject.ts'
import {
  ADMIN_SCOPE,
  BSO_SCOPE,
  CBSV_SCOPE,
  defaultResource,
  resourceServerFor,
  SSF_SCOPES,
} from './resources.ts'
import { createSessionSignIns } from './session-sign-ins.ts'
import { createTokenEndpoints } from './token-endpoints.ts'

interface Options {
  publicUrl: string
  urls: ServiceUrls
  profile: 'test' | 'live'
  keys: JWK[]
  adapter: AdapterFactory
  accounts: Accounts
  revocations: Revocations
  /** Where people may come from, and what the suite's own relying services offer of that. */
  providers: readonly IdentityProvider[]
  offers: Offers
  secrets: Secrets
  fetch: typeof fetch
  /** Whoever holds it may register relying services (RFC 7591 §3). */
  initialAccessToken: string
  log: FastifyBaseLogger
  pages: ProviderPages
}

const MINUTE = 60
const HOUR = 60 * MINUTE
/** No sign-in lasts longer than this without authenticating again (NIST 800-63B-4 §2.2.3 asks for 24 h at most). */
const SESSION_SECONDS = 12 * HOUR

/** Builds the provider around one set of signing keys; to rotate them, build it again: all state is in the storage. */
export function createProvider(options: Options): Provider {
  const { publicUrl, urls, profile, accounts, revocations, providers, secrets } = options
  const providerIds = providers.map(({ id }) => id)
  const sessionSignIns = createSessionSignIns(accounts, revocations)
  const endedAccess = createEndedAccess(accounts, revocations)
  const tokenEndpoints = createTokenEndpoints({
    issuer: publicUrl,
    keys: options.keys,
    accounts,
    revocations,
    endedAccess,
  })
  const secure = publicUrl.startsWith('https:')
  const pairwiseSubject = createPairwiseSubject(secrets, urls)
  const serviceOrigins = new Set(Object.values(urls).map((url) => new URL(url).origin))

  const { renderError, rpInitiatedLogout } = createProviderPages(options.pages)

  const configuration: Configuration = {
    adapter: options.adapter,
    clients: staticClients(urls, profile, options.offers, providerIds),
    jwks: { keys: options.keys as never[] },
    // Inside the suite the library's guard against private addresses would forbid the services themselves.
    fetch: (url, init) => {
      const { dispatcher, ...rest } = (init ?? {}) as RequestInit & { dispatcher?: unknown }
      const isOurs =
        serviceOrigins.has(new URL(String(url)).origin) ||
        (profile === 'test' && isOnThisMachine(String(url)))
      return isOurs ? options.fetch(url, rest) : fetch(url, init)
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/jwks',
      userinfo: '/userinfo',
      end_session: '/logout',
      registration: '/registration',
      pushed_authorization_request: '/request',
      revocation: '/revocation',
      introspection: '/introspection',
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: false },
      registration: {
        enabled: true,
        initialAccessToken: options.initialAccessToken,
        issueRegistrationAccessToken: false,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        getResourceServerInfo: resourceServerFor,
        // A token request without a resource gets the one that was granted (RFC 8707 §2.2).
        useGrantedResource: () => true,
      },
      rpInitiatedLogout,
      // Of a person who logs out; of what administrators end `back-channel-logout/` tells.
      backchannelLogout: { enabled: true },
      ...tokenEndpoints.features,
    },
    formats: {
      customizers: {
        jwt: async (_ctx, token, { payload }) => endedAccess.checkBeforeSigning(token, payload as JwtClaims),
      },
    },
    extraClientMetadata: {
      properties: ['grant_types', 'identity_providers'],
      validator: (ctx, key, value, metadata) => {
        if (key === 'grant_types') settleClientMetadata(metadata, profile)
        // There is no request but when a client registers.
        else if (ctx) checkIdentityProviders(value, providerIds)
      },
    },
    clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) => pairwiseSubject(accountId, client),
    clientDefaults: { subject_type: 'pairwise' },
    // The scopes of CBSV and of the console stand here because clients may register only scopes that stand here; what they open is decided by
    // the resource server.
    scopes: ['openid', CBSV_SCOPE, ADMIN_SCOPE, ...SSF_SCOPES],
    acrValues: [...reachableLevels(providers)],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'idp'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username'],
      email: ['email'],
      [BSO_SCOPE]: ['bso_user_id', 'ein', 'bso_services'],
    },
    // An access token for a resource does not open userinfo, so the ID token tells all that was granted.
    conformIdTokenClaims: false,
    ...createClaims(accounts, endedAccess),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    loadExistingGrant: createExistingGrant(accounts, sessionSignIns),
    interactions: {
      policy: signInPolicy(providers, sessionSignIns),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 5 * MINUTE,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 5 * MINUTE,
      AuthorizationCode: MINUTE,
      IdToken: 5 * MINUTE,
      Interaction: HOUR,
      // Counted from the authentication: using a session does not lengthen it.
      Session: (_ctx, session) =>
        session.loginTs ? Math.max(1, session.loginTs + SESSION_SECONDS - epochSeconds()) : SESSION_SECONDS,
      Grant: SESSION_SECONDS,
      RefreshToken: SESSION_SECONDS,
    },
    clockTolerance: 5,
    cookies: {
      // Only over https may a name have the prefix that keeps sibling hosts from planting a session (RFC 6265bis §4.1.3.2).
      // The other two have paths of their own, which it does not allow.
      names: {
        session: `${secure ? '__Host-' : ''}sign-in-session`,
        interaction: 'sign-in-interaction',
        resume: 'sign-in-resume',
      },
      keys: [secrets.key('cookies').toString('base64url')],
    },
    clientBasedCORS: () => false,
    renderError,
  }

  const provider = new Provider(publicUrl, configuration)
  // The mount tells every request's real scheme and host; nothing a client sends gets this far.
  provider.proxy = true
  endedAccess.attach(provider)
  tokenEndpoints.attach(provider)
  provider.on('server_error', (_ctx, error) => options.log.error({ err: error }, 'openid provider'))
  return provider
}
