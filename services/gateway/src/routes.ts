import type { ServiceName } from '@gatehouse/contracts/services'
import { type AccessTokenClaims, CBSV_AUDIENCE } from '@gatehouse/tokens/access-token'

/** What stands behind the gateway under one path, and what a token must hold to get there. */
export interface GuardedRoute {
  /** The first segment of the path. The path is forwarded as it is. */
  prefix: `/${string}`
  upstream: ServiceName
  /** Must be in the token's `aud`. */
  audience: string
  /** Must be in the token's `scope`. */
  scope: string
  /** Claims without which the upstream could not serve anybody. */
  requiredClaims: (keyof AccessTokenClaims)[]
  /** The code of the refusal when a required claim is absent. */
  withoutClaims: string
  /** The scope of the gateway's own token for the upstream. */
  upstreamScope: string
  /** Bytes. */
  largestBody: number
}

export const guardedRoutes: GuardedRoute[] = [
  {
    prefix: '/cbsv',
    upstream: 'cbsv',
    audience: CBSV_AUDIENCE,
    scope: 'cbsv.verify',
    requiredClaims: ['bso_user_id', 'ein'],
    withoutClaims: 'no_company',
    upstreamScope: 'cbsv.forward',
    largestBody: 1024 * 1024,
  },
]
