// Reads the file of relying services and makes sure that all of it can be used.

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Client, Clients } from './client.ts'
import { normalRedirectUri } from './redirect-uri.ts'

const text = Type.String({ minLength: 1 })
const webAddress = Type.String({ pattern: '^https?://[^/\\s]+' })

/** Names as the real service's own registrations have them. */
const ClientEntry = Type.Object(
  {
    client_id: text,
    friendly_name: text,
    agency_id: Type.Union([Type.Integer(), text]),
    ial: Type.Union([Type.Literal(1), Type.Literal(2)]),
    pkce: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    public_keys: Type.Optional(Type.Array(Type.Union([text, Type.Object({ kty: Type.Literal('RSA') })]))),
    redirect_uris: Type.Array(text),
    return_to_sp_url: Type.Optional(webAddress),
    failure_to_proof_url: Type.Optional(webAddress),
    allow_prompt_login: Type.Optional(Type.Boolean()),
    active: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
type ClientEntry = Static<typeof ClientEntry>
const ClientFile = Type.Array(ClientEntry)

const SMALLEST_KEY = 2048

/**
 * @param path the file that `CLIENTS_FILE` names
 * @throws ConfigurationError naming every entry and field that cannot be used, never what they hold
 */
export async function readClients(path: string): Promise<Clients> {
  const entries = await entriesOf(path)
  const problems: string[] = []
  const clients = new Map<string, Client>()
  for (const [index, entry] of entries.entries()) {
    const report = (field: string, rule: string) => problems.push(`[${index}].${field} ${rule}`)
    if (clients.has(entry.client_id)) report('client_id', 'is registered twice')
    clients.set(entry.client_id, clientOf(entry, report))
  }
  if (problems.length > 0) throw new ConfigurationError(`CLIENTS_FILE is not usable: ${problems.join('; ')}`)
  return { find: (clientId) => clients.get(clientId) }
}

async function entriesOf(path: string): Promise<ClientEntry[]> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new ConfigurationError('CLIENTS_FILE cannot be read')
  })
  const entries = json(content)
  if (Value.Check(ClientFile, entries)) return entries
  const problems = Value.Errors(ClientFile, entries).map(({ instancePath, message, params }) => {
    const more = params as { requiredProperties?: string[]; additionalProperties?: string[] }
    const fields = more.requiredProperties ?? more.additionalProperties ?? []
    return `${instancePath || 'it'} ${message}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`
  })
  throw new ConfigurationError(`CLIENTS_FILE is not usable: ${problems.join('; ')}`)
}

function clientOf(entry: ClientEntry, report: (field: string, rule: string) => void): Client {
  const { public_keys: keys = [], pkce = null } = entry
  for (const [index, uri] of entry.redirect_uris.entries()) {
    const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(uri)
    if (!isAbsolute || !normalRedirectUri(uri)) report(`redirect_uris[${index}]`, 'is not an absolute URI')
  }
  if (pkce === false && keys.length === 0) report('public_keys', 'needs a key, since pkce is false')
  const publicKeys = keys.flatMap((key, index) =>
    publicKey(key, (rule) => report(`public_keys[${index}]`, rule)),
  )
  return {
    clientId: entry.client_id,
    friendlyName: entry.friendly_name,
    agencyId: String(entry.agency_id),
    ial: entry.ial,
    pkce,
    publicKeys,
    redirectUris: entry.redirect_uris,
    failureToProofUrl: entry.failure_to_proof_url,
    allowPromptLogin: entry.allow_prompt_login ?? false,
    active: entry.active ?? true,
  }
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

function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
