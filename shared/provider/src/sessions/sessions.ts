// Browser sessions: sliding, with an end that nothing moves. Whoever holds the secret is the browser; only its digest is
// kept. A new secret at every step up keeps out a session that somebody else planted. Knows nothing of cookies or of a
// provider's wire.

import { randomBytes, randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Authentication, SessionChanges, SessionStore, StoredSession } from './store.ts'

export type Session = StoredSession

export interface SessionRules {
  /** Milliseconds without a request after which a session is over. */
  idleMs: number
  /** Milliseconds after which it is over however busy it is. */
  longestMs: number
  /** A sign-in ends every other session of the account. */
  oneBrowser: boolean
}

export interface Sessions {
  /** The live session of this secret; asking for it restarts its idle time. */
  find(secret: string): Promise<Session | undefined>
  begin(changes?: SessionChanges): Promise<{ secret: string; session: Session }>
  /** Gives nothing when the session ended meanwhile. */
  change(session: Session, changes: SessionChanges): Promise<Session | undefined>
  /** Changes the session and gives it a new secret; the old one is worth nothing from then on. */
  renew(session: Session, changes: SessionChanges): Promise<{ secret: string; session: Session } | undefined>
  /**
   * Marks both factors as given; where the rules say so, signs the account out of every other browser. Gives nothing
   * when the session ended or was signed out meanwhile, or the account is suspended or has to reset its password.
   */
  signIn(
    session: Session,
    accountId: string,
    visited: string[],
    authentication: Omit<Authentication, 'at'>,
  ): Promise<{ secret: string; session: Session } | undefined>
  end(session: Session): Promise<void>
  /** Ends every session of an account but `except`, leaving them `notice` to show. */
  endAll(accountId: string, notice: string, except?: Session): Promise<void>
  /** The session in which this sign-in was made, while it lives. Leaves its idle time alone. */
  ofSignIn(signInId: string): Promise<Session | undefined>
}

/** @param digest turns a secret into the key under which its session is kept */
export function createSessions(
  store: SessionStore,
  digest: (secret: string) => string,
  rules: SessionRules,
): Sessions {
  const { idleMs, longestMs, oneBrowser } = rules

  function newSecret() {
    const secret = randomBytes(32).toString('base64url')
    return { secret, key: digest(secret) }
  }

  async function renew(session: Session, changes: SessionChanges) {
    const { secret, key } = newSecret()
    const renewed = await store.change(session.key, changes, key)
    return renewed && { secret, session: renewed }
  }

  return {
    find: (secret) => store.extend(digest(secret), now(), now() + idleMs),
    async begin(changes = {}) {
      await store.removeExpired(now())
      const { secret, key } = newSecret()
      return {
        secret,
        session: await store.add(key, randomUUID(), changes, now() + idleMs, now() + longestMs),
      }
    },
    change: (session, changes) => store.change(session.key, changes),
    renew,
    async signIn(session, accountId, visited, authentication) {
      const { secret, key } = newSecret()
      const changes = {
        signInId: randomUUID(),
        challenge: null,
        ceremony: null,
        notice: null,
        visited,
        authentication: { ...authentication, at: now() },
        endsAt: now() + longestMs,
      }
      const signedIn = await store.signIn(session.key, session.accountId, accountId, changes, key)
      if (!signedIn) return undefined
      if (oneBrowser) await store.signOutOthers(accountId, session.id, { kind: 'used_in_another_browser' })
      return { secret, session: signedIn }
    },
    end: (session) => store.remove(session.key),
    endAll: (accountId, kind, except) => store.signOutOthers(accountId, except?.id, { kind }),
    ofSignIn: (signInId) => store.findBySignIn(signInId, now()),
  }
}
