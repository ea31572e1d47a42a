// The relying services that sign-in knows: those of the suite, and those that were registered.

import { type Static, Type } from 'typebox'
import { type Order, orderedBy } from './administrators.ts'
import { Nothing, type ServiceCalls } from './calls.ts'
import { NextPage, type Page, withQuery } from './paging.ts'

const uri = () => Type.String({ minLength: 1, maxLength: 2048 })
const uris = () => Type.Array(uri(), { maxItems: 50 })
const word = () => Type.String({ minLength: 1, maxLength: 255 })

export const PublicKeys = Type.Object({
  keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: 20 }),
})

/** What a relying service registers, by the names of RFC 7591 §2. Sign-in decides what is allowed. */
export const RelyingServiceMetadata = Type.Object(
  {
    client_name: Type.String({ minLength: 1, maxLength: 200 }),
    client_uri: Type.Optional(uri()),
    contacts: Type.Optional(Type.Array(word(), { maxItems: 20 })),
    redirect_uris: uris(),
    post_logout_redirect_uris: Type.Optional(uris()),
    application_type: Type.Optional(word()),
    grant_types: Type.Optional(Type.Array(word(), { maxItems: 10 })),
    response_types: Type.Optional(Type.Array(word(), { maxItems: 10 })),
    scope: Type.Optional(Type.String({ maxLength: 1000 })),
    token_endpoint_auth_method: Type.Optional(word()),
    token_endpoint_auth_signing_alg: Type.Optional(word()),
    jwks_uri: Type.Optional(uri()),
    jwks: Type.Optional(PublicKeys),
    id_token_signed_response_alg: Type.Optional(word()),
    sector_identifier_uri: Type.Optional(uri()),
    default_max_age: Type.Optional(Type.Integer({ minimum: 0 })),
    default_acr_values: Type.Optional(Type.Array(word(), { maxItems: 10 })),
    require_auth_time: Type.Optional(Type.Boolean()),
    identity_providers: Type.Optional(Type.Array(word(), { maxItems: 20 })),
    backchannel_logout_uri: Type.Optional(uri()),
    backchannel_logout_session_required: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type RelyingServiceMetadata = Static<typeof RelyingServiceMetadata>

export const RelyingService = Type.Object({
  clientId: Type.String(),
  registration: Type.Union([
    Type.Literal('static', { description: 'comes with the suite, and is not changed here' }),
    Type.Literal('registered'),
  ]),
  registeredAt: Type.Optional(Type.Integer({ description: 'milliseconds' })),
  hasSecret: Type.Boolean(),
  metadata: Type.Partial(RelyingServiceMetadata),
})
export type RelyingService = Static<typeof RelyingService>
export const RelyingServices = Type.Object({ relyingServices: Type.Array(RelyingService), ...NextPage })

const clientSecret = Type.String({ description: 'shown this once' })
export const Registered = Type.Object({
  relyingService: RelyingService,
  clientSecret: Type.Optional(clientSecret),
})
export type Registered = Static<typeof Registered>
export const RotatedSecret = Type.Object({ clientSecret })

export const RegistrationOrder = Type.Object(
  { metadata: RelyingServiceMetadata, ...orderedBy },
  { additionalProperties: false },
)
/** Exactly one of both. */
export const KeysOrder = Type.Object(
  { jwks: Type.Optional(PublicKeys), jwks_uri: Type.Optional(uri()), ...orderedBy },
  { additionalProperties: false },
)

/**
 * Relying services (scope `clients.write`). Services of the suite that only call others are not among them.
 *
 * What sign-in refuses:
 * - `client_unknown` (404)
 * - `client_static` (409): it comes with the suite
 * - `client_changed` (409): somebody else changed it at the same time; read it again
 * - `client_without_secret` (409), `client_without_keys` (409): it authenticates otherwise
 * - `client_metadata_refused` (422): `detail` names the field and the rule; those with the scope `admin` the operator registers
 */
export function relyingServices(calls: ServiceCalls) {
  const scope = 'clients.write'
  const at = (clientId: string) => `/relying-services/${encodeURIComponent(clientId)}`
  return {
    /** The static ones come first. */
    list: (page: Page = {}) =>
      calls.call('sign-in', {
        scope,
        method: 'GET',
        path: withQuery(`/relying-services`, page),
        response: RelyingServices,
      }),
    find: (clientId: string) =>
      calls.call('sign-in', { scope, method: 'GET', path: at(clientId), response: RelyingService }),
    /** By the rules of `POST /registration` (RFC 7591). */
    register: (body: Static<typeof RegistrationOrder>) =>
      calls.call('sign-in', { scope, method: 'POST', path: '/relying-services', body, response: Registered }),
    /** The old secret ends at once. */
    rotateSecret: (clientId: string, body: Static<typeof Order>) =>
      calls.call('sign-in', {
        scope,
        method: 'POST',
        path: `${at(clientId)}/secrets`,
        body,
        response: RotatedSecret,
      }),
    /** The old keys end at once. */
    replaceKeys: (clientId: string, body: Static<typeof KeysOrder>) =>
      calls.call('sign-in', {
        scope,
        method: 'PUT',
        path: `${at(clientId)}/keys`,
        body,
        response: RelyingService,
      }),
    /** It can ask for nothing from then on. Tokens in flight are for a revocation of kind `client`, before this. */
    remove: (clientId: string, body: Static<typeof Order>) =>
      calls.call('sign-in', {
        scope,
        method: 'POST',
        path: `${at(clientId)}/removals`,
        body,
        response: Nothing,
      }),
  }
}
