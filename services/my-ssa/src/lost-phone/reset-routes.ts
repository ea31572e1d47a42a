// Signing in while a reset of the phone is under way: the text to the new phone, then the reset code of the letter; or the
// text to the old phone, which ends the reset.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf } from '../browser/ceremony.ts'
import { problemOf } from '../extra-security/letters.ts'
import { maskedPhone, readCellPhone, shownPhone } from '../extra-security/phone-numbers.ts'
import { PATHS } from '../paths.ts'
import { METHODS, noteRefused, statusFor } from '../security-code/completion.ts'
import { addNewPhoneCode } from '../security-code/new-phone-routes.ts'
import { type NumberProblem, NumberText } from '../security-code/number-field.ts'
import { CodeForm } from '../security-code/routes.ts'
import type { Steps } from '../security-code/steps.ts'
import type { CodeProblem } from '../security-code/texts.ts'
import { owesText } from './access.ts'
import { letterRequestedPage, newPhonePage, RESET_PATHS, resetCodePage } from './pages.ts'
import type { PhoneReset } from './store.ts'

const NumberForm = Type.Object({ number: NumberText }, { additionalProperties: false })

export function addResetCode(app: App, steps: Steps): void {
  const { visits, frame, extraSecurity, phoneResets, texts, completion, changes, audit } = steps
  const personOf = (request: FastifyRequest) => request.visit.session?.accountId ?? ''
  const to = (request: FastifyRequest, reply: FastifyReply, path: string) =>
    reply.redirect(path, statusFor(request))

  const underWay: onRequestAsyncHookHandler = async (request, reply) => {
    if (!(await phoneResets.find(personOf(request)))) return to(request, reply, PATHS.securityCode)
  }
  const guarded = { onRequest: [...owesText(steps), underWay] }

  const waitingOf = (request: FastifyRequest) => texts.waiting(request.visit.session, 'reset')

  async function open(request: FastifyRequest): Promise<PhoneReset> {
    const reset = await phoneResets.find(personOf(request))
    if (!reset) throw new Error('a reset ended while its page was made')
    return reset
  }

  /** Whether the number that the reset has now was confirmed in this session. */
  function isConfirmed(request: FastifyRequest, { phone }: PhoneReset): boolean {
    const { resetPhone } = ceremonyOf(request.visit.session)
    return resetPhone !== undefined && texts.unsealed(resetPhone) === phone
  }

  async function showPhone(
    request: FastifyRequest,
    reply: FastifyReply,
    reset: PhoneReset,
    given: { number?: string; problem?: NumberProblem } = {},
  ) {
    const letter = await phoneResets.ensureLetter(reset)
    // Only the password was given: the number is shown to whoever has typed it in this session, and to nobody else.
    const typed = waitingOf(request)?.phone
    const { number = typed ? shownPhone(typed) : '', problem } = given
    const page = { letter, phone: maskedPhone(reset.phone), number, problem }
    return frame.show(request, reply, newPhonePage(frame.around(request, reply), page))
  }

  async function showReset(
    request: FastifyRequest,
    reply: FastifyReply,
    reset: PhoneReset,
    problem?: CodeProblem,
  ) {
    const letter = await phoneResets.ensureLetter(reset)
    const phone = maskedPhone(reset.phone)
    return frame.show(request, reply, resetCodePage(frame.around(request, reply), { letter, phone, problem }))
  }

  app.get(PATHS.resetCode, guarded, async (request, reply) => {
    const reset = await open(request)
    return isConfirmed(request, reset) ? showReset(request, reply, reset) : showPhone(request, reply, reset)
  })

  app.get(RESET_PATHS.phone, guarded, async (request, reply) =>
    showPhone(request, reply, await open(request)),
  )

  app.post(RESET_PATHS.phone, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const reset = await open(request)
    const { number = '' } = request.body
    const read = readCellPhone(number)
    if ('problem' in read) {
      return showPhone(request, reply, reset, { number, problem: { kind: read.problem } })
    }
    const sent = { use: 'reset', accountId: reset.accountId, phone: read.number } as const
    const problem = await texts.send(request, reply, sent)
    if (problem) return showPhone(request, reply, reset, { number, problem })
    return to(request, reply, RESET_PATHS.phoneCode)
  })

  addNewPhoneCode(app, steps, {
    use: 'reset',
    title: 'Reset your phone number - Enter Text Code',
    paths: { number: RESET_PATHS.phone, code: RESET_PATHS.phoneCode, texts: RESET_PATHS.texts },
    withoutText: PATHS.resetCode,
    guarded,
    async confirmed(request, reply, { phone }) {
      const reset = await open(request)
      if (reset.phone !== phone) await phoneResets.changePhone(reset, phone)
      const resetPhone = texts.sealed(phone)
      await visits.keep(request, reply, texts.after(request.visit.session, { resetPhone }))
      return to(request, reply, PATHS.resetCode)
    },
  })

  app.post(PATHS.resetCode, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const reset = await open(request)
    // Before the new phone is confirmed nothing is tried.
    if (!isConfirmed(request, reset)) return to(request, reply, PATHS.resetCode)
    const { code = '' } = request.body
    if (code.trim() === '') return showReset(request, reply, reset, { kind: 'blank' })
    const tried = await phoneResets.redeem(reset, code)
    if (tried.outcome === 'refused' || tried.outcome === 'locked') {
      await noteRefused(audit, request, 'reset-code.refused')
      return showReset(request, reply, reset, problemOf(tried))
    }
    if (tried.outcome === 'gone') return to(request, reply, PATHS.securityCode)
    await changes.tell(request, reset.accountId, 'extra-security.phone-changed')
    return completion.complete(request, reply, reset.accountId, METHODS.text)
  })

  app.post(RESET_PATHS.oldPhone, guarded, async (request, reply) => {
    const accountId = personOf(request)
    const { phone } = await extraSecurity.standing(accountId)
    if (!phone) return to(request, reply, PATHS.securityCode)
    const problem = await texts.send(request, reply, { use: 'sign-in', accountId, phone })
    if (problem) await visits.keep(request, reply, { notice: problem })
    return to(request, reply, PATHS.securityCode)
  })

  app.post(RESET_PATHS.letter, guarded, async (request, reply) => {
    const asked = await phoneResets.newLetter(await open(request))
    const tooMany = asked.outcome === 'too_many' ? asked.retryAt : undefined
    return frame.show(request, reply, letterRequestedPage(frame.around(request, reply), tooMany))
  })
}
