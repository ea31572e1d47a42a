// Between the first factor and the second: who gets no further although the first factor was right, and which page comes
// first for whoever does.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountResets } from '../account-reset/account-resets.ts'
import { PENDING } from '../account-reset/paths.ts'
import type { Show } from '../browser/frame.ts'
import { RULES_OF_USE } from '../rules-of-use/routes.ts'
import type { LockOut } from '../second-factor/lock-out.ts'
import { SECOND_FACTOR } from '../second-factor/step.ts'
import { closedPage } from './closed-page.ts'

export interface EntranceParts {
  visits: Visits
  show: Show
  destinations: Destinations
  tries: Tries
  lockOut: LockOut
  accountResets: AccountResets
  /** Milliseconds for which an acceptance of the rules of use counts. */
  rulesOfUseMs: number
  audit: Audit
}

export interface Entrance {
  /**
   * Answers somebody whose account lets nobody in now.
   *
   * @returns whether it did. Not the reply: awaiting one gives nothing, as it is a promise itself
   */
  refuse(request: FastifyRequest, reply: FastifyReply, account: Account): Promise<boolean>
  /** The page, without language prefix, that comes before the second factor; nothing when none does. */
  detour(account: Account): Promise<string | undefined>
  /** Keeps that the first factor was right, and gives the path where to go on. */
  enter(request: FastifyRequest, reply: FastifyReply, account: Account): Promise<string>
}

export function createEntrance(parts: EntranceParts): Entrance {
  const { visits, show, destinations, tries, lockOut, accountResets, rulesOfUseMs, audit } = parts

  async function closed(
    request: FastifyRequest,
    reply: FastifyReply,
    account: Account,
    reason: 'suspended' | 'password_reset_required',
  ) {
    const { language, session } = request.visit
    await audit.record({
      event: 'sign-in.refused',
      outcome: 'refusal',
      actor: account.id,
      details: { reason },
      requestId: request.id,
    })
    await show(request, reply, closedPage({ ...language, destination: destinations.of(session), reason }))
    return true
  }

  async function detour(account: Account): Promise<string | undefined> {
    if (await accountResets.waiting(account.id)) return PENDING
    const { rulesAcceptedAt } = account
    const isAccepted = rulesAcceptedAt !== undefined && now() < rulesAcceptedAt + rulesOfUseMs
    return isAccepted ? undefined : RULES_OF_USE
  }

  return {
    detour,
    async refuse(request, reply, account) {
      if (account.isSuspended) return closed(request, reply, account, 'suspended')
      if (account.passwordResetRequired) return closed(request, reply, account, 'password_reset_required')
      const lockedUntil = await tries.lockedUntil(account.id)
      if (lockedUntil === undefined) return false
      await lockOut.show(request, reply, lockedUntil)
      return true
    },
    async enter(request, reply, account) {
      const first = await detour(account)
      await visits.renew(request, reply, {
        accountId: account.id,
        signInId: null,
        authentication: null,
        challenge: null,
        ceremony: null,
        notice: null,
        detour: first ?? null,
      })
      return first ?? SECOND_FACTOR
    },
  }
}
