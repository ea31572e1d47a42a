// The vocabulary of acr_values (fact sheet 2.3) and what comes back as acr, ial and aal (section 4).

import type { RequiredAuthentication } from '@gatehouse/provider/browser/destination'
import type { Authentication } from '@gatehouse/provider/sessions/store'
import type { Client } from '../clients/client.ts'

const NS = 'http://idmanagement.gov/ns/assurance'

type LevelKind = 'facial_match_required' | 'facial_match_preferred' | 'verified' | 'ialmax' | 'auth_only'

/** Values that say how far identity must be established; the first that was asked for decides. */
const SERVICE_LEVELS: { value: string; kind: LevelKind }[] = [
  { value: 'urn:acr.login.gov:verified-facial-match-required', kind: 'facial_match_required' },
  { value: `${NS}/ial/2?bio=required`, kind: 'facial_match_required' },
  { value: 'urn:acr.login.gov:verified-facial-match-preferred', kind: 'facial_match_preferred' },
  { value: `${NS}/ial/2?bio=preferred`, kind: 'facial_match_preferred' },
  { value: 'urn:acr.login.gov:verified', kind: 'verified' },
  { value: `${NS}/ial/2`, kind: 'verified' },
  { value: `${NS}/loa/3`, kind: 'verified' },
  { value: `${NS}/ial/0`, kind: 'ialmax' },
  { value: 'urn:acr.login.gov:auth-only', kind: 'auth_only' },
  { value: `${NS}/ial/1`, kind: 'auth_only' },
  { value: `${NS}/loa/1`, kind: 'auth_only' },
]

const DEFAULT_AAL = 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo'

type AuthenticationKind = 'hspd12' | 'phishing_resistant' | 'second_factor' | 'default'

/** Values that say how the person must sign in; the first that was asked for decides and is the `aal` claim. */
const AUTHENTICATION_LEVELS: { value: string; kind: AuthenticationKind }[] = [
  { value: `${NS}/aal/2?hspd12=true`, kind: 'hspd12' },
  { value: `${NS}/aal/3?hspd12=true`, kind: 'hspd12' },
  { value: `${NS}/aal/2?phishing_resistant=true`, kind: 'phishing_resistant' },
  { value: `${NS}/aal/3`, kind: 'phishing_resistant' },
  { value: `${NS}/aal/2`, kind: 'second_factor' },
  { value: DEFAULT_AAL, kind: 'default' },
]

/** Known, but good for nothing alone. */
const STRICT = `${NS}/ial/2?strict=true`

/** `acr_values_supported`, 18 strings. */
export const ACR_VALUES: readonly string[] = [
  ...SERVICE_LEVELS.map(({ value }) => value),
  STRICT,
  ...AUTHENTICATION_LEVELS.map(({ value }) => value),
].sort()

/** What a request asks for. */
export interface AssuranceRequest {
  /** The values that are known, in the order given. */
  known: string[]
  /** Whether any of them is a service level. */
  hasServiceLevel: boolean
  /** The level that decides what the person has to do and what the claims say. */
  level: LevelKind
  /**
   * The level by which the client's rights and scopes are judged. The real service compares text there, so a mixture
   * of both vocabularies counts as its URN (inferred in the fact sheet).
   */
  privilegeLevel: LevelKind | undefined
  /** The `aal` claim. */
  aal: string
  /** How the person must sign in, if the request says. */
  authentication: AuthenticationKind | undefined
}

export function readAcrValues(text: string): AssuranceRequest {
  const given = new Set(text.split(' '))
  const known = [...given].filter((value) => ACR_VALUES.includes(value))
  const levels = SERVICE_LEVELS.filter(({ value }) => given.has(value))
  const authentication = AUTHENTICATION_LEVELS.find(({ value }) => given.has(value))
  const largest = levels.toSorted((one, other) => (one.value < other.value ? 1 : -1))[0]
  return {
    known,
    hasServiceLevel: levels.length > 0,
    level: levels[0]?.kind ?? 'auth_only',
    privilegeLevel: largest?.kind,
    aal: authentication?.value ?? DEFAULT_AAL,
    authentication: authentication?.kind,
  }
}

/** Whether somebody must have a proofed identity to get through. */
function demandsProofing(level: LevelKind): boolean {
  return level !== 'auth_only' && level !== 'ialmax'
}

/** Whether a profile, if any, answers the request. */
export function isSatisfied(level: LevelKind, profile: { faceMatched: boolean } | undefined): boolean {
  if (!demandsProofing(level)) return true
  if (!profile) return false
  return level !== 'facial_match_required' || profile.faceMatched
}

/** The `acr` and `ial` claim: what was established, in the vocabulary in which it was asked for. */
export function assertedLevel(
  request: AssuranceRequest,
  profile: { faceMatched: boolean } | undefined,
): string {
  const usesUrns = request.known.some((value) => value.startsWith('urn:acr.login.gov:'))
  if (!profile || request.level === 'auth_only')
    return usesUrns ? 'urn:acr.login.gov:auth-only' : `${NS}/ial/1`
  const wantsFace = request.level === 'facial_match_required' || request.level === 'facial_match_preferred'
  if (wantsFace && profile.faceMatched) {
    return usesUrns ? 'urn:acr.login.gov:verified-facial-match-required' : `${NS}/ial/2?bio=required`
  }
  return usesUrns ? 'urn:acr.login.gov:verified' : `${NS}/ial/2`
}

/**
 * What the sign-in must have. A level of identity asks for AAL2 by itself, and the client's default counts only where the
 * request is silent (fact sheet 2.3); who is remembered gets by only at a client that never asks for proofing (6.3).
 */
export function requiredAuthentication(
  { level, authentication }: Pick<AssuranceRequest, 'level' | 'authentication'>,
  { defaultAal, ial }: Pick<Client, 'defaultAal' | 'ial'>,
): RequiredAuthentication {
  const byClient = { 2: 'second_factor', 3: 'phishing_resistant' } as const
  const kind = authentication ?? (defaultAal === undefined ? 'default' : byClient[defaultAal])
  const aal = kind === 'default' && level === 'auth_only' ? 1 : 2
  return {
    aal,
    phishingResistant: kind === 'phishing_resistant' || kind === 'hspd12',
    hspd12: kind === 'hspd12',
    allowsRememberedBrowser: aal === 1 && ial < 2,
  }
}

/** Methods that a look-alike site cannot use (fact sheet 6.2). */
const PHISHING_RESISTANT = ['webauthn', 'webauthn_platform', 'piv_cac']

/** Whether somebody has authenticated as `required`; who never did has not. */
export function isAuthenticatedAs(
  required: RequiredAuthentication,
  authentication: Authentication | undefined,
): boolean {
  const { methods = [], isRemembered = false } = authentication ?? {}
  if (!authentication || (isRemembered && !required.allowsRememberedBrowser)) return false
  if (required.hspd12) return methods.includes('piv_cac')
  if (required.phishingResistant) return methods.some((method) => PHISHING_RESISTANT.includes(method))
  return methods.some((method) => method !== 'password')
}
