// The pages of Manage Services: request a service, see where it stands, enter its activation code. What is requested and
// active is kept by bso-user-ids, which is asked with this service's own token for the User ID of the session.

import type { Audit } from '@gatehouse/audit/audit'
import {
  type activations,
  RequestableService,
  type ServiceStanding,
} from '@gatehouse/contracts/service-activations'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Person } from '../person.ts'
import { sessionOf } from '../sessions/signed-in.ts'
import type { Viewer } from '../site.ts'
import { activationPage, confirmationPage } from './activation-pages.ts'
import { pendingPage } from './pending-page.ts'
import { codeProblem, reasonOf, requestProblem } from './problems.ts'
import { requestPage } from './request-page.ts'

interface Dependencies {
  signedIn: preHandlerAsyncHookHandler
  services: ReturnType<typeof activations>
  audit: Audit
}

const form = <Fields extends Parameters<typeof Type.Object>[0]>(fields: Fields) =>
  Type.Object({ service: RequestableService, ...fields }, { additionalProperties: false })

export function addManageServicesRoutes(app: App, { signedIn, services, audit }: Dependencies): void {
  const onPage = { preHandler: signedIn, schema: { hide: true } }

  async function standings(person: Person): Promise<ServiceStanding[]> {
    try {
      return (await services.list(person)).services
    } catch (error) {
      reasonOf(error)
      throw error
    }
  }

  function record(request: FastifyRequest, event: string, service: string): Promise<void> {
    const { subject: actor, bsoUserId, ein } = sessionOf(request).person
    const details = { bsoUserId, ein }
    return audit.record({
      event,
      outcome: 'success',
      actor,
      subject: service,
      details,
      requestId: request.id,
    })
  }

  app.get('/services/request', onPage, async (request, reply) => {
    const viewer = viewerOf(request, reply)
    return reply.page(requestPage(viewer, await standings(viewer.person)))
  })

  app.post(
    '/services/request',
    { preHandler: signedIn, schema: { hide: true, body: form({}) } },
    async (request, reply) => {
      const viewer = viewerOf(request, reply)
      const { service } = request.body
      try {
        await services.request(viewer.person, service)
      } catch (error) {
        const reason = reasonOf(error)
        if (reason === 'service_pending') return goTo(reply, '/services/pending')
        if (reason === 'service_active') return goTo(reply, '/services/request')
        const { status, notice } = requestProblem(error)
        return reply.page(requestPage(viewer, await shownWith(viewer.person), notice), { status })
      }
      await record(request, 'service.requested', service)
      return goTo(reply, '/services/pending?requested=first')
    },
  )

  app.get(
    '/services/pending',
    {
      preHandler: signedIn,
      schema: { hide: true, querystring: Type.Object({ requested: Type.Optional(Type.String()) }) },
    },
    async (request, reply) => {
      const viewer = viewerOf(request, reply)
      const listed = await standings(viewer.person)
      // Said only while it is so, and not to whoever follows a link here.
      const isSent = listed.some(({ state, letter }) => state === 'pending' && letter)
      const notice = isSent ? NOTICES[request.query.requested ?? ''] : undefined
      return reply.page(pendingPage(viewer, listed, notice))
    },
  )

  app.post(
    '/services/pending',
    {
      preHandler: signedIn,
      schema: { hide: true, body: form({ insteadOf: Type.String({ pattern: '^[0-9]{1,15}$' }) }) },
    },
    async (request, reply) => {
      const viewer = viewerOf(request, reply)
      const { service, insteadOf } = request.body
      try {
        await services.request(viewer.person, service, { insteadOf: Number(insteadOf) })
      } catch (error) {
        // Somebody was faster, or this page is an old one: the page as it is now says it.
        if (OVERTAKEN.has(reasonOf(error))) return goTo(reply, '/services/pending')
        const { status, notice } = requestProblem(error)
        return reply.page(pendingPage(viewer, await shownWith(viewer.person), notice), { status })
      }
      await record(request, 'service.code-requested-again', service)
      return goTo(reply, '/services/pending?requested=again')
    },
  )

  app.get('/services/activation', onPage, async (request, reply) => {
    const viewer = viewerOf(request, reply)
    return reply.page(activationPage(viewer, await standings(viewer.person)))
  })

  app.post(
    '/services/activation',
    { preHandler: signedIn, schema: { hide: true, body: form({ code: Type.String({ maxLength: 1024 }) }) } },
    async (request, reply) => {
      const viewer = viewerOf(request, reply)
      const { service, code } = request.body
      const pending: ServiceStanding[] = [{ service, state: 'pending' }]
      // A form that was sent empty is no try.
      if (code.trim() === '') {
        const fieldError = 'Enter the activation code.'
        return reply.page(activationPage(viewer, pending, { fieldError }), { status: 422 })
      }
      try {
        await services.activate(viewer.person, service, code)
      } catch (error) {
        const problem = codeProblem(error)
        if (problem) return reply.page(activationPage(viewer, pending, problem), { status: problem.status })
        if (OVERTAKEN.has(reasonOf(error))) return goTo(reply, '/services/activated')
        throw error
      }
      await record(request, 'service.activated', service)
      return goTo(reply, '/services/activated')
    },
  )

  app.get('/services/activated', onPage, async (request, reply) => {
    const viewer = viewerOf(request, reply)
    const isActive = (await standings(viewer.person)).some(({ state }) => state === 'active')
    return isActive ? reply.page(confirmationPage(viewer)) : goTo(reply, '/services/activation')
  })

  /** What is listed under a notice that something is away: nothing, when the list is. */
  async function shownWith(person: Person): Promise<ServiceStanding[]> {
    return standings(person).catch(() => [])
  }
}

const OVERTAKEN = new Set(['service_pending', 'service_active', 'nothing_requested'])

const NOTICES: Record<string, { kind: 'success'; heading: string; body: string } | undefined> = {
  first: {
    kind: 'success',
    heading: 'You have requested CBSV',
    body: 'A letter with the activation code goes to the Responsible Company Official of your company.',
  },
  again: {
    kind: 'success',
    heading: 'Another activation code was requested',
    body: 'It goes to the Responsible Company Official by letter. The earlier activation code is not valid any more.',
  },
}

function viewerOf(request: FastifyRequest, reply: FastifyReply): Viewer {
  return { person: sessionOf(request).person, csrf: reply.csrfToken() }
}

function goTo(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, 303)
}
