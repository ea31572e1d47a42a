import type { Audit } from '@gatehouse/audit/audit'
import { BsoUserId } from '@gatehouse/contracts/bso-user-ids'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import {
  ActivationRequest,
  RequestableService,
  ServiceRequest,
  ServiceStanding,
  ServiceStandings,
} from '@gatehouse/contracts/service-activations'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { recordRefusal } from '../audited-refusals.ts'
import type { Activations } from './activations.ts'

const userId = { ein: Type.String({ pattern: '^[0-9]{9}$' }), bsoUserId: BsoUserId }
const UserIdAtEmployer = Type.Object(userId, { additionalProperties: false })
const ServiceOfUserId = Type.Object(
  { ...userId, service: RequestableService },
  { additionalProperties: false },
)

export function addActivationRoutes(app: App, activations: Activations, audit: Audit): void {
  const onRequest = app.requireCaller('activations.write')

  app.get(
    '/employers/:ein/user-ids/:bsoUserId/services',
    {
      onRequest,
      schema: {
        summary: 'How the services that can be requested stand for a User ID',
        params: UserIdAtEmployer,
        response: { 200: ServiceStandings, '4xx': ProblemSchema },
      },
    },
    async ({ params }) => ({ services: [await activations.of({ ...params, service: 'CBSV' })] }),
  )

  app.post(
    '/employers/:ein/user-ids/:bsoUserId/services/:service/requests',
    {
      onRequest,
      schema: {
        summary: 'Request a service, or another activation code for it, by letter to the employer',
        params: ServiceOfUserId,
        body: ServiceRequest,
        response: { 201: ServiceStanding, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { insteadOf } = request.body
      const who = whoOf(request.params, request.id)
      const standing = await activations
        .request(request.params, insteadOf)
        .catch(recordRefusal(audit, { event: 'service.request-refused', ...who }))
      const { ein } = request.params
      const details = { ein, again: insteadOf !== undefined }
      await audit.record({ event: 'service.requested', outcome: 'success', ...who, details })
      return reply.code(201).send(standing)
    },
  )

  app.post(
    '/employers/:ein/user-ids/:bsoUserId/services/:service/activations',
    {
      onRequest,
      schema: {
        summary: 'Enter the activation code, which makes the service active',
        params: ServiceOfUserId,
        body: ActivationRequest,
        response: { 200: ServiceStanding, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const who = whoOf(request.params, request.id)
      const standing = await activations
        .activate(request.params, request.body.code)
        .catch(recordRefusal(audit, { event: 'service.activation-refused', ...who }))
      const details = { ein: request.params.ein }
      await audit.record({ event: 'service.activated', outcome: 'success', ...who, details })
      return standing
    },
  )
}

/** Which account is behind the User ID only `sign-in` knows; the request's id leads there. */
function whoOf({ bsoUserId, service }: { bsoUserId: string; service: string }, requestId: string) {
  return { actor: bsoUserId, subject: service, requestId }
}
