// The ways out: giving up a sign-in half way, and logout (fact sheet 1 and 6).

import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Frame } from '../browser/frame.ts'
import { isMultifactor } from '../browser/next-step.ts'
import type { Clients } from '../clients/client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import { PATHS } from '../paths.ts'
import { answerError } from './error-answer.ts'
import { OAuthError } from './errors.ts'
import { CANCEL, waitingRequest } from './pending-request.ts'

export interface LeavingRouteParts {
  visits: Visits
  frame: Frame
  clients: Clients
  audit: Audit
}

export function addLeavingRoutes(app: App, { visits, frame, clients, audit }: LeavingRouteParts): void {
  app.get(CANCEL, async (request, reply) => {
    const { session } = request.visit
    const waiting = waitingRequest(session, clients)
    if (!session || !waiting) return reply.redirect(request.visit.language.base + PATHS.signIn)
    const { wanted, pending } = waiting
    // Whoever stops half way is not left half signed in.
    const isWhole =
      session.signInId && (wanted.asked.policy.aal === 1 || isMultifactor(session.authentication))
    if (isWhole) await visits.keep(request, reply, { pending: { ...pending, isDone: true } })
    else await visits.end(request, reply)
    // What the person does is told to the relying service, which is registered (RFC 6749 §4.1.2.1).
    const { redirectUri, state } = wanted
    return reply.redirect(withParameters(redirectUri, { error: 'access_denied', state }))
  })

  app.get('/oauth/logout', async (request, reply) => {
    try {
      const { clientId, redirectUri } = checkLogoutRequest(request.url, clients)
      const { session } = request.visit
      if (session?.accountId) {
        await audit.record({
          event: 'signed-out',
          outcome: 'success',
          actor: session.accountId,
          subject: clientId,
          requestId: request.id,
        })
      }
      await visits.end(request, reply)
      return reply.redirect(redirectUri)
    } catch (error) {
      if (error instanceof OAuthError) return answerError(request, reply, frame, error)
      throw error
    }
  })
}

/** @throws OAuthError */
function checkLogoutRequest(url: string, clients: Clients): { clientId: string; redirectUri: string } {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'))
  const [clientId, redirectUri] = ['client_id', 'redirect_uri'].map((name) => {
    const [value, ...more] = query.getAll(name)
    if (!value) throw new OAuthError('invalid_request', `${name} is missing`)
    if (more.length > 0) throw new OAuthError('invalid_request', `${name} is there twice`)
    return value
  })
  const client = clients.find(clientId!)
  if (!client?.active) throw new OAuthError('invalid_client', 'client_id is not registered')
  if (!client.redirectUris.includes(redirectUri!))
    throw new OAuthError('invalid_redirect_uri', 'redirect_uri is not registered for this client')
  return { clientId: clientId!, redirectUri: redirectUri! }
}
