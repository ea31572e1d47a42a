// Codes by text and call, and of an authenticator app: asked for, judged, replaced.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import { totpStep } from '@gatehouse/provider/authenticators/totp'
import type { Notice } from '@gatehouse/provider/sessions/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type CodeProblem, codePage } from './code-pages.ts'
import type { CodeSending } from './code-sending.ts'
import type { LockOut } from './lock-out.ts'
import { challengePath } from './methods.ts'
import { maskedPhone } from './phone-number.ts'
import type { SecondFactorStep } from './step.ts'

/** What a page sends whose answer is typed. */
export const CodeForm = Type.Object(
  { code: Type.Optional(Type.String()), remember_device: Type.Optional(Type.String({ maxLength: 10 })) },
  { additionalProperties: false },
)

export interface CodeRouteParts {
  step: SecondFactorStep
  sending: CodeSending
  oneTimeCode: OneTimeCodeStep
  authenticators: Authenticators
  lockOut: LockOut
  show: Show
  /** Milliseconds before its end from which on a code's expiry is warned of. */
  warnFrom: number
}

export function addCodeRoutes(app: App, parts: CodeRouteParts): void {
  const { step, sending, oneTimeCode, authenticators, lockOut, show, warnFrom } = parts
  const guarded = { onRequest: step.guards }
  const posted = { ...guarded, schema: { body: CodeForm } }

  /** The phone to which the code of this session went. */
  async function challenged(request: FastifyRequest) {
    const { challenge } = request.visit.session ?? {}
    const { methods, phones } = await step.open(request)
    const phone = phones.find(({ id }) => id === challenge?.authenticatorId)
    return challenge && phone && methods.includes('sms') ? { challenge, phone } : undefined
  }

  app.get('/otp/send', guarded, async (request, reply) => {
    const { methods, phones } = await step.open(request)
    if (!methods.includes('sms')) return step.restart(request, reply)
    const fields = new URLSearchParams(request.url.split('?')[1])
    const preference = fields.get('otp_delivery_selection_form[otp_delivery_preference]')
    const phone = (await challenged(request))?.phone ?? phones[0]
    return sending.send(request, reply, preference === 'voice' ? 'call' : 'text', phone)
  })

  for (const method of ['sms', 'voice'] as const) {
    const channel = method === 'voice' ? 'call' : 'text'

    async function page(request: FastifyRequest, reply: FastifyReply, problem: CodeProblem | undefined) {
      const found = await challenged(request)
      if (!found) return step.restart(request, reply)
      const { challenge, phone } = found
      const built = codePage(step.around(request, reply), {
        method,
        problem,
        sent: {
          phone: maskedPhone(phone.details.number),
          expiresIn: challenge.expiresAt - now(),
          warnFrom,
        },
      })
      return show(request, reply, built)
    }

    app.get(challengePath(method), guarded, async (request, reply) => {
      const { session, language } = request.visit
      if (session?.challenge && session.challenge.channel !== channel) {
        return reply.redirect(language.base + challengePath(method === 'sms' ? 'voice' : 'sms'))
      }
      return page(request, reply, tooSoon(session?.notice))
    })

    app.post(challengePath(method), posted, async (request, reply) => {
      const { code = '', remember_device: remember } = request.body
      const found = await challenged(request)
      if (!found) return step.restart(request, reply)
      if (code.trim() === '') return page(request, reply, { kind: 'blank' })
      const checked = await oneTimeCode.check(found.challenge, code)
      if (checked.outcome === 'accepted') {
        await authenticators.use(found.phone.id)
        const given = { method, remember: remember !== undefined }
        return reply.redirect(await step.complete(request, reply, given), 303)
      }
      await step.noteRefused(request, method)
      if (checked.outcome === 'locked') return lockOut.afterTry(request, reply, checked.retryAt)
      return page(request, reply, { kind: 'invalid', triesLeft: checked.triesLeft })
    })
  }

  async function appPage(request: FastifyRequest, reply: FastifyReply, problem?: CodeProblem) {
    return show(request, reply, codePage(step.around(request, reply), { method: 'totp', problem }))
  }

  app.get(challengePath('totp'), guarded, async (request, reply) => {
    const { methods } = await step.open(request)
    return methods.includes('totp') ? appPage(request, reply) : step.restart(request, reply)
  })

  app.post(challengePath('totp'), posted, async (request, reply) => {
    const { methods, account } = await step.open(request)
    if (!methods.includes('totp')) return step.restart(request, reply)
    const { code = '', remember_device: remember } = request.body
    if (code.trim() === '') return appPage(request, reply, { kind: 'blank' })
    const tried = await step.attempt(request, reply, 'totp', async () => {
      for (const { id, details } of await authenticators.ofKind(account.id, 'authenticator_app')) {
        const timeStep = totpStep(details.secret, code)
        if (timeStep !== undefined && (await authenticators.use(id, timeStep))) return true
      }
      return undefined
    })
    if (tried.outcome === 'answered') return tried.reply
    if (tried.outcome === 'refused')
      return appPage(request, reply, { kind: 'invalid', triesLeft: tried.triesLeft })
    const given = { method: 'totp', remember: remember !== undefined } as const
    return reply.redirect(await step.complete(request, reply, given), 303)
  })
}

function tooSoon(notice: Notice | undefined): CodeProblem | undefined {
  const left = (notice?.until ?? 0) - now()
  return notice?.kind === 'too_soon' && left > 0 ? { kind: 'too_soon', left } : undefined
}
