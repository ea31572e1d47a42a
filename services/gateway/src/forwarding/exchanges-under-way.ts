import type { RevocationFeed } from '@gatehouse/revocations/feed'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { FastifyBaseLogger } from 'fastify'
import { refused } from '../authentication/bearer.ts'
import type { Exchange } from './exchange.ts'

export interface ExchangesUnderWay {
  add(exchange: Exchange, claims: AccessTokenClaims): void
  remove(exchange: Exchange): void
}

/**
 * What was let through and has not ended yet, downloads and streams of events among it. When the access it was let through with is
 * revoked it ends at once: with 401, or, once the answer has begun, with its connection.
 */
export function createExchangesUnderWay(feed: RevocationFeed, log: FastifyBaseLogger): ExchangesUnderWay {
  const underWay = new Map<Exchange, AccessTokenClaims>()
  feed.onRule(() => {
    for (const [exchange, claims] of underWay) {
      if (!feed.refuses(claims)) continue
      underWay.delete(exchange)
      log.info({ clientId: claims.client_id, reason: 'revoked' }, 'exchange cut')
      exchange.refuse(refused.invalidToken())
    }
  })
  return {
    add: (exchange, claims) => void underWay.set(exchange, claims),
    remove: (exchange) => void underWay.delete(exchange),
  }
}
