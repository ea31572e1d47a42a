// Where proofing begins, and where it ends early.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { ProofingAttempts } from './attempts.ts'
import type { ProofingFlow } from './flow.ts'
import { CANCEL, FAILURE, PROOFING, START_OVER, WARNING, WELCOME } from './paths.ts'
import { nextStep } from './progress.ts'
import { CONSENT, cancelPage, failedPage, welcomePage } from './welcome-pages.ts'

const WelcomeForm = Type.Object(
  { [CONSENT]: Type.Optional(Type.Literal('1')) },
  { additionalProperties: false },
)

export interface WelcomeRouteParts {
  visits: Visits
  show: Show
  flow: ProofingFlow
  attempts: ProofingAttempts
}

export function addWelcomeRoutes(app: App, { visits, show, flow, attempts }: WelcomeRouteParts): void {
  const guarded = { onRequest: visits.requireSignIn }

  app.get(PROOFING, guarded, async (request, reply) => {
    const here = await flow.enter(request, 'beside')
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    return reply.redirect(request.visit.language.base + nextStep(here.progress, here.demand))
  })

  app.get(WELCOME, guarded, async (request, reply) => {
    const here = await flow.enter(request, WELCOME)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    return show(request, reply, welcomePage(flow.around(request, reply, here.destination), here.demand))
  })

  app.post(WELCOME, { ...guarded, schema: { body: WelcomeForm } }, async (request, reply) => {
    const here = await flow.enter(request, WELCOME)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    if (!request.body[CONSENT]) {
      const around = flow.around(request, reply, here.destination)
      return show(request, reply, welcomePage(around, { ...here.demand, isMissing: true }))
    }
    const begun = { accountId: here.account.id, runId: randomUUID() }
    return flow.goOn(request, reply, here.demand, here.progress ?? begun)
  })

  app.get(CANCEL, guarded, async (request, reply) => {
    const here = await flow.enter(request, 'beside')
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    return show(request, reply, cancelPage(flow.around(request, reply, here.destination)))
  })

  app.post(START_OVER, guarded, async (request, reply) => {
    const here = await flow.enter(request, 'beside')
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    await flow.keep(request, reply, undefined)
    return reply.redirect(request.visit.language.base + WELCOME, 303)
  })

  app.get(WARNING, guarded, async (request, reply) => {
    const here = await flow.enter(request, 'beside')
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { destination, attemptsLeft } = here
    return show(request, reply, failedPage(flow.around(request, reply, destination), { attemptsLeft }))
  })

  app.get(FAILURE, guarded, async (request, reply) => {
    const here = await flow.enter(request, 'failure')
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { until } = await attempts.left(here.account.id)
    const around = flow.around(request, reply, here.destination)
    return show(request, reply, failedPage(around, { waitMs: until - now() }))
  })
}
