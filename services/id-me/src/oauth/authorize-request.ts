// The rules for an authorization request (fact sheet 2, 3 and 6).

import type { Client, ClientPolicy, Clients } from '../clients/client.ts'
import { OAuthError } from './errors.ts'
import { readScope } from './policies.ts'

/** The parameters that are read; any other is ignored, among them `eid`, whose meaning nobody tells. */
const PARAMETERS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'state',
  'nonce',
  'op',
  'code_challenge',
  'code_challenge_method',
] as const
type Parameter = (typeof PARAMETERS)[number]

export interface AuthorizeRequest {
  client: Client
  redirectUri: string
  /** As it was asked for. */
  scope: string
  asked: ClientPolicy
  state: string | undefined
  nonce: string | undefined
  codeChallenge: string | undefined
  /** The person comes to open an account. */
  wantsSignUp: boolean
}

/** RFC 7636 §4.2: of S256 it is always the base64url of 32 bytes. */
const CHALLENGE = /^[\w-]{43}$/

/**
 * @param query the query of the request's URL
 * @throws OAuthError
 */
export function checkAuthorizeRequest(query: string, clients: Clients): AuthorizeRequest {
  const given = new URLSearchParams(query)
  for (const name of PARAMETERS) {
    // RFC 6749 §3.1
    if (given.getAll(name).length > 1) throw new OAuthError('invalid_request', `${name} is there twice`)
    // PostgreSQL keeps no NUL, and none of these has a use for any of its kind.
    if (/\p{Cc}/u.test(given.get(name) ?? ''))
      throw new OAuthError('invalid_request', `${name} has a control character`)
  }
  const read = (name: Parameter) => given.get(name) || undefined
  const required = (name: Parameter): string => {
    const value = read(name)
    if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`)
    return value
  }

  const clientId = required('client_id')
  const redirectUri = required('redirect_uri')
  const responseType = required('response_type')
  const client = clients.find(clientId)
  if (!client?.active) throw new OAuthError('invalid_client', 'client_id is not registered')
  if (!client.redirectUris.includes(redirectUri))
    throw new OAuthError('invalid_redirect_uri', 'redirect_uri is not registered for this client')
  if (responseType !== 'code') throw new OAuthError('unsupported_response_type', 'response_type must be code')
  const scope = read('scope') ?? ''
  return {
    client,
    redirectUri,
    scope: readScope(scope).values.join(' '),
    asked: policyIn(scope, client),
    state: read('state'),
    nonce: read('nonce'),
    codeChallenge: challengeIn(read('code_challenge'), read('code_challenge_method'), client),
    wantsSignUp: read('op') === 'signup',
  }
}

/**
 * The one policy that a scope names.
 *
 * @throws OAuthError unless it is one of the client's
 */
export function policyIn(scope: string, client: Client): ClientPolicy {
  const { policies } = readScope(scope)
  const [name, ...more] = policies
  if (name === undefined) throw new OAuthError('invalid_scope', 'scope names no policy')
  if (more.length > 0) throw new OAuthError('invalid_scope', 'scope names more than one policy')
  const policy = client.policies.get(name)
  if (!policy) throw new OAuthError('invalid_scope', 'scope names no policy of this client')
  return policy
}

function challengeIn(
  challenge: string | undefined,
  method: string | undefined,
  client: Client,
): string | undefined {
  if (challenge === undefined) {
    if (method !== undefined) throw new OAuthError('invalid_request', 'code_challenge is missing')
    if (client.requiresPkce) throw new OAuthError('invalid_request', 'this client must use PKCE')
    return undefined
  }
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  if (!CHALLENGE.test(challenge)) throw new OAuthError('invalid_request', 'code_challenge is not one of S256')
  return challenge
}
