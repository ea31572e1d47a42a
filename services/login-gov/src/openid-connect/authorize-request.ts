// The rules for an authorization request, in the order in which the wire reports them (fact sheet 2).

import type { Client, Clients } from '../clients/client.ts'
import { isRegistered, normalRedirectUri } from '../clients/redirect-uri.ts'
import { type AssuranceRequest, readAcrValues } from './assurance-levels.ts'
import type { ParameterError } from './messages.ts'
import { readScopes, type Scope } from './scopes.ts'

export const SHORTEST_RANDOM_VALUE = 22

/** The parameters that are read; any other is ignored, among them vtr and max_age. */
const PARAMETERS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'acr_values',
  'scope',
  'state',
  'nonce',
  'prompt',
  'code_challenge',
  'code_challenge_method',
] as const
export type AuthorizeParameters = Partial<Record<(typeof PARAMETERS)[number], string>>

export interface AuthorizeRequest {
  client: Client
  redirectUri: string
  assurance: AssuranceRequest
  scopes: Scope[]
  state: string
  nonce: string
  prompt: 'select_account' | 'login'
  codeChallenge: string | undefined
}

export type CheckedAuthorizeRequest =
  | { isValid: true; request: AuthorizeRequest }
  /** `deliverTo` is where the errors may be sent; without it only the person gets to see them. */
  | { isValid: false; errors: ParameterError[]; deliverTo: string | undefined; state: string | undefined }

/** @param query the query of the request's URL; of a parameter given twice the last one counts */
export function readAuthorizeParameters(query: string): AuthorizeParameters {
  const given = new URLSearchParams(query)
  return Object.fromEntries(
    PARAMETERS.filter((name) => given.has(name)).map((name) => [name, given.getAll(name).at(-1)]),
  )
}

export function checkAuthorizeRequest(
  parameters: AuthorizeParameters,
  clients: Clients,
): CheckedAuthorizeRequest {
  const { state, nonce, prompt = 'select_account' } = parameters
  const redirectUri = parameters.redirect_uri ?? ''
  const client = clients.find(parameters.client_id ?? '')
  const assurance = readAcrValues(parameters.acr_values ?? '')
  const scopes = readScopes(parameters.scope ?? '', mayAskForProofed(assurance, client))

  const errors: ParameterError[] = []
  const report = (attribute: ParameterError['attribute'], message: ParameterError['message']) =>
    errors.push({ attribute, message })

  if (redirectUri === '' || normalRedirectUri(redirectUri) === undefined)
    report('redirect_uri', 'redirect_uri_invalid')
  else if (client && !isRegistered(redirectUri, client.redirectUris))
    report('redirect_uri', 'redirect_uri_no_match')

  if (assurance.known.length === 0) report('acr_values', 'blank')
  if (isBlank(parameters.client_id)) report('client_id', 'blank')
  if (isBlank(redirectUri)) report('redirect_uri', 'blank')
  if (scopes.length === 0) report('scope', 'blank')
  for (const [name, value] of [
    ['state', state],
    ['nonce', nonce],
  ] as const) {
    if (isBlank(value)) report(name, 'blank')
    if ((value ?? '').length < SHORTEST_RANDOM_VALUE) report(name, 'too_short')
  }
  if (parameters.response_type !== 'code') report('response_type', 'inclusion')
  if (isBlank(prompt)) report('prompt', 'blank')
  if (!PROMPTS.includes(prompt)) report('prompt', 'inclusion')
  if (parameters.code_challenge !== undefined && parameters.code_challenge_method !== 'S256') {
    report('code_challenge_method', 'inclusion')
  }

  if (assurance.known.length === 0) report('acr_values', 'no_valid_acr_values')
  else if (!assurance.hasServiceLevel) report('acr_values', 'missing_ial')
  if (!client) report('client_id', 'bad_client_id')
  if (scopes.length === 0) report('scope', 'no_valid_scope')
  if (!isAuthorizedFor(assurance, client)) report('acr_values', 'no_auth')
  // Nobody is allow-listed for `create`.
  const isPromptAllowed =
    prompt === 'select_account' || (prompt === 'login' && client?.allowPromptLogin === true)
  if (!isPromptAllowed) report('prompt', 'prompt_invalid')

  if (errors.length > 0 || !client) {
    const isDeliverable = !errors.some(
      ({ attribute }) => attribute === 'redirect_uri' || attribute === 'client_id',
    )
    return { isValid: false, errors, deliverTo: isDeliverable ? redirectUri : undefined, state }
  }
  const request: AuthorizeRequest = {
    client,
    redirectUri,
    assurance,
    scopes,
    state: state ?? '',
    nonce: nonce ?? '',
    prompt: prompt === 'login' ? 'login' : 'select_account',
    codeChallenge: parameters.code_challenge || undefined,
  }
  return { isValid: true, request }
}

const PROMPTS = ['create', 'login', 'select_account']

/** Whether scopes of a proofed identity are kept; a client for proofing that names no level is taken to want it. */
function mayAskForProofed(
  { hasServiceLevel, privilegeLevel }: AssuranceRequest,
  client: Client | undefined,
): boolean {
  if (!hasServiceLevel) return client?.ial === 2
  return privilegeLevel !== 'auth_only'
}

function isAuthorizedFor({ privilegeLevel, level }: AssuranceRequest, client: Client | undefined): boolean {
  const asksForFace = level === 'facial_match_required' || level === 'facial_match_preferred'
  // Nobody is allow-listed for ialmax.
  if (privilegeLevel === 'ialmax') return false
  if (privilegeLevel === undefined || (privilegeLevel === 'auth_only' && !asksForFace)) return true
  return client?.ial === 2
}

function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === ''
}
