// Verifying who somebody is, for policies that ask for it, and to which community they belong. Personas pass or fail as their
// file says; what others enter is taken for true.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Evidence } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { IdMeDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import type { NextStep } from '../browser/next-step.ts'
import { PATHS } from '../paths.ts'
import { readEvidence } from './evidence.ts'
import { evidencePage, failedPage, groupFailedPage, personaPage } from './pages.ts'

const line = Type.Optional(Type.String({ maxLength: 100 }))
const EvidenceBody = Type.Object(
  {
    givenName: line,
    middleName: line,
    familyName: line,
    birthdate: line,
    document: line,
    number: line,
    street: line,
    city: line,
    state: line,
    zip: line,
  },
  { additionalProperties: false },
)

export interface VerificationRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  authenticators: Authenticators
  destinations: IdMeDestinations
  nextStep: NextStep
  audit: Audit
}

export function addVerificationRoutes(app: App, parts: VerificationRouteParts): void {
  const { visits, frame, accounts, authenticators, destinations, nextStep, audit } = parts
  const guarded = { onRequest: visits.requireSignIn }

  /** The request that waits for this step and nothing else; `redirect` where there is none. */
  async function waiting(request: FastifyRequest, step: string) {
    const { session, language } = request.visit
    const destination = destinations.of(session)
    const account = await accounts.find(session?.accountId ?? '')
    if (!session || !destination || !account) return { redirect: language.base + PATHS.settings }
    // So nobody comes here without the second factor that the policy asks for.
    if ((await nextStep(session, destination)) !== step) {
      return { redirect: language.base + destination.continueAt }
    }
    return { found: { session, destination, account } }
  }

  app.get(PATHS.verification, guarded, async (request, reply) => {
    const { found, redirect } = await waiting(request, PATHS.verification)
    if (!found) return reply.redirect(redirect)
    const around = frame.around(request, reply)
    return frame.show(request, reply, found.account.evidence ? personaPage(around) : evidencePage(around))
  })

  app.post(PATHS.verification, { ...guarded, schema: { body: EvidenceBody } }, async (request, reply) => {
    const { found, redirect } = await waiting(request, PATHS.verification)
    if (!found) return reply.redirect(redirect, 303)
    const { session, destination, account } = found
    const around = frame.around(request, reply)
    const evidence = account.evidence ?? readEvidence(request.body)
    if (Array.isArray(evidence)) {
      return frame.show(request, reply, evidencePage(around, request.body, evidence))
    }
    const passed = evidence.outcome === 'passes'
    await audit.record({
      event: 'identity.verified',
      outcome: passed ? 'success' : 'refusal',
      actor: account.id,
      subject: destination.clientId,
      requestId: request.id,
    })
    if (!passed) return frame.show(request, reply, failedPage(around))
    await accounts.setProfile(account.id, {
      ...(await withPhone(account.id, evidence.identity)),
      faceMatched: account.profile?.faceMatched ?? false,
      verifiedAt: now(),
    })
    await visits.keep(request, reply, { pending: destinations.verified(session) })
    return reply.redirect(around.base + destination.continueAt, 303)
  })

  app.get(PATHS.group, guarded, async (request, reply) => {
    const { found, redirect } = await waiting(request, PATHS.group)
    if (!found) return reply.redirect(redirect)
    const { account, destination } = found
    const group = destination.group ?? ''
    await audit.record({
      event: 'group.refused',
      outcome: 'refusal',
      actor: account.id,
      subject: destination.clientId,
      details: { group },
      requestId: request.id,
    })
    return frame.show(request, reply, groupFailedPage(frame.around(request, reply), group))
  })

  /** Who gave no number has that of the phone for the codes. */
  async function withPhone(accountId: string, identity: Evidence['identity']): Promise<Evidence['identity']> {
    const [phone] = await authenticators.ofKind(accountId, 'phone')
    return phone ? { phoneNumber: phone.details.number, ...identity } : identity
  }
}
