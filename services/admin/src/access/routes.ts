// The operations over HTTP. Each route is made of an entry of the table, so none can be without a role.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { exportAll, wantsCsv } from '../export/export.ts'
import type { Actors } from './actors.ts'
import type { Performing } from './administration.ts'
import type { Operation } from './operation.ts'
import { IDEMPOTENCY_KEY } from './repeated-requests.ts'
import type { Actor } from './roles.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on routes of the API and of the console's pages. Read it with `actorOf`. */
    actor: Actor | undefined
  }
}

/** @throws Error on a route that does not say who may use it */
export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new Error('this route has not found out who asks')
  return request.actor
}

// biome-ignore lint/suspicious/noExplicitAny: any schemas will do
type AnyOperation = Operation<any, any, any, any>

const Format = Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')]))

const Headers = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: IDEMPOTENCY_KEY,
      description:
        'of two requests with the same key one is carried out, and both get its answer for 24 hours',
    }),
  ),
})

function queryOf({ query, rows }: Operation): TSchema | undefined {
  const own = (query as TObject | undefined)?.properties
  if (!own && !rows) return undefined
  const properties: TProperties = { ...own, ...(rows ? { format: Format } : {}) }
  return Type.Object(properties, { additionalProperties: false })
}

function schemaOf(operationId: string, entry: Operation) {
  const { summary, role, params, body, answer, status = 200, method } = entry
  const querystring = queryOf(entry)
  return {
    operationId,
    summary,
    security: [{ administrator: [] }],
    'x-role': role,
    ...(method === 'GET' ? {} : { headers: Headers }),
    ...(params ? { params } : {}),
    ...(querystring ? { querystring } : {}),
    ...(body ? { body } : {}),
    response: { [status]: answer },
  }
}

/** Adds every operation under `/api`, for whoever brings an access token. */
export function addOperationRoutes<Operations extends { [Id in keyof Operations]: AnyOperation }>(
  app: App,
  operations: Operations,
  administration: Performing<Operations>,
  actors: Actors,
): void {
  app.decorateRequest('actor', undefined)
  const perform = administration as unknown as Record<
    string,
    (actor: Actor, input: object, key?: string) => Promise<unknown>
  >

  for (const [id, entry] of Object.entries<AnyOperation>(operations)) {
    app.route({
      method: entry.method,
      url: `/api${entry.path}`,
      // A page of another site cannot add the token.
      config: { csrf: false },
      schema: schemaOf(id, entry),
      onRequest: async (request) => {
        request.actor = await actors.ofToken(request)
      },
      async handler(request: FastifyRequest, reply: FastifyReply) {
        reply.header('cache-control', 'no-store')
        const actor = actorOf(request)
        const { format, ...query } = (request.query ?? {}) as Record<string, string | undefined>
        const key = entry.method === 'GET' ? undefined : request.headers['idempotency-key']
        const input = { params: request.params, query, body: request.body }
        const call = (given: object) => perform[id]?.(actor, given, typeof key === 'string' ? key : undefined)
        if (entry.rows && wantsCsv(request, format)) return exportAll(reply, id, entry, input, call)
        return reply.code(entry.status ?? 200).send(await call(input))
      },
    })
  }
}
