import type { onRequestAsyncHookHandler } from 'fastify'
import { PATHS } from '../paths.ts'
import { hasGivenText, statusFor } from '../security-code/completion.ts'
import type { Steps } from '../security-code/steps.ts'

/** For who has given the password of an account with extra security, and not the text. */
export function owesText({ visits, extraSecurity, completion }: Steps): onRequestAsyncHookHandler[] {
  return [
    visits.requireFirstFactor,
    async (request, reply) => {
      const { session } = request.visit
      if (hasGivenText(session)) return reply.redirect(completion.continueAt(request), statusFor(request))
      if ((await extraSecurity.stateOf(session?.accountId ?? '')) === 'on') return
      return reply.redirect(PATHS.securityCode, statusFor(request))
    },
  ]
}
