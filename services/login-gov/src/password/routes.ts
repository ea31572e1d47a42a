import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { PasswordStep } from '@gatehouse/provider/password/password-step'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type SignInNotice, type SignInPage, signInPage } from './pages.ts'

const SignInForm = Type.Object(
  {
    'user[email]': Type.String({ maxLength: 255 }),
    'user[password]': Type.String({ maxLength: 1024 }),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
    // Sent by scripts of the real page; nothing here reads it.
    platform_authenticator_available: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export interface PasswordRouteParts {
  visits: Visits
  show: Show
  passwordStep: PasswordStep
  destinations: Destinations
  audit: Audit
}

export function addPasswordRoutes(app: App, parts: PasswordRouteParts): void {
  const { visits, show, passwordStep, destinations, audit } = parts

  function page(request: FastifyRequest, reply: FastifyReply, given: Partial<SignInPage>, status = 200) {
    const { language, session } = request.visit
    const { lang, base } = language
    const destination = destinations.of(session)
    const built = signInPage({ lang, base, csrf: reply.csrfToken(), destination, ...given })
    return show(request, reply, { ...built, status })
  }

  /** Where somebody who has given the password already goes on. */
  function nextStep(request: FastifyRequest): string | undefined {
    const { language, session } = request.visit
    if (!session?.accountId) return undefined
    if (!session.signInId) return `${language.base}/users/two_factor_authentication`
    return language.base + (destinations.of(session)?.continueAt ?? '/account')
  }

  app.get('/', async (request, reply) => {
    const next = nextStep(request)
    if (next) return reply.redirect(next)
    const timedOut = new URLSearchParams(request.url.split('?')[1]).get('timeout') === 'session'
    return page(request, reply, { notice: noticeOf(request) ?? (timedOut ? 'timeout' : undefined) })
  })

  app.post('/', { schema: { body: SignInForm } }, async (request, reply) => {
    const next = nextStep(request)
    if (next) return reply.redirect(next, 303)
    const { 'user[email]': email, 'user[password]': password } = request.body
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(request.body.continue ?? '')
    if (pending) await visits.keep(request, reply, { pending })
    const missing: SignInPage['missing'] = []
    if (email.trim() === '') missing.push('user_email')
    if (password === '') missing.push('user_password')
    if (missing.length > 0) return page(request, reply, { problem: 'blank', missing, email }, 422)

    const session = request.visit.session ?? (await visits.keep(request, reply, {}))
    const attempt = await passwordStep.attempt(session.id, email, password)
    if (attempt.outcome === 'accepted') {
      await visits.renew(request, reply, { accountId: attempt.account.id, notice: null })
      await audit.record({
        event: 'password.accepted',
        outcome: 'success',
        actor: attempt.account.id,
        requestId: request.id,
      })
      return reply.redirect(`${request.visit.language.base}/users/two_factor_authentication`, 303)
    }
    await audit.record({
      event: 'password.refused',
      outcome: 'refusal',
      details: { reason: attempt.outcome },
      requestId: request.id,
    })
    if (attempt.outcome === 'refused') return page(request, reply, { problem: 'wrong', email }, 422)
    const blockedFor = attempt.until - now()
    reply.header('retry-after', Math.ceil(blockedFor / 1000))
    return page(request, reply, { problem: { blockedFor }, email }, 429)
  })
}

function noticeOf(request: FastifyRequest): SignInNotice | undefined {
  const kind = request.visit.session?.notice?.kind
  if (kind === 'used_in_another_browser') return 'otherBrowser'
  return kind === 'sign_in_again' ? 'again' : undefined
}
