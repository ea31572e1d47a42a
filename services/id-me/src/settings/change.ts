// Changes to how somebody signs in: who may make them, and who is told.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { CallFailed } from '@gatehouse/contracts/calls'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { keepCeremony } from '../browser/ceremony.ts'
import { type Frame, statusFor } from '../browser/frame.ts'
import { isMultifactor } from '../browser/next-step.ts'
import type { Letters } from '../mail/letters.ts'
import { PATHS } from '../paths.ts'
import type { UsedMethod } from '../second-factor/methods.ts'
import type { Open, SecondFactorStep } from '../second-factor/step.ts'

export interface ChangeParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  step: SecondFactorStep
  letters: Letters
  audit: Audit
  /** Milliseconds after which somebody who is signed in authenticates again before a change. */
  reauthenticationMs: number
}

export interface Changes {
  /**
   * Hooks of a page that changes something. An account without any second factor needs none to get its first.
   *
   * @param returnTo path, without language prefix, to which the person comes back from authenticating again
   */
  guards(returnTo: string): onRequestAsyncHookHandler[]
  /** Hooks of a page that only shows. */
  viewing: onRequestAsyncHookHandler[]
  open(request: FastifyRequest): Promise<Open>
  /** Records a change, and tells the person by mail. */
  tell(request: FastifyRequest, event: string, what: string): Promise<void>
  /**
   * After another second factor was added: the first one of a sign-in completes it.
   *
   * @param means what the account had before
   */
  added(request: FastifyRequest, reply: FastifyReply, method: UsedMethod): Promise<FastifyReply>
}

export function createChanges(parts: ChangeParts): Changes {
  const { visits, accounts, step, letters, audit, reauthenticationMs } = parts

  function requireSecondFactor(returnTo: string): onRequestAsyncHookHandler {
    return async (request, reply) => {
      const { session, language } = request.visit
      if (isMultifactor(session?.authentication)) return
      const { methods } = await step.open(request)
      if (methods.length === 0) return
      await keepCeremony(visits, request, reply, { returnTo })
      return reply.redirect(language.base + PATHS.secondFactor, statusFor(request))
    }
  }

  function requireRecent(returnTo: string): onRequestAsyncHookHandler {
    return async (request, reply) => {
      const { session, language } = request.visit
      if (now() < (session?.authentication?.at ?? 0) + reauthenticationMs) return
      await keepCeremony(visits, request, reply, { returnTo })
      return reply.redirect(language.base + PATHS.signInAgain, statusFor(request))
    }
  }

  async function tell(request: FastifyRequest, event: string, what: string): Promise<void> {
    const { session, language } = request.visit
    const account = await accounts.find(session?.accountId ?? '')
    if (!account) return
    await audit.record({
      event,
      outcome: 'success',
      actor: account.id,
      details: { what },
      requestId: request.id,
    })
    try {
      for (const email of account.emails) await letters.send('changed', email, language.lang, PATHS.settings)
    } catch (error) {
      // The change is made; that the mail did not go takes nothing back.
      if (!(error instanceof CallFailed)) throw error
      request.log.warn({ err: error }, 'no mail about a change of an account')
    }
  }

  return {
    guards: (returnTo) => [visits.requireSignIn, requireSecondFactor(returnTo), requireRecent(returnTo)],
    viewing: [visits.requireSignIn, requireSecondFactor(PATHS.settings)],
    open: (request) => step.open(request),
    tell,
    async added(request, reply, method) {
      await tell(request, 'second-factor.added', method)
      const { session, language } = request.visit
      if (!isMultifactor(session?.authentication)) return step.complete(request, reply, method)
      await visits.keep(request, reply, { notice: { kind: 'added' }, challenge: null, ceremony: null })
      return reply.redirect(language.base + PATHS.settings, statusFor(request))
    },
  }
}
