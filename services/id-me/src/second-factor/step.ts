// What the pages of all second factors share: who may see them, and what happens when one was right, wrong, or wrong too
// often (fact sheet 7: after three failed tries the account has to be recovered).

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { ceremonyOf } from '../browser/ceremony.ts'
import type { IdMeDestinations } from '../browser/destination.ts'
import { type Frame, statusFor } from '../browser/frame.ts'
import { isMultifactor } from '../browser/next-step.ts'
import { PATHS } from '../paths.ts'
import type { Locked } from '../recovery/locked.ts'
import type { AroundStep } from './around.ts'
import { type Means, type MeansParts, type Method, meansOf, type UsedMethod } from './methods.ts'

export interface SecondFactorParts extends MeansParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  tries: Tries
  locked: Locked
  destinations: IdMeDestinations
  audit: Audit
}

/** What the person may be asked for now. */
export interface Open extends Means {
  account: Account
}

/** What came of a try whose secret was looked at here. */
export type Tried<Result> =
  | { outcome: 'accepted'; result: Result }
  | { outcome: 'refused'; triesLeft: number }
  /** The account is locked, and the page that says so was sent. */
  | { outcome: 'answered'; reply: FastifyReply }

export interface SecondFactorStep {
  /** Hooks of every page here: for who has given the password and still owes the second factor. */
  guards: onRequestAsyncHookHandler[]
  around(request: FastifyRequest, reply: FastifyReply): AroundStep
  open(request: FastifyRequest): Promise<Open>
  /** The same where the method is open to the person; nothing otherwise. */
  openFor(request: FastifyRequest, method: Method): Promise<Open | undefined>
  /** To the page that picks the method. */
  restart(request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** Counts the try, then looks; a lock-out has been answered. `check` gives nothing for what is wrong. */
  attempt<Result>(
    request: FastifyRequest,
    reply: FastifyReply,
    method: Method,
    check: () => Promise<Result | undefined>,
  ): Promise<Tried<Result>>
  /** For tries that are counted elsewhere. */
  noteRefused(request: FastifyRequest, method: Method): Promise<void>
  /** Meets the locked account. */
  lock(request: FastifyRequest, reply: FastifyReply, retryAt: number): Promise<FastifyReply>
  /** Notes the second factor and goes on. */
  complete(request: FastifyRequest, reply: FastifyReply, method: UsedMethod): Promise<FastifyReply>
}

export function createSecondFactorStep(parts: SecondFactorParts): SecondFactorStep {
  const { visits, frame, accounts, tries, locked, destinations, audit } = parts

  function continueAt(request: FastifyRequest, returnTo: string | undefined): string {
    const { language, session } = request.visit
    return language.base + (returnTo ?? destinations.of(session)?.continueAt ?? PATHS.settings)
  }

  const stillOwed: onRequestAsyncHookHandler = async (request, reply) => {
    const { session } = request.visit
    const { isAgain, returnTo } = ceremonyOf(session)
    if (isAgain || !isMultifactor(session?.authentication)) return
    return reply.redirect(continueAt(request, returnTo), statusFor(request))
  }

  async function open(request: FastifyRequest): Promise<Open> {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    return { account, ...(await meansOf(account.id, parts)) }
  }

  async function noteRefused(request: FastifyRequest, method: Method): Promise<void> {
    await audit.record({
      event: 'second-factor.refused',
      outcome: 'refusal',
      actor: request.visit.session?.accountId ?? '',
      details: { method },
      requestId: request.id,
    })
  }

  async function lock(request: FastifyRequest, reply: FastifyReply, retryAt: number) {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    return locked.meet(request, reply, account, { reason: 'second_factor', retryAt })
  }

  return {
    guards: [visits.requireSignIn, stillOwed],
    open,
    noteRefused,
    lock,
    around(request, reply) {
      const isAgain = ceremonyOf(request.visit.session).isAgain === true
      return { ...frame.around(request, reply), isAgain }
    },
    async openFor(request, method) {
      const means = await open(request)
      return means.methods.includes(method) ? means : undefined
    },
    restart: (request, reply) =>
      reply.redirect(request.visit.language.base + PATHS.secondFactor, statusFor(request)),
    async attempt(request, reply, method, check) {
      const tried = await tries.attempt(request.visit.session?.accountId ?? '', check)
      if (tried.outcome === 'accepted') return { outcome: 'accepted', result: tried.result }
      await noteRefused(request, method)
      if (tried.outcome === 'refused') return tried
      return { outcome: 'answered', reply: await lock(request, reply, tried.retryAt) }
    },
    async complete(request, reply, method) {
      const { session, language } = request.visit
      const { isAgain, returnTo } = ceremonyOf(session)
      const { methods = ['password'], at = now() } = session?.authentication ?? {}
      const renewed = await visits.renew(request, reply, {
        authentication: {
          methods: [...methods.filter((one) => one !== method), method],
          // What others were told of when somebody signed in stays so, unless both factors were given again.
          at: isAgain || !isMultifactor(session?.authentication) ? now() : at,
        },
        challenge: null,
        ceremony: null,
        notice: null,
      })
      // The session ended meanwhile, and this is a new one that nobody is in.
      if (!renewed.signInId) return reply.redirect(`${language.base}${PATHS.signIn}?timeout=session`, 303)
      await audit.record({
        event: isAgain ? 'second-factor.accepted' : 'sign-in.completed',
        outcome: 'success',
        actor: session?.accountId ?? '',
        details: { method },
        requestId: request.id,
      })
      return reply.redirect(continueAt(request, returnTo), statusFor(request))
    },
  }
}
