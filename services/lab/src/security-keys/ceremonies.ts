// What a provider's page asks of a security key, checked as a browser would check it before any key hears of it
// (WebAuthn Level 3 §5.1.3 and §5.1.4.1): for which site, on whose behalf, and where the answer goes.

import { isIP } from 'node:net'
import { Refusal } from '@gatehouse/http/refusal'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

/** Unpadded base64url. */
const Bytes = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 2_000 })
const Credentials = Type.Optional(
  Type.Array(Type.Object({ id: Bytes, type: Type.String() }), { maxItems: 100 }),
)
const Text = Type.Optional(Type.String({ maxLength: 64 }))

/** Such as NUL, which PostgreSQL keeps in no text. */
export const NO_CONTROL_CHARACTERS = '^[^\\x00-\\x1f\\x7f]*$'

/** PublicKeyCredentialCreationOptionsJSON (§5.1.9), as far as a key heeds it; anything else in it is passed over. */
const CreationOptions = Type.Object({
  challenge: Bytes,
  rp: Type.Object({ id: Type.Optional(Type.String({ maxLength: 253 })) }),
  user: Type.Object({
    // 64 bytes at most (§5.4.3).
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,86}$' }),
    name: Type.String({ maxLength: 255, pattern: NO_CONTROL_CHARACTERS }),
  }),
  pubKeyCredParams: Type.Array(Type.Object({ alg: Type.Integer(), type: Type.String() }), { maxItems: 50 }),
  excludeCredentials: Credentials,
  authenticatorSelection: Type.Optional(
    Type.Object({
      authenticatorAttachment: Text,
      residentKey: Text,
      requireResidentKey: Type.Optional(Type.Boolean()),
    }),
  ),
  extensions: Type.Optional(Type.Object({ credProps: Type.Optional(Type.Boolean()) })),
})

/** PublicKeyCredentialRequestOptionsJSON (§5.1.10). */
const RequestOptions = Type.Object({
  challenge: Bytes,
  rpId: Type.Optional(Type.String({ maxLength: 253 })),
  allowCredentials: Credentials,
})

/** COSE's number for ECDSA with SHA-256 (RFC 9053 §2.1), the one algorithm of these keys. */
export const ES256 = -7

interface Ceremony {
  challenge: string
  rpId: string
  /** The provider's, which the answer names and signs. */
  origin: string
}

export interface Registration extends Ceremony {
  user: { id: string; name: string }
  /** Whether the site takes a key of the kind that is made here. */
  takesEs256: boolean
  excluded: string[]
  discoverable: boolean
  attachment: Attachment
  /** The site asks whether the credential is discoverable (the extension credProps, §10.1.3). */
  asksForProperties: boolean
}

export interface Assertion extends Ceremony {
  /** Any of these; empty: any discoverable one. */
  allowed: string[]
}

export type Attachment = 'cross-platform' | 'platform'

/** What the browser posts, or a program. */
export interface Asked {
  options: unknown
  origin: string
}

/** @throws Refusal `invalid_request` that names the field and the rule */
export function readRegistration(asked: Asked, providers: string[]): Registration {
  const options = readOptions(CreationOptions, asked.options)
  const { authenticatorSelection: wanted = {}, pubKeyCredParams: algorithms } = options
  const residentKey = wanted.residentKey ?? (wanted.requireResidentKey ? 'required' : 'discouraged')
  return {
    ...readCeremony(asked.origin, providers, options.rp.id, 'options.rp.id'),
    challenge: options.challenge,
    user: { id: options.user.id, name: options.user.name },
    // With an empty list the default holds, and ES256 is in it (§5.1.3 step 9).
    takesEs256:
      algorithms.length === 0 || algorithms.some(({ alg, type }) => alg === ES256 && type === 'public-key'),
    excluded: publicKeys(options.excludeCredentials),
    discoverable: residentKey === 'required' || residentKey === 'preferred',
    attachment: wanted.authenticatorAttachment === 'platform' ? 'platform' : 'cross-platform',
    asksForProperties: options.extensions?.credProps === true,
  }
}

/** @throws Refusal `invalid_request` that names the field and the rule */
export function readAssertion(asked: Asked, providers: string[]): Assertion {
  const options = readOptions(RequestOptions, asked.options)
  return {
    ...readCeremony(asked.origin, providers, options.rpId, 'options.rpId'),
    challenge: options.challenge,
    allowed: publicKeys(options.allowCredentials),
  }
}

/**
 * An address to which the browser goes on: at the provider and nowhere else, or the answer of a key would go to whoever
 * asks.
 *
 * @throws Refusal `invalid_request`
 */
export function addressAt(origin: string, address: string, field: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.origin !== origin || url.username || url.password)
    refuse(field, 'must be an address of the origin')
  return url.href
}

export function refuse(field: string, rule: string): never {
  throw new Refusal('invalid_request', undefined, { errors: [{ field: `body.${field}`, rule }] })
}

const publicKeys = (credentials: Static<typeof Credentials> = []) =>
  credentials.filter(({ type }) => type === 'public-key').map(({ id }) => id)

function readOptions<Schema extends TSchema>(schema: Schema, given: unknown): Static<Schema> {
  let options = given
  try {
    if (typeof given === 'string') options = JSON.parse(given)
  } catch {
    refuse('options', 'must be JSON')
  }
  if (Value.Check(schema, options)) return options
  const [error] = Value.Errors(schema, options)
  const path = (error?.instancePath ?? '').split('/').slice(1)
  refuse(['options', ...path].join('.'), error?.message ?? 'is not valid')
}

function readCeremony(origin: string, providers: string[], rpId: string | undefined, field: string) {
  if (!providers.includes(origin)) refuse('origin', 'must be the origin of a provider of this suite')
  const { hostname } = new URL(origin)
  if (isIP(hostname.replace(/^\[|\]$/g, ''))) refuse('origin', 'must have a domain name, not an IP address')
  const id = rpId ?? hostname
  // Only a domain with a dot can be registered: `com` is nobody's.
  const isSuffix = id.includes('.') && hostname.endsWith(`.${id}`)
  if (id !== hostname && !isSuffix) refuse(field, "must be the origin's host name or a domain that it is in")
  return { origin, rpId: id }
}
