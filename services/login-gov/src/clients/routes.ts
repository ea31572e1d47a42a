// The register of relying services over HTTP, for whoever has the operator's token.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import { ClientEntry, entryProblems } from './client-entry.ts'
import type { ClientRegister } from './store.ts'

const OPERATOR = "Takes the operator's token as Bearer token."
const Address = Type.Object({ client_id: Type.String({ minLength: 1, maxLength: 255 }) })

export interface ClientRouteParts {
  clients: ClientRegister
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addClientRoutes(app: App, { clients, requireOperator, audit }: ClientRouteParts): void {
  const guarded = { onRequest: requireOperator, config: { csrf: false as const } }

  app.get(
    '/api/clients',
    {
      ...guarded,
      schema: {
        summary: 'All relying services',
        description: OPERATOR,
        response: { 200: Type.Object({ clients: Type.Array(ClientEntry) }) },
      },
    },
    async () => ({ clients: clients.entries() }),
  )

  app.get(
    '/api/clients/:client_id',
    {
      ...guarded,
      schema: {
        summary: 'One relying service',
        description: OPERATOR,
        params: Address,
        response: { 200: ClientEntry },
      },
    },
    async (request) => {
      const entry = clients.entry(request.params.client_id)
      if (!entry) throw new Refusal('not_found')
      return entry
    },
  )

  app.put(
    '/api/clients/:client_id',
    {
      ...guarded,
      schema: {
        summary: 'Registers a relying service, over what is registered under this id',
        description: `In force at once. For ids that CLIENTS_FILE names the file counts again at the next start. ${OPERATOR}`,
        params: Address,
        body: ClientEntry,
        response: { 200: ClientEntry, 201: ClientEntry },
      },
    },
    async (request, reply) => {
      const entry = request.body
      const errors = entryProblems(entry).map(({ field, rule }) => ({ field: `body.${field}`, rule }))
      if (entry.client_id !== request.params.client_id) {
        errors.push({ field: 'body.client_id', rule: 'is not the one of the address' })
      }
      if (errors.length > 0) throw new Refusal('invalid_request', undefined, { errors })
      const isNew = await clients.put(entry)
      await audit.record({
        event: 'client.registered',
        outcome: 'success',
        actor: 'operator',
        subject: entry.client_id,
        requestId: request.id,
      })
      return reply.code(isNew ? 201 : 200).send(entry)
    },
  )

  app.delete(
    '/api/clients/:client_id',
    { ...guarded, schema: { summary: 'Removes a relying service', description: OPERATOR, params: Address } },
    async (request, reply) => {
      const { client_id: clientId } = request.params
      if (!(await clients.remove(clientId))) throw new Refusal('not_found')
      await audit.record({
        event: 'client.removed',
        outcome: 'success',
        actor: 'operator',
        subject: clientId,
        requestId: request.id,
      })
      return reply.code(204).send()
    },
  )
}
