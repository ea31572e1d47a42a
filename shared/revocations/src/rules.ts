// The memory of what was revoked in the last minutes, asked for every request. What must always hold: a live token is refused if and
// only if one of the rules matches it and was made when the token had been issued.

import { now } from '@gatehouse/clock/clock'
import { LONGEST_TOKEN_SECONDS, type MatchBy, type RevocationRule } from '@gatehouse/contracts/revocations'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { createInstants, type Instants } from './instants.ts'

export interface Rules {
  /** Takes a rule in, any number of times and in any order. One that can match nothing any more is not kept. */
  add(rule: RevocationRule): void
  /**
   * Whether a rule refuses this token: issued at or before the rule's instant, where `iat` counts whole seconds and a tie is
   * refused. `claims` must be frozen, as verified ones are: what was found of this very object is remembered until there is
   * another rule, so that the usual check costs the same whether there are no rules or a million.
   */
  revokes(claims: AccessTokenClaims): boolean
  /** Drops some of what can match nothing any more: a bounded piece of work, to be called a few times a second. */
  tidy(): void
  /** How many values of claims are revoked. */
  readonly size: number
}

/** Half a minute more than a token lives: a clock that is set back by less brings none back to life. */
const KEPT_MS = (LONGEST_TOKEN_SECONDS + 30) * 1000
/** About a millisecond, and at four heartbeats a second a million in under a minute. */
const LOOKED_AT_PER_TIDYING = 5_000

export function createRules(): Rules {
  const instants: Record<Exclude<MatchBy, 'everything'>, Instants> = {
    session: createInstants(),
    token: createInstants(),
    grant: createInstants(),
    bso_user_id: createInstants(),
    ein: createInstants(),
    client: createInstants(),
    provider: createInstants(),
  }
  const all = Object.values(instants)
  let everything = -1
  let next = 0
  /** Counts the rules that brought something new. */
  let edition = 0
  /** Tokens that no rule matched, with the edition in which that was so. */
  const passed = new WeakMap<AccessTokenClaims, number>()

  function isMatched(claims: AccessTokenClaims): boolean {
    const issued = Math.floor(claims.iat)
    const holds = (kind: Instants, value: string | undefined) => {
      const second = value === undefined ? undefined : kind.get(value)
      return second !== undefined && issued <= second
    }
    const { sid, client_id } = claims
    return (
      issued <= everything ||
      holds(instants.session, sid) ||
      (sid !== undefined && holds(instants.grant, `${client_id} ${sid}`)) ||
      holds(instants.token, claims.jti) ||
      holds(instants.client, client_id) ||
      holds(instants.bso_user_id, claims.bso_user_id) ||
      holds(instants.ein, claims.ein) ||
      holds(instants.provider, claims.idp)
    )
  }

  function put(by: MatchBy, value: string, second: number): boolean {
    if (by !== 'everything') return instants[by].put(value, second)
    const isNews = second > everything
    if (isNews) everything = second
    return isNews
  }

  return {
    add({ instant, matches }) {
      if (instant < now() - KEPT_MS) return
      const second = Math.floor(instant / 1000)
      let isNews = false
      for (const { by, value } of matches) isNews = put(by, value, second) || isNews
      if (isNews) edition += 1
    },
    revokes(claims) {
      if (passed.get(claims) === edition) return false
      if (isMatched(claims)) return true
      passed.set(claims, edition)
      return false
    },
    tidy() {
      const oldest = Math.floor((now() - KEPT_MS) / 1000)
      let left = LOOKED_AT_PER_TIDYING
      for (let count = 0; count < all.length && left > 0; count += 1) {
        left -= (all[next] as Instants).dropBefore(oldest, left)
        next = (next + 1) % all.length
      }
    },
    get size() {
      return all.reduce((sum, { size }) => sum + size, 0)
    },
  }
}
