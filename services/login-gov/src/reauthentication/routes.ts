import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { localPath } from '../browser/local-path.ts'
import type { PasswordAttempts } from '../password/attempts.ts'
import { beginAgain } from '../second-factor/again.ts'
import { SECOND_FACTOR } from '../second-factor/step.ts'
import { type PasswordAgainPage, passwordAgainPage } from './pages.ts'
import { REAUTHENTICATION } from './recent-authentication.ts'

const PasswordForm = Type.Object(
  { 'user[password]': Type.String({ maxLength: 1024 }), continue: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

export interface ReauthenticationRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  passwordAttempts: PasswordAttempts
  destinations: Destinations
  audit: Audit
}

/** The password again: the first half of authenticating anew, or what opens verified information that is locked. */
export function addReauthenticationRoutes(app: App, parts: ReauthenticationRouteParts): void {
  const { visits, show, accounts, passwordAttempts, destinations, audit } = parts
  const guarded = { onRequest: visits.requireSignIn }

  /** Where to come back to; nothing where a relying service waits for what is locked. */
  function returnTo(request: FastifyRequest, asked: string | null | undefined): string | undefined {
    const isAwaited = !asked && destinations.of(request.visit.session) !== undefined
    return isAwaited ? undefined : (localPath(asked ?? undefined) ?? '/account')
  }

  function page(
    request: FastifyRequest,
    reply: FastifyReply,
    given: Pick<PasswordAgainPage, 'returnTo' | 'problem'>,
  ) {
    const { lang, base } = request.visit.language
    const destination = destinations.of(request.visit.session)
    const around = { lang, base, csrf: reply.csrfToken(), destination }
    return show(request, reply, passwordAgainPage({ ...around, ...given }))
  }

  app.get(REAUTHENTICATION, guarded, async (request, reply) => {
    const asked = new URLSearchParams(request.url.split('?')[1]).get('continue')
    return page(request, reply, { returnTo: returnTo(request, asked) })
  })

  /** Gives the path where to go on. */
  async function accept(request: FastifyRequest, reply: FastifyReply, again: string | undefined) {
    const { session } = request.visit
    if (again === undefined && session?.authentication) {
      const authentication = { ...session.authentication, passwordAt: now() }
      await visits.renew(request, reply, { authentication })
      return destinations.of(request.visit.session)?.continueAt ?? '/account'
    }
    await visits.renew(request, reply, { ceremony: { ...beginAgain(again ?? '/account') } })
    return SECOND_FACTOR
  }

  app.post(REAUTHENTICATION, { ...guarded, schema: { body: PasswordForm } }, async (request, reply) => {
    const { language, session } = request.visit
    const account = await accounts.find(session?.accountId ?? '')
    if (!session || !account) return reply.redirect(`${language.base}/`, 303)
    const again = returnTo(request, request.body.continue)
    const attempt = await passwordAttempts.attempt({
      sessionId: session.id,
      email: account.email,
      password: request.body['user[password]'],
      address: request.ip,
    })
    if (attempt.outcome === 'accepted')
      return reply.redirect(language.base + (await accept(request, reply, again)), 303)
    await audit.record({
      event: 'password.refused',
      outcome: 'refusal',
      actor: account.id,
      details: { reason: attempt.outcome },
      requestId: request.id,
    })
    if (!('until' in attempt)) return page(request, reply, { returnTo: again, problem: 'wrong' })
    const blockedFor = attempt.until - now()
    reply.header('retry-after', Math.max(1, Math.ceil(blockedFor / 1000)))
    return page(request, reply, { returnTo: again, problem: { blockedFor } })
  })
}
