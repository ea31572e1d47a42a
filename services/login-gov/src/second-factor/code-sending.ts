// Has a one-time code sent in a sign-in and moves on to the page that shows what came of it.

import type { Channel } from '@gatehouse/contracts/one-time-codes'
import type { Authenticator } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LockOut } from './lock-out.ts'
import { challengePath, takesCalls } from './methods.ts'
import { SECOND_FACTOR, statusFor } from './step.ts'

export interface CodeSending {
  send(
    request: FastifyRequest,
    reply: FastifyReply,
    channel: Channel,
    phone: Authenticator<'phone'> | undefined,
  ): Promise<FastifyReply>
}

export function createCodeSending({
  visits,
  oneTimeCode,
  lockOut,
}: {
  visits: Visits
  oneTimeCode: OneTimeCodeStep
  lockOut: LockOut
}): CodeSending {
  return {
    async send(request, reply, channel, phone) {
      const { language, session } = request.visit
      const { base, lang } = language
      const status = statusFor(request)
      if (!phone) return reply.redirect(base + SECOND_FACTOR, status)
      const receiver = {
        accountId: phone.accountId,
        phoneNumber: phone.details.number,
        purpose: 'sign-in',
        authenticatorId: phone.id,
      }
      const { challenge } = session ?? {}
      // Another phone gets a code of its own; the one before does not count any more.
      const previous = challenge?.authenticatorId === phone.id ? challenge : undefined
      const way = channel === 'call' && takesCalls(phone) ? 'call' : 'text'
      const sent = await oneTimeCode.send(receiver, way, lang, previous)
      if (sent.outcome === 'locked') return lockOut.show(request, reply, sent.retryAt)
      // Nothing is kept: what a request at the same time keeps stays.
      if (sent.outcome === 'overtaken') return reply.redirect(base + SECOND_FACTOR, status)
      if (sent.outcome === 'number_refused' || sent.outcome === 'not_delivered') {
        await visits.keep(request, reply, { notice: { kind: sent.outcome } })
        return reply.redirect(`${base}/login/two_factor/options`, status)
      }
      const notice = sent.outcome === 'too_soon' ? { kind: 'too_soon', until: sent.retryAt } : null
      await visits.keep(request, reply, { challenge: sent.challenge, notice })
      const method = sent.challenge.channel === 'call' ? 'voice' : 'sms'
      return reply.redirect(base + challengePath(method), status)
    },
  }
}
