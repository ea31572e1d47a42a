import { createHash } from 'node:crypto'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { KeySource } from '@gatehouse/tokens/key-source'
import { errors, type JWTPayload, jwtVerify } from 'jose'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Ours have about 600 bytes. */
const LONGEST_TOKEN = 8 * 1024
/** Seconds by which two clocks may differ. */
const CLOCK_TOLERANCE = 5

/** A logout token says so, and the website may act on it. */
export interface LogoutToken {
  /** As this website knows the person. */
  subject: string | undefined
  /** The session at sign-in, as ID tokens of this website name it. */
  sid: string | undefined
  /** Epoch seconds. */
  issuedAt: number
}

/** The message names the rule that was broken, and nothing of the token. */
export class LogoutTokenRefused extends Error {}

interface Options {
  issuer: string
  clientId: string
  /** The keys with which sign-in signs. */
  keys: KeySource
  keyValue: KeyValue
}

/**
 * Reads logout tokens by OpenID Connect Back-Channel Logout 1.0 §2.6: each is good once.
 *
 * @returns a function of what was posted as `logout_token`, which throws LogoutTokenRefused, or KeysUnavailable when
 * the token cannot be judged
 */
export function createLogoutTokens({ issuer, clientId, keys, keyValue }: Options) {
  return async function read(token: unknown): Promise<LogoutToken> {
    if (typeof token !== 'string' || token.length > LONGEST_TOKEN)
      throw new LogoutTokenRefused('logout_token must be given')
    const claims = await verified(token)
    const { sub, sid, iat = 0, exp = 0, jti, events, nonce } = claims
    if (nonce !== undefined) throw new LogoutTokenRefused('a nonce makes it an ID token')
    const event = isObject(events) ? events[LOGOUT_EVENT] : undefined
    if (!isObject(event)) throw new LogoutTokenRefused('events must have the logout event')
    if (sid !== undefined && (typeof sid !== 'string' || sid === ''))
      throw new LogoutTokenRefused('sid must be a text')
    if (!sub && sid === undefined) throw new LogoutTokenRefused('sub or sid must be there')
    if (typeof jti !== 'string' || jti === '') throw new LogoutTokenRefused('jti must be a text')
    const digest = createHash('sha256').update(jti).digest('base64url')
    const uses = await keyValue.increment(`logout-token:${digest}`, (exp + CLOCK_TOLERANCE) * 1000)
    if (uses > 1) throw new LogoutTokenRefused('this token was used before')
    return { subject: sub, sid, issuedAt: iat }
  }

  async function verified(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const found = kid === undefined ? undefined : await keys.find(kid)
          if (found?.algorithm !== 'ES256') throw new LogoutTokenRefused('the key is not known')
          return found.key
        },
        {
          // The algorithm that the websites of the suite are registered with (§2.6: as for ID tokens).
          algorithms: ['ES256'],
          typ: 'logout+jwt',
          issuer,
          audience: clientId,
          requiredClaims: ['iat', 'exp', 'jti'],
          clockTolerance: CLOCK_TOLERANCE,
        },
      )
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new LogoutTokenRefused(ruleOf(error))
      throw error
    }
  }
}

/** The rule that a token broke, without anything that stood in it. */
function ruleOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `${error.claim} is not as it must be`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is not valid'
  return 'it must be a signed logout token'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
