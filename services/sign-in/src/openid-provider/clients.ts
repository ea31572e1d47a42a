import { SERVICE_NAMES, type ServiceUrls } from '@gatehouse/contracts/services'
import { type ClientMetadata, errors } from 'oidc-provider'
import { BSO_SCOPE, CBSV_SCOPE } from './resources.ts'

/** The command line client of the test profile: public, so that it needs no secret; its redirect is never opened. */
const COMMAND_LINE_CLIENT = 'gatehouse-cli'
const COMMAND_LINE_REDIRECT_URI = 'http://127.0.0.1/callback'

/**
 * The clients that exist without registration: every service of the suite for its calls to the others, `bso` as a
 * relying service beside that, and in the test profile the command line. Keys are fetched from the services.
 */
export function staticClients(urls: ServiceUrls, profile: 'test' | 'live'): ClientMetadata[] {
  const services = SERVICE_NAMES.map(
    (name): ClientMetadata => ({
      client_id: name,
      client_name: name,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: `${urls[name]}/.well-known/jwks.json`,
    }),
  )
  const relying: ClientMetadata = {
    client_id: 'bso',
    client_name: 'Business Services Online',
    client_uri: urls.bso,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`${urls.bso}/callback`],
    post_logout_redirect_uris: [`${urls.bso}/signed-out`],
    scope: `openid profile ${BSO_SCOPE} ${CBSV_SCOPE}`,
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: `${urls.bso}/.well-known/jwks.json`,
  }
  const commandLine: ClientMetadata = {
    client_id: COMMAND_LINE_CLIENT,
    client_name: 'Gatehouse command line',
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [COMMAND_LINE_REDIRECT_URI],
    scope: `openid profile ${BSO_SCOPE} ${CBSV_SCOPE}`,
    token_endpoint_auth_method: 'none',
  }
  return [
    ...services.filter(({ client_id }) => client_id !== 'bso'),
    relying,
    ...(profile === 'test' ? [commandLine] : []),
  ]
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** `https:`, an app's own scheme, or plain `http:` on the machine itself (RFC 9700 §2.6, RFC 8252 §7). */
function isRedirectUri(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol !== 'http:' || LOOPBACK_HOSTS.has(hostname)
}

/**
 * What a relying service may not register (RFC 7591 §2): it registers for sign-in and nothing else, and never becomes a
 * service of the suite. Who registers no scope may ask for `openid` alone: to the library no scope would mean all of them.
 *
 * @throws InvalidClientMetadata naming the field and the rule
 */
export function settleClientMetadata(metadata: ClientMetadata): void {
  if ((SERVICE_NAMES as string[]).includes(metadata.client_id)) return
  metadata.scope ||= 'openid'
  if (metadata.grant_types?.includes('client_credentials')) {
    throw new errors.InvalidClientMetadata('grant_types may hold authorization_code and refresh_token')
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
