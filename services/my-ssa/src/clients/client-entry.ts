// What a registration may hold, the same in the file and over the API: client metadata by their names of RFC 7591.

import type { EntryProblem } from '@gatehouse/provider/clients/client-file'
import { type ClientMetadata, errors } from 'oidc-provider'
import { type Static, Type } from 'typebox'
import { SCOPES } from '../openid-provider/people.ts'
import { SIGNING_ALGORITHMS } from '../openid-provider/signing-keys.ts'

export const AUTHENTICATION_METHODS = [
  'private_key_jwt',
  'client_secret_basic',
  'client_secret_post',
] as const
export const AUTHENTICATION_ALGORITHMS = ['RS256', 'ES256'] as const

const strict = { additionalProperties: false }
const oneOf = <Value extends string>(values: readonly Value[], description?: string) =>
  Type.Unsafe<Value>({ type: 'string', enum: values, ...(description ? { description } : {}) })
const addresses = (minItems: number) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
    minItems,
    maxItems: 20,
    description: 'compared character by character',
  })

export const ClientId = Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' })

const registration = {
  client_id: ClientId,
  client_name: Type.String({ minLength: 1, maxLength: 255, description: 'what people read' }),
  application_type: Type.Optional(
    oneOf(['web', 'native'], 'default web; native may redirect to its own scheme'),
  ),
  redirect_uris: addresses(1),
  post_logout_redirect_uris: Type.Optional(addresses(0)),
  token_endpoint_auth_method: Type.Optional(oneOf(AUTHENTICATION_METHODS, 'default client_secret_basic')),
  token_endpoint_auth_signing_alg: Type.Optional(oneOf(AUTHENTICATION_ALGORITHMS, 'default: either')),
  jwks: Type.Optional(
    Type.Object(
      {
        keys: Type.Array(Type.Object({ kty: Type.String() }, { additionalProperties: true }), {
          minItems: 1,
          maxItems: 10,
        }),
      },
      { ...strict, description: 'public keys, for private_key_jwt' },
    ),
  ),
  id_token_signed_response_alg: Type.Optional(oneOf(SIGNING_ALGORITHMS, 'default RS256')),
  scope: Type.Optional(
    Type.String({ maxLength: 500, description: `what it may ask for; default ${SCOPES.join(' ')}` }),
  ),
}

/** A registration without its secret, as it is kept and shown. */
export const ClientEntry = Type.Object(registration, strict)
export type ClientEntry = Static<typeof ClientEntry>

const secret = Type.Optional(
  Type.String({
    pattern: '^[\\x21-\\x7e]{16,255}$',
    description:
      'needed for a new client that authenticates by it, else the present one stays; never shown again',
  }),
)

/** As the file and the API take it. */
export const ClientChange = Type.Object({ ...registration, client_secret: secret }, strict)
export type ClientChange = Static<typeof ClientChange>

export function authenticatesBySecret({ token_endpoint_auth_method: method }: ClientEntry): boolean {
  return method !== 'private_key_jwt'
}

/** The metadata that oidc-provider takes for a client. */
export function metadataOf(entry: ClientEntry, secretDigest: string | undefined): ClientMetadata {
  return {
    ...(entry as ClientMetadata),
    ...(secretDigest === undefined ? {} : { client_secret: secretDigest }),
    scope: entry.scope ?? SCOPES.join(' '),
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }
}

/**
 * What keeps a registration that fits its schema from being used all the same. The rules are oidc-provider's, which would
 * refuse the client where it is used.
 *
 * @param validate makes a client of the metadata, or throws
 */
export function entryProblems(
  { client_secret: given, ...entry }: ClientChange,
  validate: (metadata: ClientMetadata) => void,
): EntryProblem[] {
  if (given !== undefined && !authenticatesBySecret(entry)) {
    return [{ field: 'client_secret', rule: 'is not used with private_key_jwt' }]
  }
  const addresses = ['redirect_uris', 'post_logout_redirect_uris'] as const
  const malformed = addresses.filter((field) => entry[field]?.some((address) => !URL.canParse(address)))
  if (malformed.length > 0) return malformed.map((field) => ({ field, rule: 'must be absolute URIs' }))
  try {
    validate(metadataOf(entry, authenticatesBySecret(entry) ? 'a secret of the right form' : undefined))
    return []
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error
    return [problemIn(error)]
  }
}

/** The library's words begin with the field, but for keys; they hold no values. */
function problemIn({ error_description: text = '', cause }: errors.InvalidClientMetadata): EntryProblem {
  if (cause instanceof Error) return { field: 'jwks', rule: cause.message }
  const [first = '', ...rule] = text.split(' ')
  if (Object.hasOwn(registration, first)) return { field: first, rule: rule.join(' ') }
  return { field: /jwks|key/i.test(text) ? 'jwks' : 'redirect_uris', rule: text }
}
