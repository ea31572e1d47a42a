// What is kept of a session, in three records: that it is there (until its absolute end), that it is in use (until it
// was idle too long), and what it holds, sealed. Only the first one makes a session, and it is written once: whoever
// removes it has ended the session, whatever is written at the same moment.

import { now } from '@gatehouse/clock/clock'
import type { SignInOrigin, Tokens } from '@gatehouse/relying-party/relying-party'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Person } from '../person.ts'

/** Milliseconds: 30 minutes without a request, 12 hours in all, as NIST SP 800-63-3 had it for AAL2. */
const IDLE_LIFETIME = 30 * 60 * 1000
const ABSOLUTE_LIFETIME = 12 * 60 * 60 * 1000
/** How long one process has for a refresh before another may try: longer than its three requests may take (5 s each). */
const REFRESH_WINDOW = 20_000

export interface Session {
  person: Person
  tokens: Tokens
  /** The sign-in that it came of. Sessions of an earlier version do not say. */
  origin?: SignInOrigin
  /** Counts refreshes. */
  generation: number
  /** The absolute end, in milliseconds. */
  endsAt: number
}

export interface SessionStore {
  /** The key of a session id: a digest, so that the table lets nobody in. */
  keyOf(id: string): string
  create(key: string, person: Person, tokens: Tokens, origin: SignInOrigin): Promise<void>
  find(key: string): Promise<Session | undefined>
  /** Notes that the session is in use. */
  touch(key: string): Promise<void>
  /** Keeps what a refresh brought, unless the session ended meanwhile. */
  replace(key: string, session: Session): Promise<void>
  end(key: string): Promise<void>
  /** Whether the caller is the one who may refresh this generation. Of several, one. */
  claimRefresh(key: string, generation: number): Promise<boolean>
  releaseRefresh(key: string, generation: number): Promise<void>
}

export function createSessionStore(keyValue: KeyValue, secrets: Secrets): SessionStore {
  const put = (key: string, session: Session) =>
    keyValue.put(`session-held:${key}`, { sealed: seal(session) }, session.endsAt)
  const seal = (session: Session) => secrets.seal('session', JSON.stringify(session))
  const claim = (key: string, generation: number) => `session-refresh:${key}:${generation}`

  const store: SessionStore = {
    keyOf: (id) => secrets.digest('session', id),
    async create(key, person, tokens, origin) {
      const endsAt = now() + ABSOLUTE_LIFETIME
      await put(key, { person, tokens, origin, generation: 0, endsAt })
      await store.touch(key)
      await keyValue.put(`session:${key}`, {}, endsAt)
    },
    async find(key) {
      const [exists, isUsed, held] = await Promise.all([
        keyValue.get(`session:${key}`),
        keyValue.get(`session-used:${key}`),
        keyValue.get<{ sealed: string }>(`session-held:${key}`),
      ])
      if (!exists || !isUsed || !held) return undefined
      return JSON.parse(secrets.unseal('session', held.sealed)) as Session
    },
    touch: (key) => keyValue.put(`session-used:${key}`, {}, now() + IDLE_LIFETIME),
    async replace(key, session) {
      await put(key, session)
      if (!(await keyValue.get(`session:${key}`))) await store.end(key)
    },
    async end(key) {
      await keyValue.remove(`session:${key}`)
      await keyValue.remove(`session-held:${key}`)
      await keyValue.remove(`session-used:${key}`)
    },
    claimRefresh: async (key, generation) =>
      (await keyValue.increment(claim(key, generation), now() + REFRESH_WINDOW)) === 1,
    releaseRefresh: (key, generation) => keyValue.remove(claim(key, generation)),
  }
  return store
}
