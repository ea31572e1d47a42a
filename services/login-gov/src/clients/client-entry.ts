// What a registration may hold, the same in the file and over the API, and what makes one unusable.

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { EntryProblem } from '@gatehouse/provider/clients/client-file'
import { type Static, Type } from 'typebox'
import type { Client } from './client.ts'
import { normalRedirectUri } from './redirect-uri.ts'

const text = Type.String({ minLength: 1, maxLength: 10_000 })
const webAddress = Type.String({ pattern: '^https?://[^/\\s]+', maxLength: 2_000 })
const flag = (description: string) =>
  Type.Optional(Type.Boolean({ description: `${description}; default false` }))

export const ClientId = Type.String({
  minLength: 1,
  maxLength: 255,
  description: 'as the real service gives it out: a URN',
})

/** Names as the real service's own registrations have them. */
export const ClientEntry = Type.Object(
  {
    client_id: ClientId,
    friendly_name: Type.String({ minLength: 1, maxLength: 255, description: 'what people read' }),
    agency_id: Type.Union([Type.Integer(), text], {
      description: 'clients of one agency see the same sub for a person',
    }),
    ial: Type.Union([Type.Literal(1), Type.Literal(2)], {
      description: 'the most it may ask for: 1 sign-in alone, 2 proofed identity',
    }),
    pkce: Type.Optional(
      Type.Union([Type.Boolean(), Type.Null()], {
        description: 'true: PKCE only; false: private_key_jwt only; null, the default: either',
      }),
    ),
    public_keys: Type.Optional(
      Type.Array(
        Type.Union([text, Type.Object({ kty: Type.Literal('RSA') }, { additionalProperties: true })]),
        {
          maxItems: 20,
          description: 'PEM of a certificate or of a public key, or a JWK; RSA from 2048 bits',
        },
      ),
    ),
    redirect_uris: Type.Array(Type.String({ minLength: 1, maxLength: 2_000 }), {
      maxItems: 100,
      description: 'for coming back from sign-in and from logout alike',
    }),
    return_to_sp_url: Type.Optional(webAddress),
    failure_to_proof_url: Type.Optional(webAddress),
    push_notification_url: Type.Optional(webAddress),
    push_audience_is_client_id: flag('security events name the client as their audience instead of the URL'),
    allow_prompt_login: flag('may send prompt=login'),
    allow_prompt_create: flag('may send prompt=create'),
    allow_ialmax: flag('may ask for ial/0'),
    allow_verified_within: flag('verified_within is read'),
    default_aal: Type.Optional(
      Type.Union([Type.Literal(2), Type.Literal(3)], {
        description:
          'what a sign-in needs where a request names no AAL: 2 a fresh second factor, 3 one that resists phishing',
      }),
    ),
    active: Type.Optional(Type.Boolean({ description: 'default true' })),
  },
  { additionalProperties: false },
)
export type ClientEntry = Static<typeof ClientEntry>

const SMALLEST_KEY = 2048

/** What keeps an entry that fits its schema from being used all the same; nothing wrong, nothing in the list. */
export function entryProblems(entry: ClientEntry): EntryProblem[] {
  return readEntry(entry).problems
}

/** The client that a registration without problems describes. */
export function clientOf(entry: ClientEntry): Client {
  return readEntry(entry).client
}

function readEntry(entry: ClientEntry): { client: Client; problems: EntryProblem[] } {
  const problems: EntryProblem[] = []
  const report = (field: string, rule: string) => problems.push({ field, rule })
  const { public_keys: keys = [], pkce = null } = entry
  for (const [index, uri] of entry.redirect_uris.entries()) {
    const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(uri)
    if (!isAbsolute || !normalRedirectUri(uri)) report(`redirect_uris.${index}`, 'is not an absolute URI')
  }
  const addresses = ['return_to_sp_url', 'failure_to_proof_url', 'push_notification_url'] as const
  for (const field of addresses) {
    if (entry[field] !== undefined && !URL.canParse(entry[field])) report(field, 'is not a web address')
  }
  if (pkce === false && keys.length === 0) report('public_keys', 'needs a key, since pkce is false')
  const publicKeys = keys.flatMap((key, index) =>
    publicKey(key, (rule) => report(`public_keys.${index}`, rule)),
  )
  const client: Client = {
    clientId: entry.client_id,
    friendlyName: entry.friendly_name,
    agencyId: String(entry.agency_id),
    ial: entry.ial,
    pkce,
    publicKeys,
    redirectUris: entry.redirect_uris,
    returnToSpUrl: entry.return_to_sp_url,
    failureToProofUrl: entry.failure_to_proof_url,
    pushNotificationUrl: entry.push_notification_url,
    pushAudienceIsClientId: entry.push_audience_is_client_id ?? false,
    allowPromptLogin: entry.allow_prompt_login ?? false,
    allowPromptCreate: entry.allow_prompt_create ?? false,
    allowIalmax: entry.allow_ialmax ?? false,
    allowVerifiedWithin: entry.allow_verified_within ?? false,
    defaultAal: entry.default_aal,
    active: entry.active ?? true,
  }
  return { client, problems }
}

function publicKey(key: string | object, report: (rule: string) => void): KeyObject[] {
  let made: KeyObject
  try {
    // PEM of a key or of a certificate, or a JWK; of a private one only the public half is taken.
    made =
      typeof key === 'string'
        ? createPublicKey(key)
        : createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
  } catch {
    report('is neither a PEM nor a JWK of a public key')
    return []
  }
  if (made.asymmetricKeyType !== 'rsa') report('is not an RSA key')
  else if ((made.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_KEY) {
    report(`has fewer than ${SMALLEST_KEY} bits`)
  }
  return [made]
}
