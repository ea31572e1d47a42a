// The register of relying services over HTTP, for whoever has the operator's token. Secrets go in and never come out.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { type Static, type TSchema, type TString, Type } from 'typebox'
import type { EntryProblem } from './client-file.ts'

const OPERATOR = "Takes the operator's token as Bearer token."

export interface ClientRouteParts<Shown extends TSchema, Change extends TSchema> {
  schemas: { clientId: TString; shown: Shown; change: Change }
  entry(clientId: string): Static<Shown> | undefined
  entries(): Static<Shown>[]
  /** What keeps a change that fits its schema from being used. */
  problemsOf(change: Static<Change>): EntryProblem[]
  /** Registers, over what is registered under the id of the change, or says what is lacking for that. */
  put(change: Static<Change>): Promise<{ isNew: boolean; entry: Static<Shown> } | EntryProblem>
  /** False when there is no such client. */
  remove(clientId: string): Promise<boolean>
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addClientRoutes<Shown extends TSchema, Change extends TSchema>(
  app: App,
  { schemas, requireOperator, audit, ...register }: ClientRouteParts<Shown, Change>,
): void {
  const guarded = { onRequest: requireOperator, config: { csrf: false as const } }
  const params = Type.Object({ client_id: schemas.clientId })
  const shown: TSchema = schemas.shown

  app.get(
    '/api/clients',
    {
      ...guarded,
      schema: {
        summary: 'All relying services',
        description: OPERATOR,
        response: { 200: Type.Object({ clients: Type.Array(shown) }) },
      },
    },
    async () => ({ clients: register.entries() }),
  )

  app.get(
    '/api/clients/:client_id',
    {
      ...guarded,
      schema: { summary: 'One relying service', description: OPERATOR, params, response: { 200: shown } },
    },
    async (request) => {
      const entry = register.entry(request.params.client_id)
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
        params,
        body: schemas.change as TSchema,
        response: { 200: shown, 201: shown },
      },
    },
    async (request, reply) => {
      const { client_id: clientId } = request.params
      const change = request.body as Static<Change> & { client_id: string }
      const problems = register.problemsOf(change)
      if (change.client_id !== clientId) {
        problems.push({ field: 'client_id', rule: 'is not the one of the address' })
      }
      if (problems.length > 0) throw unusable(problems)
      const outcome = await register.put(change)
      if ('rule' in outcome) throw unusable([outcome])
      await audit.record({
        event: 'client.registered',
        outcome: 'success',
        actor: 'operator',
        subject: clientId,
        requestId: request.id,
      })
      return reply.code(outcome.isNew ? 201 : 200).send(outcome.entry)
    },
  )

  app.delete(
    '/api/clients/:client_id',
    { ...guarded, schema: { summary: 'Removes a relying service', description: OPERATOR, params } },
    async (request, reply) => {
      const { client_id: clientId } = request.params
      if (!(await register.remove(clientId))) throw new Refusal('not_found')
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

function unusable(problems: EntryProblem[]): Refusal {
  const errors = problems.map(({ field, rule }) => ({ field: `body.${field}`, rule }))
  return new Refusal('invalid_request', undefined, { errors })
}
