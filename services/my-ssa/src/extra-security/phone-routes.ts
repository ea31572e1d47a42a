// The cell phone of an enrolment, and the code of the text that confirms it.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PATHS } from '../paths.ts'
import { type NumberProblem, NumberText } from '../security-code/number-field.ts'
import { type CodePage, codePage } from '../security-code/pages.ts'
import { CodeForm } from '../security-code/routes.ts'
import { type EnrolmentSteps, to } from './enrolment.ts'
import { addPhonePage, ENABLE_TITLE } from './enrolment-pages.ts'
import { readCellPhone, shownPhone } from './phone-numbers.ts'

const NumberForm = Type.Object({ number: NumberText }, { additionalProperties: false })

const TEXTS_OF_ENROLMENT = `${PATHS.enable}/texts`

export function addPhone(app: App, steps: EnrolmentSteps): void {
  const { visits, frame, extraSecurity, texts, guarded, personOf, progress, note } = steps

  function showPhone(request: FastifyRequest, reply: FastifyReply, number: string, problem?: NumberProblem) {
    return frame.show(request, reply, addPhonePage(frame.around(request, reply), { number, problem }))
  }

  app.get(PATHS.addPhone, guarded, async (request, reply) => {
    const now = await progress(request)
    if (!now) return to(request, reply, PATHS.enable)
    return showPhone(request, reply, now.waiting ? shownPhone(now.waiting.phone) : '')
  })

  async function send(request: FastifyRequest, reply: FastifyReply, phone: string, letterId: string) {
    const accountId = personOf(request)
    return texts.send(request, reply, { use: 'enrolment', accountId, phone, letterId })
  }

  app.post(PATHS.addPhone, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const { number = '' } = request.body
    const now = await progress(request)
    if (!now) return to(request, reply, PATHS.enable)
    const read = readCellPhone(number)
    if ('problem' in read) return showPhone(request, reply, number, { kind: read.problem })
    const problem = await send(request, reply, read.number, now.letter.letterId)
    if (problem) return showPhone(request, reply, number, problem)
    return to(request, reply, PATHS.confirmPhone)
  })

  function showCode(
    request: FastifyRequest,
    reply: FastifyReply,
    phone: string,
    problem?: CodePage['problem'],
  ) {
    const page = codePage(frame.around(request, reply), {
      title: `${ENABLE_TITLE} - Enter Text Code`,
      phone: shownPhone(phone),
      isWaiting: true,
      paths: { code: PATHS.confirmPhone, texts: TEXTS_OF_ENROLMENT },
      correctAt: PATHS.addPhone,
      previousAt: PATHS.addPhone,
      problem,
      notice: request.visit.session?.notice,
    })
    return frame.show(request, reply, page)
  }

  app.get(PATHS.confirmPhone, guarded, async (request, reply) => {
    const now = await progress(request)
    if (!now?.waiting) return to(request, reply, now ? PATHS.addPhone : PATHS.enable)
    await showCode(request, reply, now.waiting.phone)
    if (request.visit.session?.notice) await visits.keep(request, reply, { notice: null })
    return reply
  })

  app.post(TEXTS_OF_ENROLMENT, guarded, async (request, reply) => {
    const now = await progress(request)
    if (!now?.waiting) return to(request, reply, PATHS.addPhone)
    const problem = await send(request, reply, now.waiting.phone, now.letter.letterId)
    return problem
      ? showCode(request, reply, now.waiting.phone, problem)
      : to(request, reply, PATHS.confirmPhone)
  })

  app.post(PATHS.confirmPhone, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const now = await progress(request)
    if (!now?.waiting) return to(request, reply, PATHS.addPhone)
    const { phone } = now.waiting
    const problem = await texts.tryCode(request, now.waiting, request.body.code)
    if (problem) return showCode(request, reply, phone, problem)
    const { id } = await extraSecurity.confirmPhone(personOf(request), now.letter.letterId, phone)
    await visits.keep(request, reply, texts.after(request.visit.session, { enrolmentId: id }))
    await note(request, 'extra-security.phone-confirmed')
    return to(request, reply, PATHS.upgradeCode)
  })
}
