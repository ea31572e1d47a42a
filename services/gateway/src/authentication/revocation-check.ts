// Whether access was ended after the token was issued. Asked for every request, and again when one is forwarded after waiting.

import { Refusal } from '@gatehouse/http/refusal'
import type { RevocationFeed } from '@gatehouse/revocations/feed'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { FastifyBaseLogger } from 'fastify'
import { refused } from './bearer.ts'

export interface RevocationCheck {
  /** @throws Refusal `invalid_token` when a known revocation ends this token; nobody but the log learns that it was revoked */
  refuseRevoked(claims: AccessTokenClaims, requestId: string): void
  /**
   * The same, and that no revocation is missing. Answers undefined when that is known to be so, as nearly always; otherwise
   * it waits for a moment, because the gateway may just have been held up itself.
   *
   * @throws Refusal `invalid_token`, also as a rejection; rejects with `revocations_unknown` (503) when revocations may be missing
   */
  admit(claims: AccessTokenClaims, requestId: string): Promise<void> | undefined
}

const LONGEST_WAIT_MS = 500

export function createRevocationCheck(feed: RevocationFeed, log: FastifyBaseLogger): RevocationCheck {
  function refuseRevoked(claims: AccessTokenClaims, requestId: string): void {
    if (!feed.refuses(claims)) return
    log.info({ reqId: requestId, reason: 'revoked' }, 'access token refused')
    throw refused.invalidToken()
  }

  async function admitOnceSeen(claims: AccessTokenClaims, requestId: string): Promise<void> {
    await feed.sight(LONGEST_WAIT_MS)
    // In this order: what is known now includes what made the waiting end.
    const reason = feed.blindness()
    refuseRevoked(claims, requestId)
    if (reason === undefined) return
    log.info({ reqId: requestId, reason }, 'refused while revocations are not known')
    throw new Refusal('revocations_unknown', undefined, {}, { 'retry-after': '1' })
  }

  return {
    refuseRevoked,
    admit(claims, requestId) {
      refuseRevoked(claims, requestId)
      return feed.blindness() === undefined ? undefined : admitOnceSeen(claims, requestId)
    },
  }
}
