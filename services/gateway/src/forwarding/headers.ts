// Which headers cross the gateway. What must always hold: the upstream reads an identity only from headers that the gateway set
// itself out of a verified token; a client can neither add, rename nor remove one (ASVS 4.1.3).

import { REQUEST_ID_HEADER } from '@gatehouse/contracts/calls'
import { Refusal } from '@gatehouse/http/refusal'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { connectionOptions, foldedName, HOP_BY_HOP, isHeaderName } from './header-names.ts'

const OWN_PREFIX = 'gatehouse-'

/** Not the upstream's business (credentials for the gateway), or set by us, or a claim about where the request came from. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'authorization',
  'cookie',
  'host',
  'expect',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'client-ip',
  REQUEST_ID_HEADER,
])

/** Forwarded under exactly these names; another spelling that a back end could take for one of them is dropped. */
const EXACT_ONLY: ReadonlySet<string> = new Set(['content-length', 'content-type', 'content-encoding'])

/** The claims that the upstream learns, and under which name. */
const IDENTITY_HEADERS: [header: string, claim: keyof AccessTokenClaims][] = [
  ['gatehouse-subject', 'sub'],
  ['gatehouse-client-id', 'client_id'],
  ['gatehouse-scope', 'scope'],
  ['gatehouse-sid', 'sid'],
  ['gatehouse-acr', 'acr'],
  ['gatehouse-idp', 'idp'],
  ['gatehouse-bso-user-id', 'bso_user_id'],
  ['gatehouse-ein', 'ein'],
]

export interface Forwarding {
  claims: AccessTokenClaims
  requestId: string
  /** The gateway's own access token for the upstream. */
  serviceToken: string
}

/**
 * The headers for the upstream, as a flat list of names and values.
 *
 * @param received the client's, as Node's `rawHeaders` gives them
 * @throws Refusal `ambiguous_request` for a name that is no token
 */
export function upstreamHeaders(
  received: string[],
  { claims, requestId, serviceToken }: Forwarding,
): string[] {
  const forwarded: string[] = []
  const ended = namedInConnection(received)
  for (let index = 0; index < received.length; index += 2) {
    const name = received[index] as string
    if (!isHeaderName(name))
      throw new Refusal('ambiguous_request', 'a header name holds a character that names cannot hold')
    if (isForwarded(name, ended)) forwarded.push(name, received[index + 1] as string)
  }
  forwarded.push(
    ...identityHeaders(claims),
    REQUEST_ID_HEADER,
    requestId,
    'authorization',
    `Bearer ${serviceToken}`,
  )
  return forwarded
}

function isForwarded(name: string, ended: ReadonlySet<string> | undefined): boolean {
  const folded = foldedName(name)
  if (ended?.has(folded) || NEVER_FORWARDED.has(folded)) return false
  if (folded.startsWith(OWN_PREFIX) || folded.startsWith('x-forwarded-')) return false
  return !EXACT_ONLY.has(folded) || folded === name.toLowerCase()
}

function namedInConnection(headers: string[]): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = headers[index + 1] as string
    // What nearly every client sends.
    if (value === 'keep-alive' || value === 'close') continue
    named ??= new Set()
    for (const option of connectionOptions(value)) named.add(foldedName(option))
  }
  return named
}

/** Verified claims are one frozen object for all requests with that token. */
const identities = new WeakMap<AccessTokenClaims, string[]>()

function identityHeaders(claims: AccessTokenClaims): string[] {
  const known = identities.get(claims)
  if (known) return known
  const headers: string[] = []
  for (const [header, claim] of IDENTITY_HEADERS) {
    const value = claims[claim]
    if (value === undefined) continue
    // A value that ends its line, or is trimmed on the way, would say something else than the token does.
    if (typeof value !== 'string' || !/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value)) {
      throw new Refusal(
        'invalid_token',
        undefined,
        {},
        { 'www-authenticate': 'Bearer realm="gatehouse", error="invalid_token"' },
      )
    }
    headers.push(header, value)
  }
  identities.set(claims, headers)
  return headers
}

/** The upstream's headers for the client, flat, without those that end at the connection between gateway and upstream. */
export function clientHeaders(received: Record<string, string | string[] | undefined>): string[] {
  const { connection } = received
  const ended = connection ? new Set(connectionOptions(String(connection))) : undefined
  const forwarded: string[] = []
  for (const name in received) {
    const value = received[name]
    if (value === undefined || HOP_BY_HOP.has(name) || ended?.has(name) || name.startsWith(OWN_PREFIX))
      continue
    if (typeof value === 'string') forwarded.push(name, value)
    else for (const one of value) forwarded.push(name, one)
  }
  return forwarded
}
