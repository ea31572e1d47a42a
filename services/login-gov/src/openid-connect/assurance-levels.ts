// The vocabulary of acr_values (fact sheet 2.3) and what comes back as acr, ial and aal (section 4).

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

/** Values that say how the person must sign in; the first that was asked for is the `aal` claim. */
const AUTHENTICATION_LEVELS = [
  `${NS}/aal/2?hspd12=true`,
  `${NS}/aal/3?hspd12=true`,
  `${NS}/aal/2?phishing_resistant=true`,
  `${NS}/aal/3`,
  `${NS}/aal/2`,
  DEFAULT_AAL,
]

/** Known, but good for nothing alone. */
const STRICT = `${NS}/ial/2?strict=true`

/** `acr_values_supported`, 18 strings. */
export const ACR_VALUES: readonly string[] = [
  ...SERVICE_LEVELS.map(({ value }) => value),
  STRICT,
  ...AUTHENTICATION_LEVELS,
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
}

export function readAcrValues(text: string): AssuranceRequest {
  const given = new Set(text.split(' '))
  const known = [...given].filter((value) => ACR_VALUES.includes(value))
  const levels = SERVICE_LEVELS.filter(({ value }) => given.has(value))
  const largest = levels.toSorted((one, other) => (one.value < other.value ? 1 : -1))[0]
  return {
    known,
    hasServiceLevel: levels.length > 0,
    level: levels[0]?.kind ?? 'auth_only',
    privilegeLevel: largest?.kind,
    aal: AUTHENTICATION_LEVELS.find((value) => given.has(value)) ?? DEFAULT_AAL,
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
