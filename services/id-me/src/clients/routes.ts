// The register of relying services over HTTP, for whoever has the operator's token. Secrets go in and never come out.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import { ClientChange, ClientEntry, ClientId, entryProblems } from './client-entry.ts'
import type { ClientRegister } from './store.ts'

const Address = Type.Object({ client_id: ClientId })

const BY_OPERATOR = "Takes the operator's token as a Bearer token."

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
        description: BY_OPERATOR,
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
        description: BY_OPERATOR,
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
        description: `In force at once. For ids that CLIENTS_FILE names the file counts again at the next start. ${BY_OPERATOR}`,
        params: Address,
        body: ClientChange,
        response: { 200: ClientEntry, 201: ClientEntry },
      },
    },
    async (request, reply) => {
      const { client_secret: secret, ...entry } = request.body
      const errors = entryProblems(entry).map(({ field, rule }) => ({ field: `body.${field}`, rule }))
      if (entry.client_id !== request.params.client_id) {
        errors.push({ field: 'body.client_id', rule: 'is not the one of the address' })
      }
      if (errors.length > 0) throw new Refusal('invalid_request', undefined, { errors })
      const outcome = await clients.put(entry, secret)
      if (outcome === 'secret_missing') {
        const missing = [{ field: 'body.client_secret', rule: 'is needed for a new client' }]
        throw new Refusal('invalid_request', undefined, { errors: missing })
      }
      await audit.record({
        event: 'client.registered',
        outcome: 'success',
        actor: 'operator',
        subject: entry.client_id,
        requestId: request.id,
      })
      return reply.code(outcome === 'added' ? 201 : 200).send(entry)
    },
  )

  app.delete(
    '/api/clients/:client_id',
    {
      ...guarded,
      schema: { summary: 'Removes a relying service', description: BY_OPERATOR, params: Address },
    },
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
