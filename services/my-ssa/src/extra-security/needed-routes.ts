// A relying service asks for extra security that the account does not have: ask for the letter, or go on without.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { keepCeremony } from '../browser/ceremony.ts'
import { PATHS } from '../paths.ts'
import { hasGivenText, statusFor } from '../security-code/completion.ts'
import { type EnrolmentSteps, signedIn } from './enrolment.ts'
import { neededPage } from './enrolment-pages.ts'

const NeededForm = Type.Object(
  { choice: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)

export function addNeeded(app: App, steps: EnrolmentSteps): void {
  const { visits, frame, extraSecurity, completion, personOf, note } = steps
  const guarded = { onRequest: signedIn(visits) }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    given: { problem?: 'choose'; tooMany?: number } = {},
  ) {
    const { session } = request.visit
    const state = await extraSecurity.stateOf(personOf(request))
    if (state === 'on') {
      const next = hasGivenText(session) ? completion.continueAt(request) : PATHS.securityCode
      return reply.redirect(next, statusFor(request))
    }
    const isRequested = state === 'requested' && given.tooMany === undefined
    return frame.show(request, reply, neededPage(frame.around(request, reply), { isRequested, ...given }))
  }

  app.get(PATHS.needed, guarded, async (request, reply) => show(request, reply))

  app.post(PATHS.needed, { ...guarded, schema: { body: NeededForm } }, async (request, reply) => {
    const { choice } = request.body
    if (choice === 'skip') {
      await note(request, 'extra-security.skipped')
      await keepCeremony(visits, request, reply, { skipped: true })
      return reply.redirect(completion.continueAt(request), 303)
    }
    if (choice !== 'request') return show(request, reply, { problem: 'choose' })
    const asked = await extraSecurity.request(personOf(request))
    if (asked.outcome === 'too_many') return show(request, reply, { tooMany: asked.retryAt })
    await note(request, 'extra-security.requested')
    return reply.redirect(PATHS.needed, 303)
  })
}
