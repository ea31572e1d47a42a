// A person's session with BSO. It stands only while sign-in stands behind it: whenever the access token has run out,
// the next page asks for a new one, and a refusal ends the session.

import { setTimeout } from 'node:timers/promises'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { BackChannelLogout } from '@gatehouse/relying-party/back-channel-logout'
import type { RelyingParty, SignInOrigin, Tokens } from '@gatehouse/relying-party/relying-party'
import type { FastifyBaseLogger } from 'fastify'
import type { Person } from '../person.ts'
import type { Session, SessionStore } from './store.ts'

/** Milliseconds before its end from which an access token counts as run out: it still has a way to go. */
const RENEW_BEFORE = 30_000
/** Milliseconds to wait for a refresh that another process is at. */
const PATIENCE = 15_000

/** A live session, its access token good for at least some seconds. */
export interface LiveSession extends Session {
  key: string
}

export interface Sessions {
  /** Starts a session under a new id and ends the one before, if any. Resolves once it is stored. */
  start(
    id: string,
    person: Person,
    tokens: Tokens,
    previousId: string | undefined,
    origin: SignInOrigin,
  ): Promise<void>
  /**
   * The session of an id, kept alive by this.
   *
   * @throws Refusal `session_ended`; `sign_in_unavailable` when its token needs a refresh and sign-in is away
   */
  live(id: string | undefined): Promise<LiveSession>
  /** Whether there is one, without keeping it alive. */
  exists(id: string | undefined): Promise<boolean>
  /** A new access token in place of one that the gateway did not take. @throws as `live` */
  renew(session: LiveSession): Promise<LiveSession>
  /** Ends one, by its id or itself. `reason` goes to the audit trail. */
  end(session: string | LiveSession | undefined, reason: string): Promise<void>
}

interface Dependencies {
  store: SessionStore
  relyingParty: Pick<RelyingParty<Person>, 'refresh'>
  hasEnded: BackChannelLogout['hasEnded']
  audit: Audit
  log: FastifyBaseLogger
}

export function createSessions({ store, relyingParty, hasEnded, audit, log }: Dependencies): Sessions {
  // A refresh token used twice ends the grant, so tabs that ask at once share one refresh.
  const underWay = new Map<string, Promise<Session>>()

  /** The session, unless sign-in has ended it: then it ends here too. */
  async function standing(key: string): Promise<Session | undefined> {
    const session = await store.find(key)
    if (!session || !(await hasEnded(session.origin))) return session
    await end(key, 'ended_at_sign_in')
    return undefined
  }

  async function end(key: string, reason: string): Promise<void> {
    const session = await store.find(key)
    await store.end(key)
    if (!session) return
    const { subject, bsoUserId } = session.person
    const details = { reason, bsoUserId }
    await audit.record({ event: 'session.ended', outcome: 'success', actor: subject, details })
  }

  function refreshed(key: string, generation: number): Promise<Session> {
    const running = underWay.get(key)
    if (running) return running
    const started = refreshAlone(key, generation).finally(() => underWay.delete(key))
    underWay.set(key, started)
    return started
  }

  /** Refreshes, or waits for the process that does. */
  async function refreshAlone(key: string, generation: number): Promise<Session> {
    const until = now() + PATIENCE
    for (;;) {
      const session = await store.find(key)
      if (!session) throw new Refusal('session_ended')
      if (session.generation !== generation) return session
      if (await store.claimRefresh(key, generation)) return refresh(key, session)
      if (now() > until) throw new Refusal('sign_in_unavailable')
      await setTimeout(50)
    }
  }

  async function refresh(key: string, session: Session): Promise<Session> {
    const { person, tokens, generation } = session
    const result = tokens.refreshToken
      ? await relyingParty.refresh(tokens.refreshToken, person.subject)
      : { kind: 'refused' as const, reason: 'no_refresh_token' }
    if (result.kind === 'unavailable') {
      log.warn({ reason: result.reason }, 'refresh not possible')
      await store.releaseRefresh(key, generation)
      throw new Refusal('sign_in_unavailable')
    }
    if (result.kind === 'refused') {
      log.info({ reason: result.reason }, 'refresh refused')
      await end(key, 'refused')
      throw new Refusal('session_ended')
    }
    const next = {
      ...session,
      tokens: result.tokens,
      person: result.person ?? person,
      generation: generation + 1,
    }
    await store.replace(key, next)
    return next
  }

  return {
    async start(id, person, tokens, previousId, origin) {
      if (previousId) await store.end(store.keyOf(previousId))
      await store.create(store.keyOf(id), person, tokens, origin)
      const { subject, bsoUserId, ein } = person
      await audit.record({
        event: 'session.started',
        outcome: 'success',
        actor: subject,
        details: { bsoUserId, ein },
      })
    },
    async live(id) {
      const key = id && store.keyOf(id)
      const session = key && (await standing(key))
      if (!key || !session) throw new Refusal('session_ended')
      await store.touch(key)
      const hasRunOut = session.tokens.expiresAt - RENEW_BEFORE <= now()
      return { key, ...(hasRunOut ? await refreshed(key, session.generation) : session) }
    },
    exists: async (id) => id !== undefined && (await standing(store.keyOf(id))) !== undefined,
    renew: async ({ key, generation }) => ({ key, ...(await refreshed(key, generation)) }),
    async end(session, reason) {
      if (session) await end(typeof session === 'string' ? store.keyOf(session) : session.key, reason)
    },
  }
}
