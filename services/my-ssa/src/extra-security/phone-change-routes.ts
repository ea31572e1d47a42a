// Another cell phone for somebody who still has the old one: that binds a new authenticator, so the password is given
// again, the new phone is confirmed by text, and the person is told (NIST SP 800-63B-4 §4.1.2 and §4.6).

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PATHS } from '../paths.ts'
import { addNewPhoneCode } from '../security-code/new-phone-routes.ts'
import { NumberText } from '../security-code/number-field.ts'
import type { Steps } from '../security-code/steps.ts'
import { readCellPhone } from './phone-numbers.ts'
import { createSettingsAccess } from './settings-access.ts'
import { changePhonePage, SETTINGS_PATHS } from './settings-pages.ts'

const ChangeForm = Type.Object(
  { password: Type.Optional(Type.String({ maxLength: 1024 })), number: NumberText },
  { additionalProperties: false },
)

export function addPhoneChange(app: App, steps: Steps): void {
  const { visits, frame, extraSecurity, phoneResets, texts, changes } = steps
  const access = createSettingsAccess(steps)
  const guarded = { onRequest: access.changing }
  const personOf = (request: FastifyRequest) => request.visit.session?.accountId ?? ''
  const phoneOf = async (request: FastifyRequest) =>
    (await extraSecurity.standing(personOf(request))).phone ?? ''

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    given: Omit<Parameters<typeof changePhonePage>[1], 'phone'> = {},
  ) {
    const phone = await phoneOf(request)
    return frame.show(request, reply, changePhonePage(frame.around(request, reply), { ...given, phone }))
  }

  app.get(SETTINGS_PATHS.phone, guarded, async (request, reply) => show(request, reply))

  app.post(SETTINGS_PATHS.phone, { ...guarded, schema: { body: ChangeForm } }, async (request, reply) => {
    const { password: given = '', number = '' } = request.body
    const read = readCellPhone(number)
    // The number first: a password that is right is not asked for twice because of a slip in the number.
    if ('problem' in read) {
      const password = given === '' ? ({ kind: 'blank' } as const) : undefined
      return show(request, reply, { number, problem: { kind: read.problem }, password })
    }
    if (read.number === (await phoneOf(request))) {
      return show(request, reply, { number, problem: { kind: 'same' } })
    }
    const password = await access.passwordProblem(request, given)
    if (password) return show(request, reply, { number, password })
    const to = { use: 'new-phone', accountId: personOf(request), phone: read.number } as const
    const problem = await texts.send(request, reply, to)
    if (problem) return show(request, reply, { number, problem })
    return reply.redirect(SETTINGS_PATHS.phoneCode, 303)
  })

  addNewPhoneCode(app, steps, {
    use: 'new-phone',
    title: 'Change your cell phone number - Enter Text Code',
    paths: { number: SETTINGS_PATHS.phone, code: SETTINGS_PATHS.phoneCode, texts: SETTINGS_PATHS.phoneTexts },
    withoutText: SETTINGS_PATHS.phone,
    guarded,
    async confirmed(request, reply, { phone }) {
      const accountId = personOf(request)
      const isChanged = await extraSecurity.changePhone(accountId, phone)
      const { ceremony, challenge } = texts.after(request.visit.session)
      await visits.keep(request, reply, {
        ceremony,
        challenge,
        notice: isChanged ? { kind: 'phone_changed' } : null,
      })
      if (isChanged) {
        await phoneResets.cancel(request, accountId)
        await changes.tell(request, accountId, 'extra-security.phone-changed')
      }
      return reply.redirect(PATHS.securitySettings, 303)
    },
  })
}
