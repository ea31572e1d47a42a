import { timingSafeEqual } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import type { Grants } from './grants.ts'
import { type LogoutRules, readLogoutParameters } from './logout-request.ts'
import { fullMessage } from './messages.ts'
import { errorListPage, logoutPage } from './pages.ts'
import type { SendAway } from './sending-away.ts'

export interface LogoutRouteParts {
  visits: Visits
  show: Show
  sendAway: SendAway
  rules: LogoutRules
  grants: Grants
  /** The proof that a person pressed the button on our own page, for one session. */
  confirmationOf: (session: Session) => string
  audit: Audit
}

/** RP-initiated logout (fact sheet 5). The session ends only when the person says so. */
export function addLogoutRoutes(app: App, parts: LogoutRouteParts): void {
  const { visits, show, sendAway, rules, grants, confirmationOf, audit } = parts

  app.get('/openid_connect/logout', async (request, reply) => {
    const parameters = readLogoutParameters(new URLSearchParams(request.url.split('?').slice(1).join('?')))
    const { lang, base } = request.visit.language
    const checked = await rules.check(parameters)
    if (!checked.isValid) return showErrors(request, reply, checked.errors)
    const { client, redirectUri, state, hintedAccountId } = checked
    const { session } = request.visit
    const accountId = hintedAccountId ?? (session?.signInId ? session.accountId : undefined)
    if (accountId) await grants.voidCode(accountId, client.clientId)
    if (!session?.signInId) return sendAway(request, reply, returning(redirectUri, state))
    const confirmation = confirmationOf(session)
    const page = logoutPage({
      lang,
      base,
      name: client.friendlyName,
      confirmation,
      fields: parameters as Record<string, string>,
    })
    return show(request, reply, page, [redirectUri])
  })

  // Comes from relying services' own pages, so without a CSRF token; the one post that signs out brings a proof.
  app.post('/openid_connect/logout', { config: { csrf: false } }, async (request, reply) => {
    const fields = fieldsOf(request)
    if (fields.get('_method') === 'delete' && isConfirmed(request, fields))
      return signOut(request, reply, fields)
    const parameters = new URLSearchParams(readLogoutParameters(fields))
    return reply.redirect(`${request.visit.language.base}/openid_connect/logout?${parameters}`)
  })

  app.delete('/openid_connect/logout', { config: { csrf: false } }, async (request, reply) => {
    const fields = fieldsOf(request)
    if (request.visit.session?.signInId && !isConfirmed(request, fields)) {
      return reply.redirect(
        `${request.visit.language.base}/openid_connect/logout?${new URLSearchParams(readLogoutParameters(fields))}`,
      )
    }
    return signOut(request, reply, fields)
  })

  async function signOut(request: FastifyRequest, reply: FastifyReply, fields: URLSearchParams) {
    const { session, language } = request.visit
    if (!session?.signInId) return reply.redirect(`${language.base}/`, 303)
    const checked = await rules.check(readLogoutParameters(fields))
    if (!checked.isValid) return showErrors(request, reply, checked.errors)
    await visits.end(request, reply)
    await audit.record({
      event: 'signed-out',
      outcome: 'success',
      actor: session.accountId ?? '',
      subject: checked.client.clientId,
      requestId: request.id,
    })
    return sendAway(request, reply, returning(checked.redirectUri, checked.state), 303)
  }

  function isConfirmed(request: FastifyRequest, fields: URLSearchParams): boolean {
    const { session } = request.visit
    // Signed out meanwhile: there is nothing left that a forged post could end.
    if (!session?.signInId) return true
    const expected = Buffer.from(confirmationOf(session))
    const given = Buffer.from(fields.get('_csrf') ?? '')
    return expected.length === given.length && timingSafeEqual(expected, given)
  }

  function showErrors(
    request: FastifyRequest,
    reply: FastifyReply,
    errors: Parameters<typeof fullMessage>[0][],
  ) {
    const { lang } = request.visit.language
    const messages = errors.map((error) => fullMessage(error, lang))
    return show(request, reply, errorListPage('OpenID Connect Logout', messages, lang))
  }
}

function returning(redirectUri: string, state: string | undefined): string {
  return state ? withParameters(redirectUri, { state }) : redirectUri
}

/** Fields of the body, and of the query for what the body does not have. */
function fieldsOf(request: FastifyRequest): URLSearchParams {
  const fields = new URLSearchParams(request.url.split('?').slice(1).join('?'))
  const body = (request.body ?? {}) as Record<string, unknown>
  for (const [name, value] of Object.entries(body)) if (typeof value === 'string') fields.set(name, value)
  return fields
}
