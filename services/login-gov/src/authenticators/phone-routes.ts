import { now } from '@gatehouse/clock/clock'
import type { Channel } from '@gatehouse/contracts/one-time-codes'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { SessionChallenge } from '@gatehouse/provider/sessions/store'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type CodeProblem, codePage } from '../second-factor/code-pages.ts'
import type { LockOut } from '../second-factor/lock-out.ts'
import { maskedPhone } from '../second-factor/phone-number.ts'
import { SET_UP_PATHS } from './choice.ts'
import { readPhoneNumber } from './phone-number-entry.ts'
import { otherNumberLink, type PhoneProblem, phoneSetUpPage } from './phone-pages.ts'
import type { SetUp } from './set-up.ts'
import { setUpLinks } from './set-up-frame.ts'

const NumberForm = Type.Object(
  {
    'new_phone_form[phone]': Type.Optional(Type.String({ maxLength: 100 })),
    'new_phone_form[otp_delivery_preference]': Type.Optional(Type.String({ maxLength: 20 })),
  },
  { additionalProperties: false },
)
const CodeForm = Type.Object({ code: Type.Optional(Type.String()) }, { additionalProperties: false })

/** The number that waits for its code. */
interface Waiting {
  number: string
  challenge: SessionChallenge
  /** Milliseconds, after a code was asked for too soon. */
  retryAt?: number
}

const PURPOSE = 'phone that is being set up'
const CODE = '/phone_setup/code'
const SEND = '/phone_setup/send'

export interface PhoneSetUpParts {
  setUp: SetUp
  authenticators: Authenticators
  oneTimeCode: OneTimeCodeStep
  lockOut: LockOut
  keyValue: KeyValue
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  show: Show
  /** How many phones an account may have. */
  most: number
  /** How many codes may be sent from these pages, for an account in a window of milliseconds. */
  sends: { most: number; windowMs: number }
  /** Milliseconds before its end from which on a code's expiry is warned of. */
  warnFrom: number
  /** From so many tries left on the person is told. */
  warnAt: number
}

export function addPhoneRoutes(app: App, parts: PhoneSetUpParts): void {
  const { setUp, authenticators, oneTimeCode, lockOut, keyValue, secrets, show, most, sends } = parts
  const place = SET_UP_PATHS.phone
  const guarded = { onRequest: setUp.guards }

  function waiting(request: FastifyRequest): Waiting | undefined {
    const kept = setUp.kept(request, 'phone')
    return typeof kept === 'string' ? JSON.parse(secrets.unseal(PURPOSE, kept)) : undefined
  }

  async function keep(request: FastifyRequest, reply: FastifyReply, what: Waiting | null): Promise<void> {
    await setUp.keep(request, reply, { phone: what && secrets.seal(PURPOSE, JSON.stringify(what)) })
  }

  async function numberPage(
    request: FastifyRequest,
    reply: FastifyReply,
    more: Parameters<typeof phoneSetUpPage>[1] = {},
  ) {
    return show(request, reply, phoneSetUpPage(await setUp.frame(request, reply), more))
  }

  async function send(request: FastifyRequest, reply: FastifyReply, number: string, channel: Channel) {
    const { lang, base } = request.visit.language
    const { id: accountId } = await setUp.accountOf(request)
    const again = (problem: PhoneProblem) =>
      numberPage(request, reply, { number, delivery: channel === 'call' ? 'voice' : 'sms', problem })
    const windowEnds = now() + sends.windowMs
    const sentSoFar = await keyValue.increment(`phone-setup-sends/${accountId}`, windowEnds)
    if (sentSoFar > sends.most) return again({ wait: sends.windowMs })
    const before = waiting(request)
    const previous = before?.number === number ? before.challenge : undefined
    const receiver = { accountId, phoneNumber: number, purpose: 'phone-setup' }
    const sent = await oneTimeCode.send(receiver, channel, lang, previous)
    if (sent.outcome === 'locked') return lockOut.show(request, reply, sent.retryAt)
    if (sent.outcome === 'number_refused') return again('refused')
    if (sent.outcome === 'not_delivered') return again('notDelivered')
    if (sent.outcome !== 'overtaken') {
      const retryAt = sent.outcome === 'too_soon' ? { retryAt: sent.retryAt } : {}
      await keep(request, reply, { number, challenge: sent.challenge, ...retryAt })
    }
    return reply.redirect(base + CODE, request.method === 'GET' ? 302 : 303)
  }

  async function enterPage(request: FastifyRequest, reply: FastifyReply, problem?: CodeProblem) {
    const found = waiting(request)
    if (!found) return reply.redirect(request.visit.language.base + place, 302)
    const { number, challenge } = found
    const method = challenge.channel === 'call' ? 'voice' : 'sms'
    const frame = await setUp.frame(request, reply)
    const around = { ...frame, offersRemembering: false, warnAt: parts.warnAt }
    const page = codePage(around, {
      method,
      problem,
      sent: {
        phone: maskedPhone(number),
        expiresIn: challenge.expiresAt - now(),
        warnFrom: parts.warnFrom,
      },
      paths: { submit: CODE, again: `${SEND}?channel=${method}` },
      frame: { box: '', links: otherNumberLink(frame) + setUpLinks(frame) },
    })
    return show(request, reply, { ...page, ...(frame.user ? { user: frame.user } : {}) })
  }

  app.get(place, guarded, async (request, reply) => numberPage(request, reply))

  app.post(place, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const text = request.body['new_phone_form[phone]'] ?? ''
    const delivery = request.body['new_phone_form[otp_delivery_preference]'] ?? 'sms'
    const again = (problem: PhoneProblem) => numberPage(request, reply, { number: text, delivery, problem })
    if (text.trim() === '') return again('blank')
    const number = readPhoneNumber(text)
    if (!number) return again('invalid')
    if (delivery !== 'sms' && delivery !== 'voice') return again('delivery')
    if (delivery === 'voice' && !number.startsWith('+1')) return again('noCalls')
    const { id } = await setUp.accountOf(request)
    const own = await authenticators.ofKind(id, 'phone')
    if (own.some(({ details }) => details.number === number)) return again('taken')
    if (own.length >= most) return again('tooMany')
    return send(request, reply, number, delivery === 'voice' ? 'call' : 'text')
  })

  app.get(SEND, guarded, async (request, reply) => {
    const found = waiting(request)
    if (!found) return reply.redirect(request.visit.language.base + place)
    const isCall = new URLSearchParams(request.url.split('?')[1]).get('channel') === 'voice'
    const channel = isCall && found.number.startsWith('+1') ? 'call' : 'text'
    return send(request, reply, found.number, channel)
  })

  app.get(CODE, guarded, async (request, reply) => {
    const left = (waiting(request)?.retryAt ?? 0) - now()
    return enterPage(request, reply, left > 0 ? { kind: 'too_soon', left } : undefined)
  })

  app.post(CODE, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const { code = '' } = request.body
    const found = waiting(request)
    if (!found) return reply.redirect(request.visit.language.base + place, 303)
    if (code.trim() === '') return enterPage(request, reply, { kind: 'blank' })
    const { number, challenge } = found
    const checked = await oneTimeCode.check(challenge, code)
    if (checked.outcome === 'locked') return lockOut.afterTry(request, reply, checked.retryAt)
    if (checked.outcome === 'refused')
      return enterPage(request, reply, { kind: 'invalid', triesLeft: checked.triesLeft })
    await keep(request, reply, null)
    const { id: accountId } = await setUp.accountOf(request)
    const prefers = challenge.channel
    const added = await authenticators.add(
      { accountId, kind: 'phone', name: 'Phone', details: { number, prefers } },
      most,
    )
    if (!added) return numberPage(request, reply, { problem: 'tooMany' })
    const method = challenge.channel === 'call' ? 'voice' : 'sms'
    return reply.redirect(await setUp.added(request, reply, 'phone', method), 303)
  })
}
