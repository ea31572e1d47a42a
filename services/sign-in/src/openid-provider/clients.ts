import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from '@gatehouse/contracts/services'
import { type ClientMetadata, errors } from 'oidc-provider'
import type { Offers } from '../federation/offered-providers.ts'
import { isReceiverAddress } from '../shared-signals/receiver-address.ts'
import { ADMIN_SCOPE, BSO_SCOPE, CBSV_SCOPE, SSF_SCOPES } from './resources.ts'

/** The command line client of the test profile: public, so that it needs no secret; its redirect is never opened. */
const COMMAND_LINE_CLIENT = 'gatehouse-cli'
const COMMAND_LINE_REDIRECT_URI = 'http://127.0.0.1/callback'

/** A service authenticates with its own key, which is fetched from it. */
function serviceClient(name: ServiceName, urls: ServiceUrls): ClientMetadata {
  return {
    client_id: name,
    client_name: name,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: `${urls[name]}/.well-known/jwks.json`,
  }
}

/** What a service is beside that when it sends people here. */
function relyingServiceAt(url: string): Partial<ClientMetadata> {
  return {
    client_uri: url,
    response_types: ['code'],
    redirect_uris: [`${url}/callback`],
    post_logout_redirect_uris: [`${url}/signed-out`],
    backchannel_logout_uri: `${url}/back-channel-logout`,
    backchannel_logout_session_required: true,
    id_token_signed_response_alg: 'ES256',
  }
}

/**
 * The clients that exist without registration: every service of the suite for its calls to the others, `bso`,
 * `ticket-portal` and `admin` as relying services, and in the test profile the command line.
 *
 * @param offers which providers they offer; who is not named there offers those that are offered to all
 * @param providerIds all providers: what the command line offers unless it is told otherwise
 */
export function staticClients(
  urls: ServiceUrls,
  profile: 'test' | 'live',
  offers: Offers,
  providerIds: readonly string[],
): ClientMetadata[] {
  const services = new Map(SERVICE_NAMES.map((name) => [name, serviceClient(name, urls)]))
  services.set('bso', {
    ...serviceClient('bso', urls),
    ...relyingServiceAt(urls.bso),
    client_name: 'Business Services Online',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: `openid profile ${BSO_SCOPE} ${CBSV_SCOPE}`,
  })
  services.set('ticket-portal', {
    ...serviceClient('ticket-portal', urls),
    ...relyingServiceAt(urls['ticket-portal']),
    client_name: 'Ticket Portal',
    grant_types: ['authorization_code'],
    scope: 'openid profile',
  })
  services.set('admin', {
    ...serviceClient('admin', urls),
    ...relyingServiceAt(urls.admin),
    client_name: 'Administrators’ console',
    grant_types: ['authorization_code', 'client_credentials'],
    scope: `openid profile email ${ADMIN_SCOPE}`,
  })
  const commandLine: ClientMetadata = {
    client_id: COMMAND_LINE_CLIENT,
    client_name: 'Gatehouse command line',
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [COMMAND_LINE_REDIRECT_URI],
    scope: `openid profile ${BSO_SCOPE} ${CBSV_SCOPE} ${ADMIN_SCOPE}`,
    token_endpoint_auth_method: 'none',
    identity_providers: providerIds,
  }
  return [...services.values(), ...(profile === 'test' ? [commandLine] : [])].map((client) => {
    const offered = offers[client.client_id]
    return offered ? { ...client, identity_providers: offered } : client
  })
}

/** The clients among them that send people here: those for which the configuration may say what they offer. */
export function relyingClientIds(profile: 'test' | 'live'): string[] {
  return ['bso', 'ticket-portal', 'admin', ...(profile === 'test' ? [COMMAND_LINE_CLIENT] : [])]
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** `https:`, an app's own scheme, or plain `http:` on the machine itself (RFC 9700 §2.6, RFC 8252 §7). */
function isRedirectUri(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol !== 'http:' || LOOPBACK_HOSTS.has(hostname)
}

/**
 * What a relying service may not register (RFC 7591 §2): it registers for sign-in and to hear of security events, and never
 * becomes a service of the suite. Who registers no scope may ask for `openid` alone: to the library no scope would mean all
 * of them.
 *
 * @throws InvalidClientMetadata naming the field and the rule
 */
export function settleClientMetadata(metadata: ClientMetadata, profile: 'test' | 'live'): void {
  if ((SERVICE_NAMES as string[]).includes(metadata.client_id)) return
  metadata.scope ||= 'openid'
  const hears = metadata.scope.split(' ').some((scope) => SSF_SCOPES.includes(scope))
  if (metadata.grant_types?.includes('client_credentials') && !hears) {
    throw new errors.InvalidClientMetadata(
      'grant_types may hold authorization_code and refresh_token, and client_credentials with the scopes ssf.manage and ssf.read',
    )
  }
  // RFC 6749 §4.4: whoever knows the name of a public client could act for it.
  if (
    metadata.grant_types?.includes('client_credentials') &&
    metadata.token_endpoint_auth_method === 'none'
  ) {
    throw new errors.InvalidClientMetadata(
      'grant_types may not hold client_credentials where token_endpoint_auth_method is none',
    )
  }
  const { backchannel_logout_uri: logoutUri } = metadata
  if (logoutUri !== undefined && !isReceiverAddress(logoutUri, profile)) {
    throw new errors.InvalidClientMetadata('backchannel_logout_uri must be an https address')
  }
  for (const field of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    const values: unknown = metadata[field]
    if (Array.isArray(values) && !values.every(isRedirectUri)) {
      throw new errors.InvalidClientMetadata(
        `${field} may hold https addresses, and http ones of this machine`,
      )
    }
  }
}

/**
 * What a relying service may register as the providers that it offers. Only looked at when it registers: a provider that
 * is taken away later is not offered any more, and the others stay.
 *
 * @throws InvalidClientMetadata naming the field and the rule
 */
export function checkIdentityProviders(value: unknown, providerIds: readonly string[]): void {
  if (value === undefined) return
  const isArray = Array.isArray(value) && value.length > 0 && new Set(value).size === value.length
  if (!isArray || !value.every((id) => providerIds.includes(id))) {
    throw new errors.InvalidClientMetadata(
      `identity_providers must be an array of one or more of ${providerIds.join(', ')}, each once`,
    )
  }
}
