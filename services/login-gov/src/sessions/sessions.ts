// Browser sessions: 15 minutes sliding, 12 hours at most, one browser for each account (fact sheet 6.3). Whoever holds
// the secret is the browser; only its digest is kept. A new secret at every step up keeps out a session that somebody
// else planted. Knows nothing of cookies or of Login.gov's wire.

import { randomBytes, randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { SessionChanges, SessionStore, StoredSession } from './store.ts'

export type Session = StoredSession

const IDLE = 15 * 60_000
const LONGEST = 12 * 3_600_000

export interface Sessions {
  /** The live session of this secret; asking for it restarts its idle time. */
  find(secret: string): Promise<Session | undefined>
  begin(changes?: SessionChanges): Promise<{ secret: string; session: Session }>
  /** Gives nothing when the session ended meanwhile. */
  change(session: Session, changes: SessionChanges): Promise<Session | undefined>
  /** Changes the session and gives it a new secret; the old one is worth nothing from then on. */
  renew(session: Session, changes: SessionChanges): Promise<{ secret: string; session: Session } | undefined>
  /** Marks both factors as given, and signs the account out of every other browser. */
  signIn(
    session: Session,
    accountId: string,
    visited: string[],
  ): Promise<{ secret: string; session: Session } | undefined>
  end(session: Session): Promise<void>
  /** The session in which this sign-in was made, while it lives. Leaves its idle time alone. */
  ofSignIn(signInId: string): Promise<Session | undefined>
}

/** @param digest turns a secret into the key under which its session is kept */
export function createSessions(store: SessionStore, digest: (secret: string) => string): Sessions {
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
    find: (secret) => store.extend(digest(secret), now(), now() + IDLE),
    async begin(changes = {}) {
      await store.removeExpired(now())
      const { secret, key } = newSecret()
      return { secret, session: await store.add(key, randomUUID(), changes, now() + IDLE, now() + LONGEST) }
    },
    change: (session, changes) => store.change(session.key, changes),
    renew,
    async signIn(session, accountId, visited) {
      const signedIn = await renew(session, {
        accountId,
        signInId: randomUUID(),
        challenge: null,
        notice: null,
        visited,
        endsAt: now() + LONGEST,
      })
      if (signedIn) await store.signOutOthers(accountId, session.id, { kind: 'used_in_another_browser' })
      return signedIn
    },
    end: (session) => store.remove(session.key),
    ofSignIn: (signInId) => store.findBySignIn(signInId, now()),
  }
}
