// A browser in which somebody gave a second factor may go without one for a while (fact sheet 6.3), where the relying
// service's request allows it. The cookie holds a secret of which only a digest is kept.

import { now } from '@gatehouse/clock/clock'
import type { RequiredAuthentication } from '@gatehouse/provider/browser/destination'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { FastifyReply, FastifyRequest } from 'fastify'

const COOKIE = 'login-gov-remembered-browser'

export interface RememberedBrowser {
  /** Whether the page of a second factor offers it. */
  isOffered(requires: RequiredAuthentication | undefined): boolean
  remember(reply: FastifyReply, accountId: string): Promise<void>
  /** Whether this browser stands in for the second factor of the account. */
  isRemembered(
    request: FastifyRequest,
    accountId: string,
    requires: RequiredAuthentication | undefined,
  ): Promise<boolean>
}

/** @param lastsMs milliseconds; 0 turns it off */
export function createRememberedBrowser(
  browsers: RememberedBrowsers,
  { lastsMs, secure }: { lastsMs: number; secure: boolean },
): RememberedBrowser {
  const isOffered = (requires: RequiredAuthentication | undefined) =>
    lastsMs > 0 && (requires?.allowsRememberedBrowser ?? true)
  return {
    isOffered,
    async remember(reply, accountId) {
      reply.setCookie(COOKIE, await browsers.remember(accountId), {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure,
        maxAge: Math.floor(lastsMs / 1000),
      })
    },
    async isRemembered(request, accountId, requires) {
      const secret = request.cookies[COOKIE]
      if (!secret || !isOffered(requires)) return false
      const at = await browsers.rememberedAt(secret, accountId)
      return at !== undefined && now() < at + lastsMs
    },
  }
}
