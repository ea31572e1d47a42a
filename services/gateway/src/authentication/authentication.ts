// Lets a request pass to a guarded route only with a valid access token for it. A hook of the matched route and not of a path, so
// that what was checked and what is served cannot differ. What cannot be judged is answered with 503: not let in, not called invalid.

import { Refusal } from '@gatehouse/http/refusal'
import { type AccessTokenClaims, includesScope } from '@gatehouse/tokens/access-token'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import { TokenRefusal, type TokenVerifier } from '@gatehouse/tokens/verifier'
import type { FastifyBaseLogger, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { GuardedRoute } from '../routes.ts'
import { bearerToken, refused } from './bearer.ts'
import type { RevocationCheck } from './revocation-check.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The claims of the verified access token, on guarded routes. */
    claims: AccessTokenClaims | null
  }
}

/** About as long as a failed fetch of the keys is not repeated. */
const RETRY_AFTER_SECONDS = '10'

type Rule = Pick<GuardedRoute, 'scope' | 'requiredClaims' | 'withoutClaims'>

/** @param verifier checks the audience of the route too */
export function authenticate(
  verifier: TokenVerifier,
  revocations: RevocationCheck,
  rule: Rule,
  log: FastifyBaseLogger,
): onRequestHookHandler {
  // What is certain is said first: only a request that would pass depends on what may be missing.
  function admit(request: FastifyRequest, claims: AccessTokenClaims): Promise<void> | undefined {
    request.claims = claims
    revocations.refuseRevoked(claims, request.id)
    if (!includesScope(claims, rule.scope)) throw refused.insufficientScope(rule.scope)
    if (rule.requiredClaims.some((claim) => !claims[claim])) throw refused.withoutClaims(rule.withoutClaims)
    return revocations.admit(claims, request.id)
  }

  function judge(request: FastifyRequest, error: unknown): unknown {
    if (error instanceof TokenRefusal) {
      log.info({ reqId: request.id, reason: error.reason }, 'access token refused')
      return refused.invalidToken()
    }
    if (error instanceof KeysUnavailable) {
      log.error({ reqId: request.id, err: error }, 'access token not judged')
      return new Refusal(
        'service_unavailable',
        'tokens cannot be checked at present',
        {},
        { 'retry-after': RETRY_AFTER_SECONDS },
      )
    }
    return error
  }

  // Callbacks instead of a promise: nearly every request brings a remembered token, and then nothing waits.
  return (request, _reply, done) => {
    let token: string
    try {
      token = bearerToken(request.raw)
      const claims = verifier.remembered(token)
      if (claims) {
        const waiting = admit(request, claims)
        if (waiting) waiting.then(() => done(), done)
        else done()
        return
      }
    } catch (error) {
      done(error as Error)
      return
    }
    verifier
      .verify(token)
      .then((claims) => admit(request, claims))
      .then(
        () => done(),
        (error) => done(judge(request, error) as Error),
      )
  }
}
