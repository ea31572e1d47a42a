// The cell phone of an enrolment, and the code of the text that confirms it.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PATHS } from '../paths.ts'
import { addNewPhoneCode } from '../security-code/new-phone-routes.ts'
import { type NumberProblem, NumberText } from '../security-code/number-field.ts'
import { type EnrolmentSteps, to } from './enrolment.ts'
import { addPhonePage, ENABLE_TITLE } from './enrolment-pages.ts'
import { readCellPhone, shownPhone } from './phone-numbers.ts'

const NumberForm = Type.Object({ number: NumberText }, { additionalProperties: false })

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

  app.post(PATHS.addPhone, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const { number = '' } = request.body
    const now = await progress(request)
    if (!now) return to(request, reply, PATHS.enable)
    const read = readCellPhone(number)
    if ('problem' in read) return showPhone(request, reply, number, { kind: read.problem })
    const problem = await texts.send(request, reply, {
      use: 'enrolment',
      accountId: personOf(request),
      phone: read.number,
      letterId: now.letter.letterId,
    })
    if (problem) return showPhone(request, reply, number, problem)
    return to(request, reply, PATHS.confirmPhone)
  })

  addNewPhoneCode(app, steps, {
    use: 'enrolment',
    title: `${ENABLE_TITLE} - Enter Text Code`,
    paths: { number: PATHS.addPhone, code: PATHS.confirmPhone, texts: `${PATHS.enable}/texts` },
    withoutText: PATHS.addPhone,
    guarded,
    waiting: async (request) => (await progress(request))?.waiting,
    async confirmed(request, reply, { phone, letterId = '' }) {
      const { id } = await extraSecurity.confirmPhone(personOf(request), letterId, phone)
      await visits.keep(request, reply, texts.after(request.visit.session, { enrolmentId: id }))
      await note(request, 'extra-security.phone-confirmed')
      return to(request, reply, PATHS.upgradeCode)
    },
  })
}
