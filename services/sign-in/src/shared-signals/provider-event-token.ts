// Security event tokens that an identity provider pushes to us (RFC 8417, RFC 8935; of Login.gov the older form of RISC,
// facts: login-gov §7.1), checked before anything is believed.

import { epochSeconds } from '@gatehouse/clock/clock'
import { parseJsonObject } from '@gatehouse/tokens/json-object'
import type { KeySource } from '@gatehouse/tokens/key-source'
import { errors, type JWTPayload, jwtVerify } from 'jose'

/** RFC 8935 §2.4. */
type ErrorCode = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience'

/** What is answered to the provider: a code and the rule, and nothing of the token. */
export class ProviderEventRefused extends Error {
  readonly err: ErrorCode
  constructor(err: ErrorCode, description: string) {
    super(description)
    this.err = err
  }
}

/** One event of a token. */
interface ProviderEvent {
  /** The whole URI. */
  type: string
  /** The person, as this provider names them; undefined where the event is about something else, such as an address. */
  subject: string | undefined
}

export interface ProviderEventToken {
  jti: string
  /** Epoch seconds. */
  iat: number
  exp: number
  events: ProviderEvent[]
}

/** Seconds by which two clocks may differ, as with its ID tokens. */
const CLOCK_TOLERANCE = 30
/** Login.gov's are good for 12 hours. */
const LONGEST_LIFETIME = 24 * 60 * 60
const LONGEST_TOKEN = 32 * 1024
/** RISC and CAEP have one. */
const MOST_EVENTS = 10

interface Options {
  /** The provider's issuer identifier, exactly. */
  issuer: string
  audience: string
  keys: () => Promise<KeySource>
}

/**
 * @returns a function that reads a token
 * @throws ProviderEventRefused; KeysUnavailable when the token cannot be judged
 */
export function createProviderEventTokens({ issuer, audience, keys }: Options) {
  async function verified(token: string): Promise<JWTPayload> {
    refuseAmbiguous(token)
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const found = kid === undefined ? undefined : await (await keys()).find(kid)
          if (found?.algorithm !== 'RS256') throw new ProviderEventRefused('invalid_key', 'kid is not known')
          return found.key
        },
        {
          algorithms: ['RS256'],
          typ: 'secevent+jwt',
          issuer,
          audience,
          requiredClaims: ['iat', 'exp', 'jti', 'events'],
          clockTolerance: CLOCK_TOLERANCE,
        },
      )
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusalOf(error)
      throw error
    }
  }

  return async function read(token: string): Promise<ProviderEventToken> {
    const { iat = 0, exp = 0, jti, events } = await verified(token)
    if (typeof jti !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(jti))
      throw refused('jti must be a short text')
    if (iat > epochSeconds() + CLOCK_TOLERANCE) throw refused('iat is in the future')
    if (exp - iat > LONGEST_LIFETIME) throw refused('exp is too far ahead')
    if (!isObject(events)) throw refused('events must be an object')
    const all = Object.entries(events)
    if (all.length === 0 || all.length > MOST_EVENTS) throw refused('events must have one event')
    return { jti, iat, exp, events: all.map(([type, event]) => eventOf(type, event)) }
  }

  function eventOf(type: string, event: unknown): ProviderEvent {
    if (!isObject(event) || type.length > 200) throw refused('an event must be an object under its type')
    // RFC 9493 has `format`; RISC before it, and Login.gov, `subject_type` with the value `iss-sub`.
    const { format, subject_type: before, iss, sub } = isObject(event.subject) ? event.subject : {}
    const kind = format ?? before
    if (kind !== 'iss_sub' && kind !== 'iss-sub') {
      if (typeof kind !== 'string') throw refused('subject must say what it is')
      return { type, subject: undefined }
    }
    if (iss !== issuer) throw refused('subject.iss is not this issuer')
    if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw refused('subject.sub must be a text')
    return { type, subject: sub }
  }
}

const refused = (description: string) => new ProviderEventRefused('invalid_request', description)

function refusalOf(error: errors.JOSEError): ProviderEventRefused {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new ProviderEventRefused('invalid_key', 'the signature is not valid')
  if (error instanceof errors.JWTExpired) return refused('the token has expired')
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return new ProviderEventRefused('invalid_issuer', 'iss is not this issuer')
    if (error.claim === 'aud') return new ProviderEventRefused('invalid_audience', 'aud is not this receiver')
    return refused(`${error.claim} is not as it must be`)
  }
  return refused('the body must be a signed security event token')
}

/** What two parsers could read differently is refused (RFC 8725 §2.4). */
function refuseAmbiguous(token: string): void {
  const parts = token.split('.')
  if (token.length > LONGEST_TOKEN || parts.length !== 3)
    throw refused('the body must be a signed security event token')
  try {
    for (const part of parts.slice(0, 2)) parseJsonObject(Buffer.from(part, 'base64url'))
  } catch {
    throw refused('the token must hold JSON objects that name no member twice')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
