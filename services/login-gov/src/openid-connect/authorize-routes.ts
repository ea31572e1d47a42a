import { randomUUID } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import type { Clients } from '../clients/client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import type { Consents } from '../consent/consents.ts'
import { PROOFING } from '../proofing/paths.ts'
import { REAUTHENTICATION } from '../reauthentication/recent-authentication.ts'
import { isAuthenticatedAs, requiredAuthentication } from './assurance-levels.ts'
import {
  type AuthorizeRequest,
  type AuthorizeRules,
  checkAuthorizeRequest,
  readAuthorizeParameters,
} from './authorize-request.ts'
import { sharedAttributes } from './claims.ts'
import type { Grants } from './grants.ts'
import { fullMessage } from './messages.ts'
import { bouncedPage, errorListPage } from './pages.ts'
import { latestRequest, type PendingRequest, pendingOf } from './pending-request.ts'
import { proofingDemandOf } from './proofing-demand.ts'
import type { SendAway } from './sending-away.ts'

/** Milliseconds after a handoff in which a forced sign-in would only go round in circles (fact sheet 2.4). */
const BOUNCE = 2_000

export interface AuthorizeRouteParts {
  visits: Visits
  show: Show
  sendAway: SendAway
  rules: AuthorizeRules
  accounts: Accounts
  clients: Clients
  consents: Consents
  grants: Grants
  digestCode: (code: string) => string
  /** Whether the password opens verified information no more. */
  isProfileLocked: (session: Session) => boolean
  /** Whether cookies go over https only. */
  secure: boolean
  audit: Audit
}

/** The authorization endpoint (fact sheet 2): the one place that decides what a request still lacks. */
export function addAuthorizeRoutes(app: App, parts: AuthorizeRouteParts): void {
  const { visits, show, sendAway, accounts, clients, consents, grants, digestCode, secure, audit } = parts

  app.get('/openid_connect/authorize', async (request, reply) => {
    const query = request.url.split('?').slice(1).join('?')
    const checked = checkAuthorizeRequest(readAuthorizeParameters(query), clients, parts.rules)
    const { lang, base } = request.visit.language
    if (!checked.isValid) {
      const { errors, deliverTo, state } = checked
      const messages = errors.map((error) => fullMessage(error, lang))
      if (deliverTo === undefined)
        return show(request, reply, errorListPage('OpenID Connect Authorization', messages, lang))
      const description = messages.join(' ')
      const answer = { error: 'invalid_request', error_description: description, state }
      return sendAway(request, reply, withParameters(deliverTo, answer))
    }
    const wanted = checked.request
    if (!wanted.client.active) return reply.redirect(`${base}/errors/service_provider_inactive`)

    const latest = latestRequest(request.visit.session)
    const mustForce = wanted.prompt === 'login' && latest?.forcedFor !== wanted.state
    const pending = pendingOf(wanted, query, mustForce ? wanted.state : latest?.forcedFor)
    if (mustForce && request.visit.session?.signInId) {
      if (isBouncing(latest)) return reply.redirect(`${base}/bounced`)
      await visits.renew(request, reply, {
        ...SIGNED_OUT,
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
      const createsAccount = wanted.prompt === 'create' && !session?.accountId
      return reply.redirect(`${base}${createsAccount ? '/sign_up/enter_email' : '/'}`)
    }
    const required = requiredAuthentication(wanted.assurance, wanted.client)
    if (!isAuthenticatedAs(required, session.authentication)) {
      // The password has been given; what it takes beside it is for the second-factor pages to ask for.
      await visits.renew(request, reply, SECOND_FACTOR_OWED)
      return reply.redirect(`${base}/users/two_factor_authentication`)
    }
    const account = await accounts.find(session.accountId ?? '')
    if (!account) {
      await visits.end(request, reply)
      return reply.redirect(`${base}/`)
    }
    const missing = await missingStep(wanted, session, account)
    if (missing) return reply.redirect(base + missing)
    return handOff(request, reply, wanted, session)
  })

  app.get('/bounced', async (request, reply) => {
    const latest = latestRequest(request.visit.session)
    const name = latest && clients.find(latest.clientId)?.friendlyName
    return show(request, reply, bouncedPage(name, request.visit.language.lang))
  })

  /** The page that comes before the code, if any. */
  async function missingStep(
    { client, assurance, scopes, verifiedWithin }: AuthorizeRequest,
    session: Session,
    account: Account,
  ) {
    if (proofingDemandOf({ assurance, verifiedWithin }, account)) return PROOFING
    const sharesProfile = assurance.level !== 'auth_only' && account.profile !== undefined
    if (sharesProfile && parts.isProfileLocked(session)) return REAUTHENTICATION
    const { certificate } = session.authentication ?? {}
    const shared = sharedAttributes({ account, client, assurance, scopes, certificate })
    // Who was verified anew since consents anew, where the verified identity is what is shared.
    const verifiedAt = assurance.level === 'auth_only' ? undefined : account.profile?.verifiedAt
    const attributes = shared.map(({ name }) => name)
    if (!(await consents.cover(account.id, client.clientId, attributes, verifiedAt)))
      return '/sign_up/completed'
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
    const { accountId = '', signInId = '', authentication } = session
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
        certificate: authentication?.certificate,
        // Who was remembered did not authenticate now, and when that was is not known here.
        authenticatedAt:
          authentication && !authentication.isRemembered ? Math.floor(authentication.at / 1000) : undefined,
        handedOffAt: now(),
      },
      digestCode(code),
    )
    await visits.keep(request, reply, {
      pending: { ...latestRequest(session), isDone: true, handedOffAt: now() },
    })
    await audit.record({
      event: 'code.issued',
      outcome: 'success',
      actor: accountId,
      subject: client.clientId,
      requestId: request.id,
    })
    return sendAway(request, reply, withParameters(redirectUri, { code, state }))
  }
}

/** What the second factor had opened is closed again. */
const SECOND_FACTOR_OWED = {
  signInId: null,
  challenge: null,
  ceremony: null,
  authentication: null,
} as const

/** Whether a handoff was made a moment ago. */
function isBouncing(latest: PendingRequest | undefined): boolean {
  return latest?.handedOffAt !== undefined && now() - latest.handedOffAt < BOUNCE
}
