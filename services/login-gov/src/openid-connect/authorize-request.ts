// The rules for an authorization request, in the order in which the wire reports them (fact sheet 2).

import type { Client, Clients } from '../clients/client.ts'
import { isRegistered, normalRedirectUri } from '../clients/redirect-uri.ts'
import { type AssuranceRequest, readAcrValues } from './assurance-levels.ts'
import type { ParameterError } from './messages.ts'
import { readScopes, type Scope } from './scopes.ts'

export const SHORTEST_RANDOM_VALUE = 22

/** The parameters that are read; any other is ignored, among them vtr and max_age. `locale` is read for all pages alike. */
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
  'verified_within',
] as const
export type AuthorizeParameters = Partial<Record<(typeof PARAMETERS)[number], string>>

export interface AuthorizeRequest {
  client: Client
  redirectUri: string
  assurance: AssuranceRequest
  scopes: Scope[]
  state: string
  nonce: string
  prompt: Prompt
  codeChallenge: string | undefined
  /** Milliseconds that the person's proofing may be old at most. */
  verifiedWithin: number | undefined
}

/** What the service as a whole allows, whoever asks. */
export interface AuthorizeRules {
  /** Face match is generally available; else nobody may ask for it. */
  facialMatchAvailable: boolean
  /** A scope above the level asked for is an error, not dropped in silence. */
  refusesUnauthorizedScope: boolean
}

/** As the real service is by default. */
const DEFAULT_RULES: AuthorizeRules = { facialMatchAvailable: true, refusesUnauthorizedScope: false }

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
  clients: Pick<Clients, 'find'>,
  rules = DEFAULT_RULES,
): CheckedAuthorizeRequest {
  const { state, nonce, prompt = 'select_account' } = parameters
  const redirectUri = parameters.redirect_uri ?? ''
  const client = clients.find(parameters.client_id ?? '')
  const assurance = readAcrValues(parameters.acr_values ?? '')
  const forProofing = mayAskForProofed(assurance, client)
  const scopes = readScopes(parameters.scope ?? '', forProofing)
  const verifiedWithin = client?.allowVerifiedWithin
    ? readDuration(parameters.verified_within)
    : { isReadable: true }

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
  if (!isPrompt(prompt)) report('prompt', 'inclusion')
  if (parameters.code_challenge !== undefined && parameters.code_challenge_method !== 'S256') {
    report('code_challenge_method', 'inclusion')
  }

  if (assurance.known.length === 0) report('acr_values', 'no_valid_acr_values')
  else if (!assurance.hasServiceLevel) report('acr_values', 'missing_ial')
  if (!client) report('client_id', 'bad_client_id')
  if (scopes.length === 0) report('scope', 'no_valid_scope')
  if (
    rules.refusesUnauthorizedScope &&
    !forProofing &&
    hasUnauthorizedScope(parameters.scope, scopes, client)
  ) {
    report('scope', 'unauthorized_scope')
  }
  if (!isAuthorizedFor(assurance, client, rules)) report('acr_values', 'no_auth')
  if (!isPromptAllowed(prompt, client)) report('prompt', 'prompt_invalid')
  if (!verifiedWithin.isReadable) report('verified_within', 'verified_within_format')
  else if (verifiedWithin.milliseconds !== undefined && verifiedWithin.milliseconds < SHORTEST_DURATION) {
    report('verified_within', 'verified_within_duration')
  }

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
    prompt: isPrompt(prompt) ? prompt : 'select_account',
    codeChallenge: parameters.code_challenge || undefined,
    verifiedWithin: verifiedWithin.milliseconds,
  }
  return { isValid: true, request }
}

const PROMPTS = ['create', 'login', 'select_account'] as const
type Prompt = (typeof PROMPTS)[number]

function isPrompt(text: string): text is Prompt {
  return (PROMPTS as readonly string[]).includes(text)
}

function isPromptAllowed(prompt: string, client: Client | undefined): boolean {
  if (prompt === 'login') return client?.allowPromptLogin === true
  if (prompt === 'create') return client?.allowPromptCreate === true
  return prompt === 'select_account'
}

const DAY = 86_400_000
const SHORTEST_DURATION = 30 * DAY
const UNITS = { d: 1, w: 7, m: 30, y: 365 } as const

/** `verified_within`: digits and a unit; nothing at all says nothing. */
function readDuration(text: string | undefined): { isReadable: boolean; milliseconds?: number } {
  if (text === undefined || isBlank(text)) return { isReadable: true }
  const [, digits, unit] = /^(\d+)([dwmy])$/.exec(text) ?? []
  if (digits === undefined) return { isReadable: false }
  return { isReadable: true, milliseconds: Number(digits) * UNITS[unit as keyof typeof UNITS] * DAY }
}

/** The real service compares texts here: unknown, repeated and too high values are unauthorized alike. */
function hasUnauthorizedScope(
  asked: string | undefined,
  allowed: readonly Scope[],
  client: Client | undefined,
): boolean {
  if (isBlank(asked)) return false
  if (allowed.includes('profile:verified_at') && (client?.ial ?? 0) < 2) return true
  const values = asked?.split(' ').filter(Boolean) ?? []
  return values.length !== allowed.length || !values.every((value) => (allowed as string[]).includes(value))
}

/** Whether scopes of a proofed identity are kept; a client for proofing that names no level is taken to want it. */
function mayAskForProofed(
  { hasServiceLevel, privilegeLevel }: AssuranceRequest,
  client: Client | undefined,
): boolean {
  if (!hasServiceLevel) return client?.ial === 2
  return privilegeLevel !== 'auth_only'
}

function isAuthorizedFor(
  { privilegeLevel, level }: AssuranceRequest,
  client: Client | undefined,
  { facialMatchAvailable }: AuthorizeRules,
): boolean {
  const asksForFace = level === 'facial_match_required' || level === 'facial_match_preferred'
  if (asksForFace && !facialMatchAvailable) return false
  if (privilegeLevel === 'ialmax') return client?.allowIalmax === true
  if (privilegeLevel === undefined || (privilegeLevel === 'auth_only' && !asksForFace)) return true
  return client?.ial === 2
}

function isBlank(value: string | undefined): boolean {
  return value === undefined || value.trim() === ''
}
