// Sessions of the console in a browser. What must always hold: a session that a revocation has reached lets nobody do
// anything, also when nobody used it for longer than rules of revocation are remembered.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { LONGEST_TOKEN_SECONDS } from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import type { SignInOrigin, Tokens } from '@gatehouse/relying-party/relying-party'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { isPhishingResistant } from '../access/roles.ts'
import type { Administrators } from '../administrators/administrators.ts'
import type { Identity } from './identity.ts'
import type { SessionStore, StoredSession } from './store.ts'

const MINUTE = 60_000
/** NIST SP 800-63B-4 §2.2.3 allows an hour at AAL2; an administrator's unwatched screen is worth more than that. */
const LONGEST_IDLE = 15 * MINUTE
/** Counted from the authentication, and no longer than a session at sign-in (NIST allows 24 hours). */
const LONGEST_SESSION = 12 * 60 * MINUTE
/** Rules are forgotten once every token they could match is dead: whoever was not looked at for so long is not let in. */
const LONGEST_UNCONFIRMED = (LONGEST_TOKEN_SECONDS - 60) * 1000
/** Using a session is written down this often. */
const TOUCH_EVERY = 10_000
export const SWEEP_EVERY = MINUTE

/** Milliseconds to wait for sign-in to confirm that no revocation is missing. */
const LONGEST_WAIT = 2_000

/** What sessions ask about revocations. */
export interface RevocationFeed {
  refuses(claims: AccessTokenClaims): boolean
  /** Why nothing can be said at present. */
  blindness(): string | undefined
  /** Waits until something can be said, for so many milliseconds at most. */
  sight(milliseconds: number): Promise<void>
}

/**
 * Waits for a moment where it cannot be said what was revoked: the console may just have been held up itself. Ask
 * `refuses` afterwards, and not before.
 *
 * @throws Refusal `revocations_unknown`
 */
export async function refuseWhileBlind(feed: RevocationFeed): Promise<void> {
  if (feed.blindness() === undefined) return
  await feed.sight(LONGEST_WAIT)
  if (feed.blindness() === undefined) return
  throw new Refusal('revocations_unknown', undefined, {}, { 'retry-after': '1' })
}

interface Dependencies {
  store: SessionStore
  administrators: Pick<Administrators, 'admit'>
  feed: RevocationFeed
  /** The claims of the access token that came with a sign-in. */
  verify(accessToken: string): Promise<AccessTokenClaims>
  /** Whether sign-in has told that it ended what the session came of. */
  hasEnded(origin: SignInOrigin): Promise<boolean>
  audit: Audit
}

export function createSessions({ store, administrators, feed, verify, hasEnded, audit }: Dependencies) {
  async function end({ key, identity }: StoredSession, because: string): Promise<void> {
    if (!(await store.end(key))) return
    const details = { because }
    await audit.record({ event: 'session.ended', outcome: 'success', actor: identity.subject, details })
  }

  /** Why a session is over. Whether it was revoked can only be said of one that was confirmed lately. */
  async function overBecause({ claims, origin, ...session }: StoredSession): Promise<string | undefined> {
    if (session.endsAt <= now()) return 'too-old'
    if (session.lastUsedAt + LONGEST_IDLE <= now()) return 'idle'
    if (session.confirmedAt + LONGEST_UNCONFIRMED <= now()) return 'unconfirmed'
    if (feed.refuses(claims)) return 'revoked'
    return (await hasEnded(origin)) ? 'ended-at-sign-in' : undefined
  }

  return {
    /** Starts one under a new id in place of the one before. The first with a security key binds the administrator. */
    async start(
      id: string,
      identity: Identity,
      { accessToken }: Tokens,
      previousId: string | undefined,
      origin: SignInOrigin,
    ): Promise<void> {
      await refuseWhileBlind(feed)
      const claims = await verify(accessToken)
      if (feed.refuses(claims) || claims.sub !== identity.subject) throw new Refusal('sign_in_failed')
      if (previousId) await store.end(store.keyOf(previousId))
      const { subject, email, amr, authenticatedAt } = identity
      const admission = isPhishingResistant(amr) ? await administrators.admit(email, subject) : undefined
      await recordAdmission(audit, admission, subject)
      await store.create(id, { identity, claims, origin }, authenticatedAt * 1000 + LONGEST_SESSION)
      await audit.record({
        event: 'session.started',
        outcome: 'success',
        actor: subject,
        details: { isPhishingResistant: isPhishingResistant(amr) },
      })
    },

    /**
     * Who has this session; using it keeps it.
     *
     * @throws Refusal `revocations_unknown`
     */
    async find(id: string | undefined): Promise<Identity | undefined> {
      const session = id === undefined ? undefined : await store.find(id)
      if (!session) return undefined
      await refuseWhileBlind(feed)
      const because = await overBecause(session)
      if (because) {
        await end(session, because)
        return undefined
      }
      if (session.lastUsedAt + TOUCH_EVERY <= now()) await store.touch(session.key)
      return session.identity
    },

    async end(id: string | undefined): Promise<void> {
      const session = id === undefined ? undefined : await store.find(id)
      if (session) await end(session, 'signed-out')
    },

    /** Ends what is over, and confirms the others, so that none is forgotten by the rules before they reached it. */
    async sweep(): Promise<void> {
      if (feed.blindness() !== undefined) return
      const at = now()
      const confirmed: string[] = []
      for (const session of await store.all()) {
        const because = await overBecause(session)
        if (because) await end(session, because)
        else confirmed.push(session.key)
      }
      await store.confirm(confirmed, at)
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>

/** Tells of an admission that decided something. */
export async function recordAdmission(
  audit: Audit,
  admission: Awaited<ReturnType<Administrators['admit']>> | undefined,
  subject: string,
): Promise<void> {
  if (admission?.kind === 'bound') {
    const { id } = admission
    await audit.record({ event: 'administrator.bound', outcome: 'success', actor: subject, subject: id })
  }
  if (admission?.kind === 'another-subject') {
    const { id } = admission
    await audit.record({ event: 'administrator.not-bound', outcome: 'refusal', actor: subject, subject: id })
  }
}
