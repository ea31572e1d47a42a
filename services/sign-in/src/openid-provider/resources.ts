import { serviceAccess } from '@gatehouse/contracts/access'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { CBSV_AUDIENCE, serviceAudience } from '@gatehouse/tokens/access-token'
import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'

/** The scope with which a relying service asks for CBSV verifications. */
export const CBSV_SCOPE = 'cbsv.verify'
/** The scope with which a relying service asks for the person's BSO User ID and EIN. */
export const BSO_SCOPE = 'bso'

/** Five minutes, as the design has it: what a revocation has to reach dies soon by itself. */
const ACCESS_TOKEN_SECONDS = 300

function resourceServer(audience: string, scope: string): ResourceServer {
  return {
    audience,
    scope,
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
}

/** The scopes of `service` that a client may use, by the table of access. */
function scopesFor(clientId: string, service: (typeof SERVICE_NAMES)[number]): string[] {
  return Object.entries(serviceAccess[service])
    .filter(([, clients]) => (clients as readonly string[]).includes(clientId))
    .map(([scope]) => scope)
}

/**
 * What may be asked for with a resource indicator (RFC 8707): in a person's name CBSV, by relying services that
 * registered its scope; in a service's own name the interface of a service, by those that the table of access names. A
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
  for (const service of SERVICE_NAMES) {
    if (resource !== serviceAudience(service) || !inOwnName) continue
    const scopes = scopesFor(client.clientId, service)
    if (scopes.length > 0) return resourceServer(resource, scopes.join(' '))
  }
  throw new errors.InvalidTarget('unknown resource')
}
