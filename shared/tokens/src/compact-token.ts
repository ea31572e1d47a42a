// The form of an access token, checked before any key is touched: RFC 7515 §3.1 and §5.2, RFC 8725, RFC 9068 §2.

import type { AccessTokenClaims } from './access-token.ts'
import { DuplicateMember, parseJsonObject } from './json-object.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Longer tokens are refused unread. Ours have about 700 bytes. */
export const LONGEST_TOKEN = 8 * 1024

/** RFC 8725 §3.10: headers that bring a key or point at one, and `crit` and `b64` whose extensions this suite has none of. */
const REFUSED_HEADERS = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c']
const LONGEST_KEY_ID = 256

export interface CompactToken {
  readonly kid: string
  readonly alg: string
  readonly claims: AccessTokenClaims
  /** What was signed: the header and the payload as they were sent. */
  readonly signingInput: string
  readonly signature: Buffer
}

/** @throws TokenRefusal */
export function readCompactToken(token: string): CompactToken {
  if (token.length > LONGEST_TOKEN) throw new TokenRefusal('oversized')
  const parts = token.split('.', 4)
  const [header, payload, signature] = parts
  if (parts.length !== 3 || !header || !payload || !signature) throw new TokenRefusal('malformed')
  const { kid, alg } = checkHeader(readObject(header))
  return {
    kid,
    alg,
    claims: checkClaims(readObject(payload)),
    signingInput: token.slice(0, header.length + 1 + payload.length),
    signature: decodeCanonical(signature),
  }
}

/** Whatever base64 reads leniently (padding, white space, `+`, stray bits in the last letter) is not written back the same. */
function decodeCanonical(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) throw new TokenRefusal('malformed')
  return bytes
}

function readObject(part: string): Record<string, unknown> {
  const bytes = decodeCanonical(part)
  try {
    return parseJsonObject(bytes)
  } catch (error) {
    throw new TokenRefusal(error instanceof DuplicateMember ? 'duplicate_member' : 'malformed')
  }
}

function checkHeader(header: Record<string, unknown>): { kid: string; alg: string } {
  if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) throw new TokenRefusal('refused_header')
  // RFC 9068 §4: an ID token or a logout token must not pass for an access token.
  if (header.typ !== 'at+jwt' && header.typ !== 'application/at+jwt') throw new TokenRefusal('wrong_type')
  const { kid, alg } = header
  if (typeof alg !== 'string') throw new TokenRefusal('wrong_algorithm')
  if (!isText(kid) || kid.length > LONGEST_KEY_ID) throw new TokenRefusal('no_key_id')
  return { kid, alg }
}

const REQUIRED_TEXTS = ['iss', 'sub', 'client_id', 'jti']
const OPTIONAL_TEXTS = ['scope', 'sid', 'acr', 'idp', 'bso_user_id', 'ein']
const REQUIRED_TIMES = ['iat', 'exp']
const OPTIONAL_TIMES = ['nbf', 'auth_time']

/** RFC 9068 §2.2: the required claims are there, and every claim that is read has its type. */
function checkClaims(claims: Record<string, unknown>): AccessTokenClaims {
  const own = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
  const isSound =
    REQUIRED_TEXTS.every((name) => isText(own(name))) &&
    REQUIRED_TIMES.every((name) => isTime(own(name))) &&
    OPTIONAL_TEXTS.every((name) => own(name) === undefined || typeof own(name) === 'string') &&
    OPTIONAL_TIMES.every((name) => own(name) === undefined || isTime(own(name))) &&
    (isText(own('aud')) || isListOfTexts(own('aud'))) &&
    (own('amr') === undefined || isListOfTexts(own('amr')))
  if (!isSound) throw new TokenRefusal('bad_claim')
  for (const value of Object.values(claims)) if (typeof value === 'object') Object.freeze(value)
  return Object.freeze(claims) as unknown as AccessTokenClaims
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isText)
}

/** A NumericDate (RFC 7519 §2) that milliseconds can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1e11
}
