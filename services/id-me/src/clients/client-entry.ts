// What a registration may hold, the same in the file and over the API, and what makes one unusable.

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { EntryProblem } from '@gatehouse/provider/clients/client-file'
import { type Static, Type } from 'typebox'
import { ATTRIBUTES, type Attribute, DEFAULT_ATTRIBUTES } from '../oauth/attributes.ts'
import { POLICIES, type Policy } from '../oauth/policies.ts'
import { type Client, GRANT_TYPES } from './client.ts'
import { redirectUriProblem } from './redirect-uri.ts'

const strict = { additionalProperties: false }
const PolicyName = Type.String({ minLength: 1, maxLength: 100 })
const lifetime = (what: string) =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 31_536_000,
      description: `${what}, in seconds; default as in LIMITS`,
    }),
  )

export const ClientId = Type.String({
  pattern: '^[\\x21-\\x7e]{1,255}$',
  description: 'as ID.me gives it out: 32 hexadecimal characters',
})

const registration = {
  client_id: ClientId,
  name: Type.String({ minLength: 1, maxLength: 255, description: 'what people read' }),
  redirect_uris: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
    minItems: 1,
    maxItems: 100,
    description: 'for coming back from sign-in and from logout alike; compared character by character',
  }),
  policies: Type.Array(
    Type.Union([
      PolicyName,
      Type.Object(
        {
          policy: PolicyName,
          attributes: Type.Array(Type.Unsafe<Attribute>({ type: 'string', enum: ATTRIBUTES }), {
            maxItems: ATTRIBUTES.length,
            description: `what is told beside ${DEFAULT_ATTRIBUTES.join(', ')}`,
          }),
        },
        strict,
      ),
    ]),
    {
      minItems: 1,
      maxItems: 100,
      description:
        'the scopes that it may ask for; by its name alone a policy that verifies the identity tells everything, any other the e-mail addresses',
    },
  ),
  grant_types: Type.Optional(
    Type.Array(Type.Union(GRANT_TYPES.map((type) => Type.Literal(type))), {
      minItems: 1,
      maxItems: 2,
      description: 'default: both',
    }),
  ),
  require_pkce: Type.Optional(Type.Boolean({ description: 'default false' })),
  social_hyphens: Type.Optional(Type.Boolean({ description: 'social comes as 123-45-6789; default false' })),
  userinfo_encryption_key: Type.Optional(
    Type.Object(
      { kty: Type.Literal('RSA') },
      {
        additionalProperties: true,
        description: 'a public JWK, RSA from 2048 bits: userinfo is encrypted to it',
      },
    ),
  ),
  code_lifetime: lifetime('how long a code is good'),
  access_token_lifetime: lifetime('how long an access token is good'),
  refresh_token_lifetime: lifetime('how long a refresh token is good'),
  active: Type.Optional(Type.Boolean({ description: 'default true' })),
}

/** A registration without its secret, as it is kept and shown. */
export const ClientEntry = Type.Object(registration, strict)
export type ClientEntry = Static<typeof ClientEntry>

const SECRET = '^[\\x21-\\x7e]{16,255}$'

/** As the file has it. */
export const NewClientEntry = Type.Object(
  { ...registration, client_secret: Type.String({ pattern: SECRET }) },
  strict,
)
export type NewClientEntry = Static<typeof NewClientEntry>

/** As the API takes it: without a secret, the one that the client has stays. */
export const ClientChange = Type.Object(
  {
    ...registration,
    client_secret: Type.Optional(
      Type.String({
        pattern: SECRET,
        description: 'needed for a new client; never shown again',
      }),
    ),
  },
  strict,
)
export type ClientChange = Static<typeof ClientChange>

const SMALLEST_KEY = 2048

/** What keeps a registration that fits its schema from being used all the same. */
export function entryProblems(entry: ClientEntry): EntryProblem[] {
  const problems: EntryProblem[] = []
  const report = (field: string, rule: string) => problems.push({ field, rule })
  for (const [index, uri] of entry.redirect_uris.entries()) {
    const problem = redirectUriProblem(uri)
    if (problem) report(`redirect_uris.${index}`, problem)
  }
  const named = new Set<string>()
  for (const [index, given] of entry.policies.entries()) {
    const name = nameOf(given)
    if (!POLICIES.has(name)) report(`policies.${index}`, 'is not a policy of ID.me')
    if (named.has(name)) report(`policies.${index}`, 'is there twice')
    named.add(name)
  }
  const { userinfo_encryption_key: jwk } = entry
  if (jwk !== undefined) {
    const key = publicKey(jwk)
    if (!key) report('userinfo_encryption_key', 'is not a JWK of a public RSA key')
    else if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_KEY)
      report('userinfo_encryption_key', `has fewer than ${SMALLEST_KEY} bits`)
    // A private half has no business here; kept, it would stand readable in the database.
    else if ('d' in jwk) report('userinfo_encryption_key', 'holds a private key')
  }
  return problems
}

/** The client that a registration without problems describes. */
export function clientOf(entry: ClientEntry, secretDigest: string): Client {
  const { userinfo_encryption_key: jwk } = entry
  const seconds = (value: number | undefined) => (value === undefined ? undefined : value * 1_000)
  return {
    clientId: entry.client_id,
    secretDigest,
    name: entry.name,
    redirectUris: entry.redirect_uris,
    policies: new Map(
      entry.policies.map((given) => {
        const name = nameOf(given)
        const policy = POLICIES.get(name)
        if (!policy) throw new Error('a registered policy is not known')
        const more = typeof given === 'string' ? usualAttributes(policy) : given.attributes
        return [name, { policy, attributes: [...DEFAULT_ATTRIBUTES, ...more] }]
      }),
    ),
    grantTypes: entry.grant_types ?? GRANT_TYPES,
    requiresPkce: entry.require_pkce ?? false,
    encryptionKey: jwk && publicKey(jwk),
    encryptionKeyId: jwk && 'kid' in jwk && typeof jwk.kid === 'string' ? jwk.kid : undefined,
    hyphensInSocial: entry.social_hyphens ?? false,
    lifetimes: {
      codeMs: seconds(entry.code_lifetime),
      accessTokenMs: seconds(entry.access_token_lifetime),
      refreshTokenMs: seconds(entry.refresh_token_lifetime),
    },
    active: entry.active ?? true,
  }
}

/** What a policy tells where the registration does not say: all about who is verified, else how to reach the person. */
function usualAttributes({ identity }: Policy): readonly Attribute[] {
  return identity === 'verified' ? ATTRIBUTES : ['email', 'emails_confirmed']
}

function nameOf(given: ClientEntry['policies'][number]): string {
  return typeof given === 'string' ? given : given.policy
}

function publicKey(jwk: object): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    return undefined
  }
}
