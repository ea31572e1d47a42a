// Codes by text and call (fact sheet 7 and the walkthrough).

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Frame } from '../browser/frame.ts'
import { pathOf } from './choice-routes.ts'
import type { CodeProblem } from './code-field.ts'
import { refusalOf } from './phone-numbers.ts'
import { type CodeNotice, channelPage, phoneCodePage, type SendProblem } from './phone-pages.ts'
import type { SecondFactorStep } from './step.ts'

const ChannelForm = Type.Object(
  {
    channel: Type.Optional(Type.String({ maxLength: 10 })),
    phone: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
)
export const CodeForm = Type.Object({ code: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface PhoneRouteParts {
  step: SecondFactorStep
  visits: Visits
  frame: Frame
  oneTimeCode: OneTimeCodeStep
  authenticators: Authenticators
}

export function addPhoneRoutes(app: App, parts: PhoneRouteParts): void {
  const { step, visits, frame, oneTimeCode, authenticators } = parts
  const place = pathOf('phone')
  const guarded = { onRequest: step.guards }

  async function choose(request: FastifyRequest, reply: FastifyReply, problem?: SendProblem) {
    const open = await step.openFor(request, 'phone')
    if (!open) return step.restart(request, reply)
    return frame.show(
      request,
      reply,
      channelPage(step.around(request, reply), { phones: open.phones, problem }),
    )
  }

  /** The phone to which the code of this session went. */
  async function challenged(request: FastifyRequest) {
    const { challenge } = request.visit.session ?? {}
    const { phones } = await step.open(request)
    const phone = phones.find(({ id }) => id === challenge?.authenticatorId)
    return challenge && phone ? { challenge, phone } : undefined
  }

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    phone: NonNullable<Awaited<ReturnType<typeof challenged>>>['phone'],
    channel: 'text' | 'call',
  ) {
    const { language, session } = request.visit
    const { number } = phone.details
    const refusal = refusalOf(number)
    if (refusal) return choose(request, reply, refusal)
    const receiver = {
      accountId: phone.accountId,
      phoneNumber: number,
      purpose: 'sign-in',
      authenticatorId: phone.id,
    }
    const previous = session?.challenge?.authenticatorId === phone.id ? session.challenge : undefined
    const sent = await oneTimeCode.send(receiver, channel, language.lang, previous)
    if (sent.outcome === 'locked') return step.lock(request, reply, sent.retryAt)
    if (sent.outcome === 'overtaken') return step.restart(request, reply)
    if (sent.outcome === 'number_refused') return choose(request, reply, 'D0100')
    if (sent.outcome === 'not_delivered') return choose(request, reply, 'not_delivered')
    const resent = previous ? { kind: 'resent' } : null
    const notice = sent.outcome === 'too_soon' ? { kind: 'too_soon', until: sent.retryAt } : resent
    await visits.keep(request, reply, { challenge: sent.challenge, notice })
    return reply.redirect(`${language.base}${place}/code`, 303)
  }

  async function enter(request: FastifyRequest, reply: FastifyReply, problem?: CodeProblem) {
    const found = await challenged(request)
    if (!found) return step.restart(request, reply)
    const { challenge, phone } = found
    const page = phoneCodePage(step.around(request, reply), {
      phoneNumber: phone.details.number,
      channel: challenge.channel,
      problem,
      notice: problem ? undefined : noticeOf(request),
    })
    return frame.show(request, reply, page)
  }

  app.get(place, guarded, async (request, reply) => choose(request, reply))

  app.post(place, { ...guarded, schema: { body: ChannelForm } }, async (request, reply) => {
    const { phones } = await step.open(request)
    const { channel, phone: wanted } = request.body
    const phone = wanted === undefined ? phones[0] : phones.find(({ id }) => id === wanted)
    if (!phone || (channel !== 'text' && channel !== 'call')) return choose(request, reply, 'choose')
    return send(request, reply, phone, channel)
  })

  app.get(`${place}/code`, guarded, async (request, reply) => enter(request, reply))

  app.post(`${place}/resend`, guarded, async (request, reply) => {
    const found = await challenged(request)
    return found ? send(request, reply, found.phone, found.challenge.channel) : step.restart(request, reply)
  })

  app.post(`${place}/code`, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const { code = '' } = request.body
    const found = await challenged(request)
    if (!found) return step.restart(request, reply)
    if (code.trim() === '') return enter(request, reply, { kind: 'blank' })
    const checked = await oneTimeCode.check(found.challenge, code)
    if (checked.outcome === 'accepted') {
      await authenticators.use(found.phone.id)
      return step.complete(request, reply, found.challenge.channel)
    }
    await step.noteRefused(request, 'phone')
    if (checked.outcome === 'locked') return step.lock(request, reply, checked.retryAt)
    return enter(request, reply, { kind: 'invalid', triesLeft: checked.triesLeft })
  })
}

function noticeOf(request: FastifyRequest): CodeNotice | undefined {
  const { notice } = request.visit.session ?? {}
  if (notice?.kind === 'resent') return { kind: 'resent' }
  const left = (notice?.until ?? 0) - now()
  return notice?.kind === 'too_soon' && left > 0 ? { kind: 'too_soon', left } : undefined
}
