// The page before a relying service gets to see anything of an account for the first time.

import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { IdMeDestinations } from '../browser/destination.ts'
import { type Frame, statusFor } from '../browser/frame.ts'
import type { NextStep } from '../browser/next-step.ts'
import { PATHS } from '../paths.ts'
import type { Consents } from './consents.ts'
import { consentPage, type SharedAttribute, shownOn } from './pages.ts'

const ConsentForm = Type.Object(
  {
    shown: Type.Optional(Type.String({ maxLength: 2000 })),
    answer: Type.Optional(Type.String({ maxLength: 10 })),
  },
  { additionalProperties: false },
)

export interface ConsentRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  consents: Consents
  destinations: IdMeDestinations
  nextStep: NextStep
  sharedWith(session: Session, account: Account): SharedAttribute[]
  audit: Audit
}

export function addConsentRoutes(app: App, parts: ConsentRouteParts): void {
  const { visits, frame, accounts, consents, destinations, nextStep, sharedWith, audit } = parts

  /** The request that waits for consent and nothing else; `redirect` where there is none. */
  async function waiting(request: FastifyRequest) {
    const { session, language } = request.visit
    const destination = destinations.of(session)
    const account = await accounts.find(session?.accountId ?? '')
    if (!session || !destination || !account) return { redirect: language.base + PATHS.settings }
    if ((await nextStep(session, destination)) !== PATHS.consent) {
      return { redirect: language.base + destination.continueAt }
    }
    return { found: { destination, account, shared: sharedWith(session, account) } }
  }

  app.get(PATHS.consent, { onRequest: visits.requireSignIn }, async (request, reply) => {
    const { found, redirect } = await waiting(request)
    if (!found) return reply.redirect(redirect)
    const around = { ...frame.around(request, reply), destination: found.destination }
    return frame.show(request, reply, consentPage(around, found.shared))
  })

  app.post(
    PATHS.consent,
    { onRequest: visits.requireSignIn, schema: { body: ConsentForm } },
    async (request, reply) => {
      const { base } = request.visit.language
      const { found, redirect } = await waiting(request)
      if (!found) return reply.redirect(redirect, 303)
      const { destination, account, shared } = found
      const { shown, answer } = request.body
      if (shown !== shownOn(destination, shared))
        return reply.redirect(base + PATHS.consent, statusFor(request))
      const allowed = answer === 'allow'
      const attributes = shared.map(({ name }) => name)
      if (allowed) await consents.give(account.id, destination.clientId, destination.policy, attributes)
      await audit.record({
        event: allowed ? 'consent.given' : 'consent.refused',
        outcome: allowed ? 'success' : 'refusal',
        actor: account.id,
        subject: destination.clientId,
        details: { policy: destination.policy, attributes: attributes.join(' ') },
        requestId: request.id,
      })
      return reply.redirect(base + (allowed ? destination.continueAt : destination.cancelAt), 303)
    },
  )
}
