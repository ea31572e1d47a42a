import type { Audit } from '@gatehouse/audit/audit'
import { Order } from '@gatehouse/contracts/administrators'
import { PageQuery } from '@gatehouse/contracts/paging'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import {
  KeysOrder,
  Registered,
  RegistrationOrder,
  RelyingService,
  RelyingServices as RelyingServicePage,
  RotatedSecret,
} from '@gatehouse/contracts/relying-services'
import type { Refusals } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { RelyingServices } from './relying-services.ts'
import { type Act, auditRefusals } from './trail.ts'

export const relyingServiceRefusals: Refusals = {
  client_unknown: { status: 404, title: 'There is no such relying service' },
  client_static: { status: 409, title: 'This relying service comes with the suite' },
  client_changed: { status: 409, title: 'Somebody else has just changed this relying service' },
  client_without_secret: { status: 409, title: 'This relying service has no secret' },
  client_without_keys: { status: 409, title: 'This relying service does not authenticate with a key' },
  client_metadata_refused: { status: 422, title: 'This cannot be registered' },
}

const OfClient = Type.Object(
  { clientId: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
)

export function addRelyingServiceRoutes(app: App, relyingServices: RelyingServices, audit: Audit): void {
  const onRequest = app.requireCaller('clients.write')
  const config = { csrf: false } as const
  const failures = { '4xx': ProblemSchema }
  const audited = <Answer>(act: Act, work: (act: Act) => Promise<Answer>) => auditRefusals(audit, act, work)

  app.get(
    '/relying-services',
    {
      onRequest,
      schema: {
        summary: 'The relying services, those of the suite first',
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: RelyingServicePage, ...failures },
      },
    },
    async ({ query: { cursor, limit } }) =>
      relyingServices.list({ cursor, limit: limit === undefined ? undefined : Number(limit) }),
  )
  app.get(
    '/relying-services/:clientId',
    {
      onRequest,
      schema: {
        summary: 'A relying service',
        params: OfClient,
        response: { 200: RelyingService, ...failures },
      },
    },
    async ({ params }) => relyingServices.find(params.clientId),
  )
  app.post(
    '/relying-services',
    {
      onRequest,
      config,
      schema: {
        summary: 'Register a relying service, by the rules of RFC 7591',
        body: RegistrationOrder,
        response: { 201: Registered, ...failures },
      },
    },
    async ({ body: { metadata, ...order }, id }, reply) => {
      const registered = await audited({ event: 'registered', ...order, requestId: id }, (act) =>
        relyingServices.register(metadata, act),
      )
      return reply.code(201).header('cache-control', 'no-store').send(registered)
    },
  )
  app.post(
    '/relying-services/:clientId/secrets',
    {
      onRequest,
      config,
      schema: {
        summary: 'Give a relying service a new secret; the old one ends at once',
        params: OfClient,
        body: Order,
        response: { 200: RotatedSecret, ...failures },
      },
    },
    async ({ params: { clientId }, body, id }, reply) => {
      const rotated = await audited({ event: 'secret-rotated', ...body, clientId, requestId: id }, (act) =>
        relyingServices.rotateSecret(clientId, act),
      )
      return reply.header('cache-control', 'no-store').send(rotated)
    },
  )
  app.put(
    '/relying-services/:clientId/keys',
    {
      onRequest,
      config,
      schema: {
        summary: 'Replace the public keys of a relying service; the old ones end at once',
        params: OfClient,
        body: KeysOrder,
        response: { 200: RelyingService, ...failures },
      },
    },
    async ({ params: { clientId }, body: { by, reason, ...keys }, id }) =>
      audited({ event: 'keys-replaced', by, reason, clientId, requestId: id }, (act) =>
        relyingServices.replaceKeys(clientId, keys, act),
      ),
  )
  app.post(
    '/relying-services/:clientId/removals',
    {
      onRequest,
      config,
      schema: {
        summary: 'Remove a relying service: it can ask for nothing from then on',
        params: OfClient,
        body: Order,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async ({ params: { clientId }, body, id }, reply) => {
      await audited({ event: 'removed', ...body, clientId, requestId: id }, (act) =>
        relyingServices.remove(clientId, act),
      )
      return reply.code(204).send(null)
    },
  )
}
