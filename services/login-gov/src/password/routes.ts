import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { tooManyPage } from '../rate-limits/pages.ts'
import { SECOND_FACTOR } from '../second-factor/step.ts'
import type { PasswordAttempts } from './attempts.ts'
import type { Entrance } from './entrance.ts'
import { type SignInNotice, type SignInPage, signInPage } from './pages.ts'

const SignInForm = Type.Object(
  {
    'user[email]': Type.String({ maxLength: 255 }),
    'user[password]': Type.String({ maxLength: 1024 }),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
    // Filled in by scripts of the real page; nothing here reads it.
    platform_authenticator_available: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export interface PasswordRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  passwordAttempts: PasswordAttempts
  entrance: Entrance
  destinations: Destinations
  audit: Audit
}

export function addPasswordRoutes(app: App, parts: PasswordRouteParts): void {
  const { visits, show, accounts, passwordAttempts, entrance, destinations, audit } = parts

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
    if (session.detour) return language.base + session.detour
    if (!session.signInId) return language.base + SECOND_FACTOR
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
    const attempt = await passwordAttempts.attempt({
      sessionId: session.id,
      email,
      password,
      address: request.ip,
    })
    const { lang, base } = request.visit.language
    if ('account' in attempt) {
      if (await entrance.refuse(request, reply, attempt.account)) return reply
      await accounts.useEmail(attempt.account.id, email)
      const path = await entrance.enter(request, reply, attempt.account)
      await audit.record({
        event: 'password.accepted',
        outcome: 'success',
        actor: attempt.account.id,
        requestId: request.id,
      })
      return reply.redirect(base + path, 303)
    }
    await audit.record({
      event: 'password.refused',
      outcome: 'refusal',
      details: { reason: attempt.outcome },
      requestId: request.id,
    })
    if (attempt.outcome === 'refused') return page(request, reply, { problem: 'wrong', email }, 422)
    const left = attempt.until - now()
    reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
    if (attempt.outcome === 'blocked')
      return page(request, reply, { problem: { blockedFor: left }, email }, 429)
    const destination = destinations.of(request.visit.session)
    return show(request, reply, tooManyPage({ lang, base, destination, left }))
  })
}

const NOTICES: Record<string, SignInNotice> = {
  used_in_another_browser: 'otherBrowser',
  sign_in_again: 'again',
  password_changed: 'passwordChanged',
  email_confirmed: 'emailConfirmed',
  account_deleted: 'accountDeleted',
  account_reset_cancelled: 'resetCancelled',
  suspended: 'suspended',
  password_reset_required: 'resetRequired',
}

function noticeOf(request: FastifyRequest): SignInNotice | undefined {
  return NOTICES[request.visit.session?.notice?.kind ?? '']
}
