// A phone number that is the person's, and the code that proves it.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type CodeProblem, codePage } from '../second-factor/code-pages.ts'
import type { LockOut } from '../second-factor/lock-out.ts'
import { maskedPhone } from '../second-factor/phone-number.ts'
import type { Elsewhere, Here, ProofingFlow } from './flow.ts'
import { cancelLink } from './frame.ts'
import { FAILURE, PHONE, PHONE_CODE, RESEND } from './paths.ts'
import { anotherPhoneLink, type Delivery, type PhoneProblem, phonePage } from './phone-pages.ts'
import type { Progress, ProofingPhone } from './progress.ts'
import { phoneVerdict, readPhoneNumber } from './verdict.ts'

const PhoneForm = Type.Object(
  { phone: Type.Optional(Type.String()), otp_delivery_preference: Type.Optional(Type.String()) },
  { additionalProperties: false },
)
const CodeForm = Type.Object({ code: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface PhoneRouteParts {
  visits: Visits
  show: Show
  flow: ProofingFlow
  authenticators: Authenticators
  oneTimeCode: OneTimeCodeStep
  lockOut: LockOut
  /** From so many tries left on the person is told. */
  warnAt: number
  /** Milliseconds before its end from which on a code's expiry is warned of. */
  warnFrom: number
}

export function addPhoneRoutes(app: App, parts: PhoneRouteParts): void {
  const { visits, show, flow, authenticators, oneTimeCode, lockOut, warnAt, warnFrom } = parts
  const guarded = { onRequest: visits.requireSignIn }

  app.get(PHONE, guarded, async (request, reply) => {
    const here = await flow.enter(request, PHONE)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { account, destination, attemptsLeft } = here
    const [own] = await authenticators.ofKind(account.id, 'phone')
    const known = own?.details.number ?? account.evidence?.identity.phoneNumber ?? ''
    const around = flow.around(request, reply, destination)
    const page = phonePage(around, { phone: known.replace(/^\+1/, ''), delivery: 'sms', attemptsLeft })
    return show(request, reply, page)
  })

  app.post(PHONE, { ...guarded, schema: { body: PhoneForm } }, async (request, reply) => {
    const here = await flow.enter(request, PHONE)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { account, destination } = here
    const { phone = '', otp_delivery_preference: preference } = request.body
    const delivery: Delivery = preference === 'voice' ? 'voice' : 'sms'
    const again = (problem: PhoneProblem, attemptsLeft = here.attemptsLeft) => {
      const around = flow.around(request, reply, destination)
      return show(request, reply, phonePage(around, { phone, delivery, problem, attemptsLeft }))
    }
    if (phone.trim() === '') return again('blank')
    const number = readPhoneNumber(phone)
    if (!number) return again('malformed')
    const verdict = phoneVerdict(number)
    if (verdict !== 'verified') {
      const page = await flow.fail(request, account, `phone ${verdict}`)
      if (page === FAILURE) return reply.redirect(request.visit.language.base + FAILURE, 303)
      return again(verdict, here.attemptsLeft - 1)
    }
    return send(request, reply, here, { number, delivery, again })
  })

  /** Has a code sent; the number counts once that is right. */
  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    { account, demand, progress }: Here,
    asked: { number: string; delivery: Delivery; again(problem: PhoneProblem): FastifyReply },
  ): Promise<FastifyReply> {
    if (!progress) throw new Error('somebody got past the first page without it')
    const { lang, base } = request.visit.language
    const { number, delivery, again } = asked
    // Another number gets a code of its own; so does one that a code was right for already.
    const before = progress.phone
    const previous = before?.number === number && !before.isConfirmed ? before.challenge : undefined
    const receiver = { accountId: account.id, phoneNumber: number, purpose: 'proofing' }
    const channel = delivery === 'voice' ? 'call' : 'text'
    const sent = await oneTimeCode.send(receiver, channel, lang, previous)
    if (sent.outcome === 'locked') return lockOut.show(request, reply, sent.retryAt)
    // Nothing is kept: what a request at the same time keeps stays.
    if (sent.outcome === 'overtaken') return reply.redirect(base + PHONE, 303)
    if (sent.outcome === 'number_refused' || sent.outcome === 'not_delivered') return again(sent.outcome)
    const phone: ProofingPhone = {
      number,
      challenge: sent.challenge,
      ...(sent.outcome === 'too_soon' ? { tooSoonUntil: sent.retryAt } : {}),
    }
    return flow.goOn(request, reply, demand, { ...progress, phone })
  }

  /** Somebody to whom a code was sent. */
  async function challenged(
    request: FastifyRequest,
  ): Promise<(Here & { progress: Progress; phone: ProofingPhone }) | Elsewhere> {
    const here = await flow.enter(request, PHONE_CODE)
    if ('elsewhere' in here) return here
    const { progress } = here
    if (!progress?.phone) throw new Error('somebody got past a step without it')
    return { ...here, progress, phone: progress.phone }
  }

  function codePageOf(
    request: FastifyRequest,
    reply: FastifyReply,
    { destination, phone }: Here & { phone: ProofingPhone },
    problem: CodeProblem | undefined,
  ): FastifyReply {
    const around = flow.around(request, reply, destination)
    const { number, challenge } = phone
    const page = codePage(
      { ...around, offersRemembering: false, isSignedIn: true, warnAt },
      {
        method: challenge.channel === 'call' ? 'voice' : 'sms',
        problem,
        sent: { phone: maskedPhone(number), expiresIn: challenge.expiresAt - now(), warnFrom },
        paths: { submit: PHONE_CODE, again: RESEND },
        frame: { box: '', links: anotherPhoneLink(around) + cancelLink(around) },
      },
    )
    return show(request, reply, page)
  }

  app.get(PHONE_CODE, guarded, async (request, reply) => {
    const here = await challenged(request)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const left = (here.phone.tooSoonUntil ?? 0) - now()
    return codePageOf(request, reply, here, left > 0 ? { kind: 'too_soon', left } : undefined)
  })

  app.post(PHONE_CODE, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const here = await challenged(request)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { demand, progress, phone } = here
    const { code = '' } = request.body
    if (code.trim() === '') return codePageOf(request, reply, here, { kind: 'blank' })
    const checked = await oneTimeCode.check(phone.challenge, code)
    if (checked.outcome !== 'accepted') await flow.noteRefused(request, here.account, 'code')
    if (checked.outcome === 'locked') return lockOut.afterTry(request, reply, checked.retryAt)
    if (checked.outcome === 'refused') {
      return codePageOf(request, reply, here, { kind: 'invalid', triesLeft: checked.triesLeft })
    }
    return flow.goOn(request, reply, demand, { ...progress, phone: { ...phone, isConfirmed: true } })
  })

  app.get(RESEND, guarded, async (request, reply) => {
    const here = await challenged(request)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { number, challenge } = here.phone
    const delivery = challenge.channel === 'call' ? 'voice' : 'sms'
    const again = (problem: PhoneProblem) => {
      const around = flow.around(request, reply, here.destination)
      const { attemptsLeft } = here
      return show(request, reply, phonePage(around, { phone: number, delivery, problem, attemptsLeft }))
    }
    return send(request, reply, here, { number, delivery, again })
  })
}
