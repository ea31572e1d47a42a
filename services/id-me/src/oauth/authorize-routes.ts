import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IdMeDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import { isMultifactor, type NextStep, type SharedWith } from '../browser/next-step.ts'
import type { Clients } from '../clients/client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import { isAttribute } from './attributes.ts'
import { type AuthorizeRequest, checkAuthorizeRequest } from './authorize-request.ts'
import { answerError } from './error-answer.ts'
import { OAuthError } from './errors.ts'
import type { Grants } from './grants.ts'
import { latestRequest, newRequest, type PendingRequest } from './pending-request.ts'
import { newSecret } from './token-routes.ts'

export interface AuthorizeRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  clients: Clients
  destinations: IdMeDestinations
  nextStep: NextStep
  sharedWith: SharedWith
  grants: Grants
  digestCode: (code: string) => string
  codeLifetimeMs: number
  audit: Audit
}

/** The authorization endpoint (fact sheet 2). What a sign-in still lacks is for `nextStep` to say. */
export function addAuthorizeRoutes(app: App, parts: AuthorizeRouteParts): void {
  const { visits, frame, accounts, clients, destinations, nextStep, sharedWith, grants, audit } = parts

  app.get('/oauth/authorize', async (request, reply) => {
    const query = request.url.split('?').slice(1).join('?')
    let wanted: AuthorizeRequest
    try {
      wanted = checkAuthorizeRequest(query, clients)
    } catch (error) {
      if (error instanceof OAuthError) return answerError(request, reply, frame, error)
      throw error
    }
    const latest = latestRequest(request.visit.session)
    // The same request, back from a step: what was verified for it stays verified.
    const begun = newRequest(query)
    const isSame = latest?.query === begun.query && !latest.isDone
    const pending = isSame ? latest : begun
    const session = await openSession(request, reply, pending)
    const destination = destinations.of(session)
    if (!destination) throw new Error('a request that was just accepted does not wait')
    const step = await nextStep(session, destination)
    if (step !== undefined) return reply.redirect(request.visit.language.base + step)
    return handOff(request, reply, wanted, session, pending)
  })

  /** The session with the request in it; whoever may not use the account any more is signed out. */
  async function openSession(request: FastifyRequest, reply: FastifyReply, pending: PendingRequest) {
    const session = await visits.keep(request, reply, { pending })
    const account = session.signInId ? await accounts.find(session.accountId ?? '') : undefined
    if (!session.signInId || (account && !account.isSuspended)) return session
    return visits.renew(request, reply, SIGNED_OUT)
  }

  async function handOff(
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: AuthorizeRequest,
    session: Session,
    pending: PendingRequest,
  ) {
    const { client, asked, redirectUri, scope, state, nonce, codeChallenge } = wanted
    const account = await accounts.find(session.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    const code = newSecret()
    await grants.handOff(
      {
        accountId: account.id,
        clientId: client.clientId,
        redirectUri,
        scope,
        policy: asked.policy.name,
        // What the person has seen and allowed, whatever is configured or known later.
        attributes: sharedWith(session, account)
          .map(({ name }) => name)
          .filter(isAttribute),
        nonce,
        codeChallenge,
        multifactor: isMultifactor(session.authentication),
        codeExpiresAt: now() + (client.lifetimes.codeMs ?? parts.codeLifetimeMs),
      },
      parts.digestCode(code),
    )
    await visits.keep(request, reply, { pending: { ...pending, isDone: true } })
    await audit.record({
      event: 'code.issued',
      outcome: 'success',
      actor: account.id,
      subject: client.clientId,
      requestId: request.id,
    })
    return reply.redirect(withParameters(redirectUri, { code, state }))
  }
}
