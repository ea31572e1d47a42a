// Whoever changes the account has authenticated a short while ago, in this browser and with a second factor of their own
// (fact sheet 6.3: 20 minutes; OWASP ASVS 5.0 7.5.1). Others give password and second factor again and come back.

import { now } from '@gatehouse/clock/clock'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { onRequestAsyncHookHandler } from 'fastify'
import { localPath } from '../browser/local-path.ts'

/** Where the password is given again; `continue` names the path to come back to. */
export const REAUTHENTICATION = '/login/password'

export interface RecentAuthentication {
  /** Hooks for every page of the account that changes something; they include that of being signed in. */
  requireRecentAuthentication: onRequestAsyncHookHandler[]
}

/** @param windowMs milliseconds */
export function createRecentAuthentication(
  visits: Pick<Visits, 'requireSignIn'>,
  windowMs: number,
): RecentAuthentication {
  const requireRecent: onRequestAsyncHookHandler = async (request, reply) => {
    const { language, session } = request.visit
    if (isRecent(session, windowMs)) return
    // What a form had sent is not kept: its page is shown again.
    const returnTo = localPath(request.url) ?? '/account'
    const again = `${REAUTHENTICATION}?${new URLSearchParams({ continue: returnTo })}`
    return reply.redirect(language.base + again, request.method === 'GET' ? 302 : 303)
  }
  return { requireRecentAuthentication: [visits.requireSignIn, requireRecent] }
}

/**
 * Whether the verified information of somebody is closed, who gave the password too long ago: then it takes the password
 * alone before a relying service gets any of it (fact sheet 6.1 step 7).
 *
 * @param openMs milliseconds
 */
export function isProfileLocked(
  { authentication }: Pick<Session, 'authentication'>,
  openMs: number,
): boolean {
  if (!authentication) return true
  const { at, isRemembered, passwordAt } = authentication
  if (passwordAt === undefined && isRemembered) return true
  return now() - Math.max(at, passwordAt ?? 0) > openMs
}

/** A remembered browser is no second factor that anybody gave. */
function isRecent(session: Session | undefined, windowMs: number): boolean {
  const { authentication } = session ?? {}
  return authentication !== undefined && !authentication.isRemembered && now() - authentication.at <= windowMs
}
