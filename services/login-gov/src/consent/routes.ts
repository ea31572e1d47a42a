import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import type { Consents } from './consents.ts'
import { confirmationPage, consentPage, type SharedAttribute, shownOn } from './pages.ts'

export interface ConsentRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  consents: Consents
  destinations: Destinations
  /** What the waiting request would give away about this account. */
  sharedWith(session: Session, account: Account): SharedAttribute[]
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
    const shared = sharedWith(session, account)
    return show(request, reply, consentPage({ lang, base, csrf: reply.csrfToken(), destination, shared }))
  })

  app.post('/sign_up/completed', guarded, async (request, reply) => {
    const { base } = request.visit.language
    const found = await waiting(request)
    if (!found) return reply.redirect(`${base}/account`, 303)
    const { session, destination, account } = found
    const shared = sharedWith(session, account)
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
    await visits.renew(request, reply, { accountId: null, signInId: null, challenge: null, visited: null })
    return reply.redirect(`${request.visit.language.base}/`, 303)
  })
}
