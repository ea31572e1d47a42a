// Who may see and change the security settings: with extra security on, only who has given the text, and for a change the
// password once more.

import type { Account } from '@gatehouse/provider/accounts/account'
import { createPasswordStep } from '@gatehouse/provider/password/password-step'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { PATHS } from '../paths.ts'
import { hasGivenText, noteRefused, statusFor } from '../security-code/completion.ts'
import type { Steps } from '../security-code/steps.ts'
import type { PasswordProblem } from './settings-pages.ts'

export interface SettingsAccess {
  viewing: onRequestAsyncHookHandler[]
  /** The same while extra security is on; others are sent to the settings. */
  changing: onRequestAsyncHookHandler[]
  accountOf(request: FastifyRequest): Promise<Account>
  /** The password given again. @returns what is wrong with it, if anything */
  passwordProblem(request: FastifyRequest, password: string): Promise<PasswordProblem | undefined>
}

export function createSettingsAccess(parts: Steps): SettingsAccess {
  const { visits, extraSecurity, accounts, keyValue, limits, audit } = parts
  // Counted with the tries at sign-in, which are the account's too.
  const passwordStep = createPasswordStep(accounts, keyValue, {
    mostTries: limits.passwordTries,
    waitMs: limits.passwordBlockMs,
  })

  const stateOf = (request: FastifyRequest) => extraSecurity.stateOf(request.visit.session?.accountId ?? '')

  const requireText: onRequestAsyncHookHandler = async (request, reply) => {
    if (hasGivenText(request.visit.session) || (await stateOf(request)) !== 'on') return
    return reply.redirect(PATHS.securityCode, statusFor(request))
  }
  const requireOn: onRequestAsyncHookHandler = async (request, reply) => {
    if ((await stateOf(request)) !== 'on') return reply.redirect(PATHS.securitySettings, statusFor(request))
  }

  async function accountOf(request: FastifyRequest): Promise<Account> {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    return account
  }

  const viewing = [visits.requireSignIn, requireText]
  return {
    viewing,
    changing: [...viewing, requireOn],
    accountOf,
    async passwordProblem(request, password) {
      if (password === '') return { kind: 'blank' }
      const { id, email } = await accountOf(request)
      const tried = await passwordStep.attempt(id, email, password)
      if (tried.outcome === 'accepted') return undefined
      await noteRefused(audit, request, 'password.refused')
      const until = tried.outcome === 'blocked' ? tried.until : undefined
      if (until !== undefined) return { kind: 'blocked', until }
      if (tried.outcome === 'refused' && tried.blockedUntil) {
        return { kind: 'blocked', until: tried.blockedUntil }
      }
      return { kind: 'wrong' }
    },
  }
}
