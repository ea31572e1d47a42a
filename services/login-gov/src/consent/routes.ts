import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { Consents } from './consents.ts'
import { confirmationPage, consentPage, type SharedAttribute, selectEmailPage, shownOn } from './pages.ts'

export const SelectEmailForm = Type.Object(
  { 'select_email_form[selected_email]': Type.Optional(Type.String({ maxLength: 255 })) },
  { additionalProperties: false },
)

export interface ConsentRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  consents: Consents
  destinations: Destinations
  /** What the waiting request would give away about this account. */
  sharedWith(session: Session, account: Account): Promise<SharedAttribute[]>
  audit: Audit
}

export function addConsentRoutes(app: App, parts: ConsentRouteParts): void {
  const { visits, show, accounts, consents, destinations, sharedWith, audit } = parts
  const guarded = { onRequest: visits.requireSignIn }

  /** The signed-in person with the request that waits; nothing when there is none. */
  async function waiting(request: FastifyRequest) {
    const { session } = request.visit
    const destination = destinations.of(session)
    const account = await accounts.find(session?.accountId ?? '')
    return session && destination && account ? { session, destination, account } : undefined
  }

  async function visit(
    request: FastifyRequest,
    session: Session,
    { clientId }: Destination,
    reply: Parameters<Visits['keep']>[1],
  ) {
    await visits.keep(request, reply, { visited: [...new Set([...session.visited, clientId])] })
  }

  app.get('/sign_up/completed', guarded, async (request, reply) => {
    const { lang, base } = request.visit.language
    const found = await waiting(request)
    if (!found) return reply.redirect(`${base}/account`)
    const { session, destination, account } = found
    const shared = await sharedWith(session, account)
    return show(request, reply, consentPage({ lang, base, csrf: reply.csrfToken(), destination, shared }))
  })

  app.post('/sign_up/completed', guarded, async (request, reply) => {
    const { base } = request.visit.language
    const found = await waiting(request)
    if (!found) return reply.redirect(`${base}/account`, 303)
    const { session, destination, account } = found
    const shared = await sharedWith(session, account)
    const { shown } = (request.body ?? {}) as { shown?: unknown }
    if (shown !== shownOn(destination, shared)) return reply.redirect(`${base}/sign_up/completed`, 303)
    const attributes = shared.map(({ name }) => name)
    await consents.give(account.id, destination.clientId, attributes)
    await audit.record({
      event: 'consent.given',
      outcome: 'success',
      actor: account.id,
      subject: destination.clientId,
      details: { attributes: attributes.join(' ') },
      requestId: request.id,
    })
    await visit(request, session, destination, reply)
    return reply.redirect(base + destination.continueAt, 303)
  })

  async function selectEmail(
    request: FastifyRequest,
    reply: FastifyReply,
    { destination, account }: { destination: Destination; account: Account },
    isWrong: boolean,
  ) {
    const { lang, base } = request.visit.language
    const shared = await consents.sharedEmail(account.id, destination.clientId)
    const page = selectEmailPage({
      lang,
      base,
      csrf: reply.csrfToken(),
      name: destination.name,
      emails: account.emails,
      chosen: shared && account.emails.includes(shared) ? shared : account.email,
      action: '/sign_up/select_email',
      back: '/sign_up/completed',
      isWrong,
    })
    return show(request, reply, page)
  }

  app.get('/sign_up/select_email', guarded, async (request, reply) => {
    const found = await waiting(request)
    if (!found) return reply.redirect(`${request.visit.language.base}/account`)
    return selectEmail(request, reply, found, false)
  })

  app.post(
    '/sign_up/select_email',
    { ...guarded, schema: { body: SelectEmailForm } },
    async (request, reply) => {
      const { base } = request.visit.language
      const found = await waiting(request)
      if (!found) return reply.redirect(`${base}/account`, 303)
      const email = request.body['select_email_form[selected_email]'] ?? ''
      if (!found.account.emails.includes(email)) return selectEmail(request, reply, found, true)
      await consents.shareEmail(found.account.id, found.destination.clientId, email)
      return reply.redirect(`${base}/sign_up/completed`, 303)
    },
  )

  app.get('/user_authorization_confirmation', guarded, async (request, reply) => {
    const { lang, base } = request.visit.language
    const found = await waiting(request)
    if (!found) return reply.redirect(`${base}/account`)
    const { destination, account } = found
    const page = confirmationPage({ lang, base, csrf: reply.csrfToken(), destination, email: account.email })
    return show(request, reply, page)
  })

  app.post('/user_authorization_confirmation', guarded, async (request, reply) => {
    const { base } = request.visit.language
    const found = await waiting(request)
    if (!found) return reply.redirect(`${base}/account`, 303)
    await visit(request, found.session, found.destination, reply)
    return reply.redirect(base + found.destination.continueAt, 303)
  })

  app.post('/user_authorization_confirmation/reset', guarded, async (request, reply) => {
    // Somebody else signs in; the request of the relying service goes on waiting.
    await visits.renew(request, reply, SIGNED_OUT)
    return reply.redirect(`${request.visit.language.base}/`, 303)
  })
}
