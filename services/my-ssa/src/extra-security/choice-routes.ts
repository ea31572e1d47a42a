// "Do you have your extra security letter and your phone?", its three choices, and another letter.

import { CallFailed } from '@gatehouse/contracts/calls'
import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PATHS } from '../paths.ts'
import { type EnrolmentSteps, to } from './enrolment.ts'
import { type EnableNotice, enablePage } from './enrolment-pages.ts'
import { NEW_LETTER_AT } from './letter-words.ts'

const ChoiceForm = Type.Object(
  { choice: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)

export function addChoice(app: App, steps: EnrolmentSteps): void {
  const { visits, frame, extraSecurity, texts, completion, guarded, personOf, progress, note } = steps

  async function showEnable(
    request: FastifyRequest,
    reply: FastifyReply,
    given: { problem?: 'choose'; notice?: EnableNotice | undefined } = {},
  ) {
    let { notice } = given
    let letter: Letter | undefined
    try {
      letter = await extraSecurity.ensureLetter(personOf(request))
    } catch (error) {
      // Nobody is kept from signing in because a letter cannot be looked for.
      if (!(error instanceof CallFailed)) throw error
      notice ??= 'letters_down'
    }
    return frame.show(request, reply, enablePage(frame.around(request, reply), { ...given, letter, notice }))
  }

  app.get(PATHS.enable, guarded, async (request, reply) => {
    const { notice } = request.visit.session ?? {}
    const isNew = notice?.kind === 'letter_requested'
    await showEnable(request, reply, isNew ? { notice: 'letter_requested' } : {})
    if (isNew) await visits.keep(request, reply, { notice: null })
    return reply
  })

  app.post(PATHS.enable, { ...guarded, schema: { body: ChoiceForm } }, async (request, reply) => {
    const { choice } = request.body
    if (choice === 'enable') {
      const now = await progress(request)
      if (!now) return showEnable(request, reply, { notice: 'needs_letter' })
      if (now.waiting) return to(request, reply, PATHS.confirmPhone)
      return to(request, reply, now.enrolment ? PATHS.upgradeCode : PATHS.addPhone)
    }
    if (choice === 'skip') {
      await note(request, 'extra-security.skipped')
    } else if (choice === 'cancel') {
      if (await extraSecurity.cancel(personOf(request))) await note(request, 'extra-security.cancelled')
    } else {
      return showEnable(request, reply, { problem: 'choose' })
    }
    // A relying service that needs extra security does not ask again in this sign-in.
    const kept = texts.after(request.visit.session, { skipped: true })
    await visits.keep(request, reply, { ...kept, detour: null })
    return to(request, reply, completion.continueAt(request))
  })

  app.post(NEW_LETTER_AT, guarded, async (request, reply) => {
    const asked = await extraSecurity.newLetter(personOf(request))
    if (asked.outcome === 'too_many') {
      return showEnable(request, reply, { notice: { until: asked.retryAt } })
    }
    await note(request, 'extra-security.letter-requested')
    await visits.keep(request, reply, { notice: { kind: 'letter_requested' } })
    return to(request, reply, PATHS.enable)
  })
}
