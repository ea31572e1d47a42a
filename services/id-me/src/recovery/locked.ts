// Meeting a locked account: signed out, told why, and a mail on its way.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Frame } from '../browser/frame.ts'
import { type LockReason, lockedPage } from './pages.ts'
import type { Recovery } from './recovery.ts'

export interface Locked {
  /**
   * Signs out of this session, mails the link, and shows the page.
   *
   * @param account nobody's where a password was guessed for an address that has none: it looks the same
   * @param why `retryAt` in milliseconds: when the account opens by itself; `email` where nobody has that address
   */
  meet(
    request: FastifyRequest,
    reply: FastifyReply,
    account: Account | undefined,
    why: { reason: LockReason; retryAt: number; email?: string | undefined },
  ): Promise<FastifyReply>
}

/** What the session of somebody who met a locked account keeps, for another mail. */
export interface Recovering {
  accountId: string | undefined
  email?: string | undefined
  reason: LockReason
  retryAt: number
}

export function createLocked({
  visits,
  frame,
  recovery,
  audit,
}: {
  visits: Visits
  frame: Frame
  recovery: Recovery
  audit: Audit
}): Locked {
  return {
    async meet(request, reply, account, { reason, retryAt, email }) {
      await audit.record({
        event: 'account.locked',
        outcome: 'refusal',
        ...(account ? { actor: account.id } : {}),
        details: { reason },
        requestId: request.id,
      })
      const recovering: Recovering = { accountId: account?.id, email, reason, retryAt }
      await visits.renew(request, reply, { ...SIGNED_OUT, ceremony: { recovering } })
      const { lang } = request.visit.language
      if (account) await recovery.mailLink(account, lang)
      else if (email) await recovery.mailNobody(email, lang)
      const left = retryAt - now()
      reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
      return frame.show(request, reply, lockedPage(frame.around(request, reply), { reason, left }))
    },
  }
}
