import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { Clients } from '../clients/client.ts'
import type { Consents } from '../consent/consents.ts'
import { selectEmailPage } from '../consent/pages.ts'
import { SelectEmailForm } from '../consent/routes.ts'
import { connectionsPage, disconnectPage } from './connection-pages.ts'
import { accountPage, CONNECTED } from './frame.ts'
import { personOf } from './person.ts'

const ServicePath = Type.Object({ clientId: Type.String({ maxLength: 255 }) })

export interface ConnectionRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  clients: Clients
  consents: Consents
  /** Makes code and access token worthless that a client has for a person. */
  voidTokens(accountId: string, clientId: string): Promise<void>
  audit: Audit
}

/** The relying services that see something of a person, and what the person can change about that. */
export function addConnectionRoutes(app: App, parts: ConnectionRouteParts): void {
  const { visits, show, accounts, clients, consents, voidTokens, audit } = parts
  const guarded = { onRequest: visits.requireSignIn, schema: { params: ServicePath } }

  const pathOf = (clientId: string) => `${CONNECTED}/${encodeURIComponent(clientId)}`
  const nameOf = (clientId: string) => clients.find(clientId)?.friendlyName ?? clientId

  app.get(CONNECTED, { onRequest: visits.requireSignIn }, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const services = await Promise.all(
      (await consents.of(account.id)).map(async ({ clientId, attributes, givenAt }) => {
        const shared = await consents.sharedEmail(account.id, clientId)
        const email = shared && account.emails.includes(shared) ? shared : account.email
        return {
          path: pathOf(clientId),
          name: nameOf(clientId),
          since: new Date(givenAt).toISOString().slice(0, 10),
          ...(attributes.includes('email') ? { email } : {}),
        }
      }),
    )
    const notice = NOTICES[request.visit.session?.notice?.kind ?? '']
    if (notice) await visits.keep(request, reply, { notice: null })
    return show(request, reply, connectionsPage({ ...around, services, ...(notice ? { notice } : {}) }))
  })

  /** The person with the connection of the path; nothing when there is none. */
  async function connected(request: FastifyRequest, reply: FastifyReply, clientId: string) {
    const { account, around } = await personOf(request, reply, accounts)
    const isConnected = (await consents.of(account.id)).some((one) => one.clientId === clientId)
    return { account, around, isConnected }
  }

  app.get(`${CONNECTED}/:clientId/disconnect`, guarded, async (request, reply) => {
    const { clientId } = request.params
    const { around, isConnected } = await connected(request, reply, clientId)
    if (!isConnected) return reply.redirect(around.base + CONNECTED)
    const page = disconnectPage({ ...around, name: nameOf(clientId), path: pathOf(clientId) })
    return show(request, reply, page)
  })

  app.post(`${CONNECTED}/:clientId/disconnect`, guarded, async (request, reply) => {
    const { clientId } = request.params
    const { account, around, isConnected } = await connected(request, reply, clientId)
    if (isConnected && (await consents.revoke(account.id, clientId))) {
      await voidTokens(account.id, clientId)
      await audit.record({
        event: 'consent.revoked',
        outcome: 'success',
        actor: account.id,
        subject: clientId,
        requestId: request.id,
      })
      await visits.keep(request, reply, { notice: { kind: 'service_disconnected' } })
    }
    return reply.redirect(around.base + CONNECTED, 303)
  })

  async function selectEmail(
    request: FastifyRequest,
    reply: FastifyReply,
    { account, around }: Pick<Awaited<ReturnType<typeof connected>>, 'account' | 'around'>,
    { clientId, isWrong }: { clientId: string; isWrong: boolean },
  ) {
    const shared = await consents.sharedEmail(account.id, clientId)
    const page = selectEmailPage({
      ...around,
      name: nameOf(clientId),
      emails: account.emails,
      chosen: shared && account.emails.includes(shared) ? shared : account.email,
      action: `${pathOf(clientId)}/selected_email`,
      back: CONNECTED,
      isWrong,
    })
    return show(request, reply, accountPage(around, page))
  }

  app.get(`${CONNECTED}/:clientId/selected_email`, guarded, async (request, reply) => {
    const { clientId } = request.params
    const found = await connected(request, reply, clientId)
    if (!found.isConnected) return reply.redirect(found.around.base + CONNECTED)
    return selectEmail(request, reply, found, { clientId, isWrong: false })
  })

  app.post(
    `${CONNECTED}/:clientId/selected_email`,
    { ...guarded, schema: { params: ServicePath, body: SelectEmailForm } },
    async (request, reply) => {
      const { clientId } = request.params
      const found = await connected(request, reply, clientId)
      const email = request.body['select_email_form[selected_email]'] ?? ''
      if (found.isConnected) {
        if (!found.account.emails.includes(email))
          return selectEmail(request, reply, found, { clientId, isWrong: true })
        await consents.shareEmail(found.account.id, clientId, email)
        await visits.keep(request, reply, { notice: { kind: 'email_shared' } })
      }
      return reply.redirect(found.around.base + CONNECTED, 303)
    },
  )
}

const NOTICES: Record<string, 'disconnected' | 'shared'> = {
  service_disconnected: 'disconnected',
  email_shared: 'shared',
}
