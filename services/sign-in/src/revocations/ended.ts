import type { MatchBy, RevocationKind } from '@gatehouse/contracts/revocations'

/** A session in which a revocation ended something. */
export interface EndedSession {
  /** The `sid` of access tokens. */
  sid: string
  accountId: string
  idp: string
  /** The relying services at which it ended something: all of the session, or those of the grants that ended. */
  clients: string[]
  /** The `sid` that the ID tokens of these relying services carry, as far as the session still told it. */
  clientSids: Record<string, string>
}

/**
 * What a revocation ended. Listeners get it after its rule is published, in one call or, where it is a lot, in several; in
 * one without sessions where it ended none. A call whose listener did not return is repeated, after a restart too, so what
 * a listener does with it must be idempotent.
 */
export interface Ended {
  revocation: {
    id: string
    /** `session` is a person who logged out where `origin` is `sign-in`, as are `token` and `grant`. */
    kind: RevocationKind | MatchBy
    value: string
    /** Milliseconds. */
    instant: number
    reason: string
    /** An administrator, or sign-in itself: logging out, RFC 7009, a token that was used twice. */
    origin: 'order' | 'sign-in'
    by: string
    lasting: boolean
  }
  /** Whether the sessions ended, or only something in them: a client, a User ID, a company, a grant, a token. */
  sessionsEnded: boolean
  sessions: EndedSession[]
  /** The accounts of these sessions, each once. */
  accounts: string[]
  /** The relying services of these sessions, each once. */
  clients: string[]
}

export type EndedListener = (ended: Ended) => Promise<void>
