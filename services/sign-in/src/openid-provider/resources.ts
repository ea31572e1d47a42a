import { serviceAccess } from '@gatehouse/contracts/access'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { ADMIN_AUDIENCE, CBSV_AUDIENCE, serviceAudience } from '@gatehouse/tokens/access-token'
import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'

/** The scope with which a relying service asks for CBSV verifications. */
export const CBSV_SCOPE = 'cbsv.verify'
/** The scope with which a relying service asks for the person's BSO User ID and EIN. */
export const BSO_SCOPE = 'bso'

/** The scope with which a client asks for the interface of the administrators' console. */
export const ADMIN_SCOPE = 'admin'

/** The audience of the interface for receivers of security events. */
export const SSF_AUDIENCE = 'urn:gatehouse:ssf'
/** What a relying service may do there in its own name (CAEP interoperability profile §2.7). */
export const SSF_SCOPES: readonly string[] = ['ssf.manage', 'ssf.read']

/** Five minutes, as the design has it: what a revocation has to reach dies soon by itself. */
const ACCESS_TOKEN_SECONDS = 300
/** No revocation reaches the token of a service for another: their interfaces ask for none, and it dies the sooner. */
const SERVICE_TOKEN_SECONDS = 60

function resourceServer(
  audience: string,
  scope: string,
  accessTokenTTL = ACCESS_TOKEN_SECONDS,
): ResourceServer {
  return {
    audience,
    scope,
    accessTokenTTL,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
}

/** Whether the client may ask for the console's interface. What its people may do there, the console knows. */
export function isForAdministrators(client: Pick<Client, 'scope'>): boolean {
  return client.scope?.split(' ').includes(ADMIN_SCOPE) ?? false
}

/** The scopes of `service` that a client may use, by the table of access. */
function scopesFor(clientId: string, service: (typeof SERVICE_NAMES)[number]): string[] {
  return Object.entries(serviceAccess[service])
    .filter(([, clients]) => (clients as readonly string[]).includes(clientId))
    .map(([scope]) => scope)
}

/**
 * What may be asked for with a resource indicator (RFC 8707): in a person's name CBSV and the administrators' console, by
 * relying services that registered their scopes; in a service's own name the interface of a service, by those that the table of access names. A
 * client that is both gets neither for the other: CBSV never opens without a person, nor a service to one.
 *
 * @throws InvalidTarget for every other resource
 */
export function resourceServerFor(
  { oidc }: KoaContextWithOIDC,
  resource: string,
  client: Client,
): ResourceServer {
  const inOwnName = oidc.params?.grant_type === 'client_credentials'
  if (resource === CBSV_AUDIENCE && !inOwnName) {
    if (client.scope?.split(' ').includes(CBSV_SCOPE)) return resourceServer(CBSV_AUDIENCE, CBSV_SCOPE)
    throw new errors.InvalidTarget('this client is not registered for CBSV')
  }
  if (resource === ADMIN_AUDIENCE && !inOwnName) {
    if (isForAdministrators(client)) return resourceServer(ADMIN_AUDIENCE, ADMIN_SCOPE)
    throw new errors.InvalidTarget('this client is not registered for the administrators’ console')
  }
  if (resource === SSF_AUDIENCE && inOwnName) {
    const scopes = client.scope?.split(' ').filter((scope) => SSF_SCOPES.includes(scope)) ?? []
    if (scopes.length > 0) return resourceServer(SSF_AUDIENCE, scopes.join(' '))
    throw new errors.InvalidTarget('this client is not registered for security events')
  }
  for (const service of SERVICE_NAMES) {
    if (resource !== serviceAudience(service) || !inOwnName) continue
    const scopes = scopesFor(client.clientId, service)
    if (scopes.length > 0) return resourceServer(resource, scopes.join(' '), SERVICE_TOKEN_SECONDS)
  }
  throw new errors.InvalidTarget('unknown resource')
}

/**
 * What a token is for whose request does not say: of a relying service in its own name there is one possibility, and
 * receivers of security events need not know resource indicators.
 *
 * @param oneOf resources that were granted before
 */
export function defaultResource(
  { oidc }: KoaContextWithOIDC,
  client: Client,
  oneOf?: readonly string[],
): string | readonly string[] | undefined {
  if (oneOf) return oneOf
  const isService = (SERVICE_NAMES as string[]).includes(client.clientId)
  if (oidc.params?.grant_type === 'client_credentials' && !isService) return SSF_AUDIENCE
  return undefined
}
