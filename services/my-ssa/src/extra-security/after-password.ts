// What comes after a right username and password: the text, the reset code, the question about the letter, or nothing.

import type { Account } from '@gatehouse/provider/accounts/account'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PATHS } from '../paths.ts'
import { METHODS } from '../security-code/completion.ts'
import { createSteps, type StepParts } from '../security-code/steps.ts'

/** Goes on after the password of this account was right. */
export type AfterPassword = (
  request: FastifyRequest,
  reply: FastifyReply,
  account: Pick<Account, 'id'>,
) => Promise<FastifyReply>

export function createAfterPassword(parts: StepParts): AfterPassword {
  const { visits, extraSecurity, phoneResets, texts, completion } = createSteps(parts)
  return async (request, reply, { id: accountId }) => {
    const { state, phone } = await extraSecurity.standing(accountId)
    // Whoever used the browser before is out of it; a relying service's request waits on.
    await visits.renew(request, reply, { ...SIGNED_OUT, accountId })
    if (state !== 'on') {
      const detour = state === 'requested' ? PATHS.enable : undefined
      return completion.complete(request, reply, accountId, METHODS.password, detour)
    }
    // Whatever went wrong there, the password alone must not be enough.
    if (phone === undefined) throw new Error('extra security is on, and there is no phone')
    if (await phoneResets.find(accountId)) return reply.redirect(PATHS.resetCode, 303)
    const problem = await texts.send(request, reply, { use: 'sign-in', accountId, phone })
    if (problem) await visits.keep(request, reply, { notice: problem })
    return reply.redirect(PATHS.securityCode, 303)
  }
}
