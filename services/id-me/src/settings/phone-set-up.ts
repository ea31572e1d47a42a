// A phone for codes by text or call: the number must be able to receive one.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { readPhoneNumber, refusalOf } from '../second-factor/phone-numbers.ts'
import { CodeForm } from '../second-factor/phone-routes.ts'
import type { SecondFactorStep } from '../second-factor/step.ts'
import type { Changes } from './change.ts'
import { numberPage, setUpCodePage, setUpPath } from './set-up-pages.ts'
import { setUpWords as words } from './words.ts'

const NumberForm = Type.Object(
  {
    number: Type.Optional(Type.String({ maxLength: 60 })),
    channel: Type.Optional(Type.String({ maxLength: 10 })),
  },
  { additionalProperties: false },
)

export interface PhoneSetUpParts {
  changes: Changes
  step: SecondFactorStep
  visits: Visits
  frame: Frame
  authenticators: Authenticators
  oneTimeCode: OneTimeCodeStep
  /** How many phones an account may have. */
  most: number
}

type NumberProblem = 'blank' | 'malformed' | 'extension' | 'D0100' | 'D0200' | 'not_delivered' | 'taken'

export function addPhoneSetUp(app: App, parts: PhoneSetUpParts): void {
  const { changes, step, visits, frame, authenticators, oneTimeCode, most } = parts
  const place = setUpPath('phone')
  const guarded = { onRequest: changes.guards(place) }

  function ask(request: FastifyRequest, reply: FastifyReply, number?: string, problem?: NumberProblem) {
    const error = problem && words[request.visit.language.lang][problem]
    return frame.show(
      request,
      reply,
      numberPage(frame.around(request, reply), 'phone', {
        ...(number === undefined ? {} : { number }),
        error,
      }),
    )
  }

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    phone: { number: string; prefers: 'text' | 'call' },
  ) {
    const { session, language } = request.visit
    const { number, prefers } = phone
    const isSame =
      ceremonyOf(session).phone?.number === number && session?.challenge?.authenticatorId === undefined
    const previous = isSame ? session?.challenge : undefined
    const accountId = session?.accountId ?? ''
    const receiver = { accountId, phoneNumber: number, purpose: 'phone-set-up' }
    const sent = await oneTimeCode.send(receiver, prefers, language.lang, previous)
    if (sent.outcome === 'locked') return step.lock(request, reply, sent.retryAt)
    if (sent.outcome === 'number_refused') return ask(request, reply, number, 'D0100')
    if (sent.outcome === 'not_delivered' || sent.outcome === 'overtaken') {
      return ask(request, reply, number, 'not_delivered')
    }
    const notice = sent.outcome === 'too_soon' ? { kind: 'too_soon', until: sent.retryAt } : null
    // In one change: of two numbers at once, the code of one must not stand for the other.
    await visits.keep(request, reply, {
      ceremony: { ...session?.ceremony, phone },
      challenge: sent.challenge,
      notice,
    })
    return reply.redirect(`${language.base}${place}/code`, 303)
  }

  /** The phone that is being added, with its code under way. */
  function waiting(request: FastifyRequest) {
    const { session } = request.visit
    const { phone } = ceremonyOf(session)
    const challenge = session?.challenge
    return phone && challenge && !challenge.authenticatorId ? { phone, challenge } : undefined
  }

  function enter(request: FastifyRequest, reply: FastifyReply, problem?: 'blank' | 'invalid') {
    const found = waiting(request)
    const { lang, base } = request.visit.language
    if (!found) return reply.redirect(base + place)
    const { notice } = request.visit.session ?? {}
    const left = (notice?.until ?? 0) - now()
    const page = setUpCodePage(frame.around(request, reply), {
      number: found.phone.number,
      error: problem && words[lang][problem],
      tooSoonFor: notice?.kind === 'too_soon' && left > 0 ? left : undefined,
    })
    return frame.show(request, reply, page)
  }

  app.get(place, guarded, async (request, reply) => ask(request, reply))

  app.post(place, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const { number: given = '', channel } = request.body
    const read = readPhoneNumber(given)
    if ('problem' in read) return ask(request, reply, given, read.problem)
    const { number } = read
    const refusal = refusalOf(number)
    if (refusal) return ask(request, reply, given, refusal)
    const { phones } = await changes.open(request)
    if (phones.length >= most || phones.some(({ details }) => details.number === number)) {
      return ask(request, reply, given, 'taken')
    }
    return send(request, reply, { number, prefers: channel === 'call' ? 'call' : 'text' })
  })

  app.get(`${place}/code`, guarded, async (request, reply) => enter(request, reply))

  app.post(`${place}/resend`, guarded, async (request, reply) => {
    const found = waiting(request)
    return found
      ? send(request, reply, found.phone)
      : reply.redirect(request.visit.language.base + place, 303)
  })

  app.post(`${place}/code`, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const { code = '' } = request.body
    const found = waiting(request)
    if (!found) return reply.redirect(request.visit.language.base + place, 303)
    if (code.trim() === '') return enter(request, reply, 'blank')
    const checked = await oneTimeCode.check(found.challenge, code)
    if (checked.outcome === 'locked') return step.lock(request, reply, checked.retryAt)
    if (checked.outcome === 'refused') return enter(request, reply, 'invalid')
    const { number, prefers } = found.phone
    const added = await authenticators.add(
      {
        accountId: request.visit.session?.accountId ?? '',
        kind: 'phone',
        name: words[request.visit.language.lang].number,
        details: { number, prefers },
      },
      most,
    )
    if (!added) return ask(request, reply, number, 'taken')
    return changes.added(request, reply, found.challenge.channel)
  })
}
