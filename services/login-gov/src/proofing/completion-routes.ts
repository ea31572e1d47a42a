// The password, with which the profile becomes the account's, and the personal key.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { AttemptOutcome, PasswordAttempt } from '../password/attempts.ts'
import type { Completion } from './completion.ts'
import { KEPT, type PasswordProblem, passwordPage, personalKeyPage } from './completion-pages.ts'
import type { Here, ProofingFlow } from './flow.ts'
import { PASSWORD, PERSONAL_KEY, PROOFING } from './paths.ts'
import type { ProgressKeeping } from './progress.ts'

const PasswordForm = Type.Object(
  { 'user[password]': Type.Optional(Type.String({ maxLength: 1024 })) },
  { additionalProperties: false },
)
const KeptForm = Type.Object({ [KEPT]: Type.Optional(Type.Literal('1')) }, { additionalProperties: false })

export interface CompletionRouteParts {
  visits: Visits
  show: Show
  flow: ProofingFlow
  progress: ProgressKeeping
  completion: Completion
  attemptPassword(attempt: PasswordAttempt): Promise<AttemptOutcome>
  audit: Audit
}

export function addCompletionRoutes(app: App, parts: CompletionRouteParts): void {
  const { visits, show, flow, progress: keeping, completion, attemptPassword, audit } = parts
  const guarded = { onRequest: visits.requireSignIn }

  app.get(PASSWORD, guarded, async (request, reply) => {
    const here = await flow.enter(request, PASSWORD)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    return show(request, reply, passwordPage(flow.around(request, reply, here.destination)))
  })

  app.post(PASSWORD, { ...guarded, schema: { body: PasswordForm } }, async (request, reply) => {
    const here = await flow.enter(request, PASSWORD)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { account, progress } = here
    if (!progress) throw new Error('somebody got past the first page without it')
    const problem = await passwordProblem(request, reply, here, request.body['user[password]'] ?? '')
    if (problem) {
      return show(request, reply, passwordPage(flow.around(request, reply, here.destination), problem))
    }
    const { base } = request.visit.language
    const personalKey = await completion.complete(account, progress)
    if (!personalKey) return reply.redirect(base + PROOFING, 303)
    await audit.record({
      event: 'proofing.completed',
      outcome: 'success',
      actor: account.id,
      details: { faceMatched: progress.faceMatched ?? false, again: account.profile !== undefined },
      requestId: request.id,
    })
    // From here on only the key is needed.
    const { accountId, runId } = progress
    const ceremony = keeping.ceremonyWith(request.visit.session, { accountId, runId, personalKey })
    await visits.renew(request, reply, { ceremony })
    return reply.redirect(base + PERSONAL_KEY, 303)
  })

  async function passwordProblem(
    request: FastifyRequest,
    reply: FastifyReply,
    { account }: Here,
    password: string,
  ): Promise<PasswordProblem | undefined> {
    if (password === '') return 'blank'
    const attempt = await attemptPassword({
      sessionId: request.visit.session?.id ?? '',
      email: account.email,
      password,
      address: request.ip,
    })
    if (attempt.outcome === 'accepted') return undefined
    await audit.record({
      event: 'password.refused',
      outcome: 'refusal',
      actor: account.id,
      details: { reason: attempt.outcome },
      requestId: request.id,
    })
    if (!('until' in attempt)) return 'wrong'
    const blockedFor = attempt.until - now()
    reply.header('retry-after', Math.max(1, Math.ceil(blockedFor / 1000)))
    return { blockedFor }
  }

  app.get(PERSONAL_KEY, guarded, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { personalKey } = keeping.of(request.visit.session) ?? {}
    if (!personalKey) return reply.redirect(base + PROOFING)
    return show(request, reply, personalKeyPage({ lang, base, csrf: reply.csrfToken(), personalKey }))
  })

  app.post(PERSONAL_KEY, { ...guarded, schema: { body: KeptForm } }, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { personalKey } = keeping.of(request.visit.session) ?? {}
    if (!personalKey) return reply.redirect(base + PROOFING, 303)
    if (!request.body[KEPT]) {
      const page = personalKeyPage({ lang, base, csrf: reply.csrfToken(), personalKey, isMissing: true })
      return show(request, reply, page)
    }
    await flow.keep(request, reply, undefined)
    return reply.redirect(flow.continueAt(request), 303)
  })
}
