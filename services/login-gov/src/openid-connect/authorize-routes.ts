import { randomUUID } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import type { Clients } from '../clients/client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import type { Consents } from '../consent/consents.ts'
import { isSatisfied } from './assurance-levels.ts'
import { type AuthorizeRequest, checkAuthorizeRequest, readAuthorizeParameters } from './authorize-request.ts'
import { sharedAttributes } from './claims.ts'
import type { Grants } from './grants.ts'
import { fullMessage } from './messages.ts'
import { errorListPage } from './pages.ts'
import { latestRequest, pendingOf } from './pending-request.ts'

export interface AuthorizeRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  clients: Clients
  consents: Consents
  grants: Grants
  digestCode: (code: string) => string
  /** Whether cookies go over https only. */
  secure: boolean
  audit: Audit
}

/** The authorization endpoint (fact sheet 2): the one place that decides what a request still lacks. */
export function addAuthorizeRoutes(app: App, parts: AuthorizeRouteParts): void {
  const { visits, show, accounts, clients, consents, grants, digestCode, secure, audit } = parts

  app.get('/openid_connect/authorize', async (request, reply) => {
    const query = request.url.split('?').slice(1).join('?')
    const checked = checkAuthorizeRequest(readAuthorizeParameters(query), clients)
    const { lang, base } = request.visit.language
    if (!checked.isValid) {
      const { errors, deliverTo, state } = checked
      const messages = errors.map((error) => fullMessage(error, lang))
      if (deliverTo === undefined)
        return show(request, reply, errorListPage('OpenID Connect Authorization', messages, lang))
      const description = messages.join(' ')
      return reply.redirect(
        withParameters(deliverTo, { error: 'invalid_request', error_description: description, state }),
      )
    }
    const wanted = checked.request
    if (!wanted.client.active) return reply.redirect(`${base}/errors/service_provider_inactive`)

    const forcedFor = latestRequest(request.visit.session)?.forcedFor
    const mustForce = wanted.prompt === 'login' && forcedFor !== wanted.state
    const pending = pendingOf(wanted, query, mustForce ? wanted.state : forcedFor)
    if (mustForce && request.visit.session?.signInId) {
      await visits.renew(request, reply, {
        accountId: null,
        signInId: null,
        challenge: null,
        visited: null,
        notice: { kind: 'sign_in_again' },
        pending,
      })
    } else {
      await visits.keep(request, reply, { pending })
    }
    const { session } = request.visit
    if (!session?.signInId) {
      reply.setCookie('sp_issuer', wanted.client.clientId, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure,
      })
      return reply.redirect(`${base}/`)
    }
    const missing = await missingStep(wanted, session)
    if (missing) return reply.redirect(base + missing)
    return handOff(request, reply, wanted, session)
  })

  /** The page that comes before the code, if any. */
  async function missingStep({ client, assurance, scopes }: AuthorizeRequest, session: Session) {
    const account = await accounts.find(session.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    if (!isSatisfied(assurance.level, account.profile)) return '/verify'
    const attributes = sharedAttributes({ account, client, assurance, scopes }).map(({ name }) => name)
    if (!(await consents.cover(account.id, client.clientId, attributes))) return '/sign_up/completed'
    // Who came here signed in already, by way of another service, is asked whether to go on as the same person.
    return session.visited.includes(client.clientId) ? undefined : '/user_authorization_confirmation'
  }

  async function handOff(
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: AuthorizeRequest,
    session: Session,
  ) {
    const { client, redirectUri, state } = wanted
    const code = randomUUID()
    const { accountId = '', signInId = '' } = session
    await grants.handOff(
      {
        accountId,
        clientId: client.clientId,
        signInId,
        nonce: wanted.nonce,
        scope: wanted.scopes.join(' '),
        acrValues: wanted.assurance.known.join(' '),
        codeChallenge: wanted.codeChallenge,
        locale: request.visit.language.locale,
        handedOffAt: now(),
      },
      digestCode(code),
    )
    await visits.keep(request, reply, { pending: { ...latestRequest(session), isDone: true } })
    await audit.record({
      event: 'code.issued',
      outcome: 'success',
      actor: accountId,
      subject: client.clientId,
      requestId: request.id,
    })
    return reply.redirect(withParameters(redirectUri, { code, state }))
  }
}
