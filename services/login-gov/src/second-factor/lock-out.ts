// An account with too many wrong second factors, or too many codes asked for, is locked for a while: whoever meets that
// is signed out and told until when. The count itself is kept by one-time-codes, over all methods.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import { lockedPage } from './locked-page.ts'

export interface LockOut {
  /**
   * Signs out of this session and shows the page.
   *
   * @param retryAt milliseconds: when the account is open again
   */
  show(request: FastifyRequest, reply: FastifyReply, retryAt: number): Promise<FastifyReply>
  /** The same for a wrong second factor, which tells whoever listens that the account is locked: once for each lock-out. */
  afterTry(request: FastifyRequest, reply: FastifyReply, retryAt: number): Promise<FastifyReply>
}

export interface LockOutParts {
  visits: Visits
  show: Show
  destinations: Destinations
  events: AccountEvents
  keyValue: KeyValue
  audit: Audit
}

export function createLockOut({
  visits,
  show,
  destinations,
  events,
  keyValue,
  audit,
}: LockOutParts): LockOut {
  async function signOut(request: FastifyRequest, reply: FastifyReply, retryAt: number) {
    const { language, session } = request.visit
    await audit.record({
      event: 'second-factor.locked-out',
      outcome: 'refusal',
      ...(session?.accountId ? { actor: session.accountId } : {}),
      requestId: request.id,
    })
    await visits.renew(request, reply, SIGNED_OUT)
    const { lang, base } = language
    const left = retryAt - now()
    reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
    const destination = destinations.of(request.visit.session)
    return show(request, reply, lockedPage({ lang, base, destination, left }))
  }

  return {
    show: signOut,
    async afterTry(request, reply, retryAt) {
      const { accountId } = request.visit.session ?? {}
      const told = `lock-out-told/${accountId}`
      // Told first and noted then: told twice is better than never.
      if (accountId && (await keyValue.get<number>(told)) !== retryAt) {
        await events.publish({ kind: 'locked-out', accountId })
        await keyValue.put(told, retryAt, retryAt)
      }
      return signOut(request, reply, retryAt)
    },
  }
}
