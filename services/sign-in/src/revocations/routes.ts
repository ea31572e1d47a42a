import { PageQuery } from '@gatehouse/contracts/paging'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import {
  LabelsRequest,
  Reinstatement,
  Revocation,
  RevocationKind,
  RevocationLabels,
  RevocationOrder,
  RevocationPreview,
  Revocations as RevocationsPage,
  RevocationTarget,
} from '@gatehouse/contracts/revocations'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { operatorOnly } from '@gatehouse/http/operator'
import type { App } from '@gatehouse/http/service'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Revocations } from './revocations.ts'

const Position = Type.Tuple([Type.Integer(), Type.String()])
const Id = Type.Object({ revocationId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })
const OPERATOR = 'operator'

export const revocationRefusals = {
  target_unknown: { status: 422, title: 'Nothing of this name is known here' },
  lasting_not_possible: { status: 422, title: 'Access of this kind cannot be ended for longer here' },
  end_not_usable: { status: 422, title: 'The end must lie ahead, and only what lasts has one' },
  reference_used: { status: 409, title: 'The reference belongs to another order' },
  revocation_unknown: { status: 404, title: 'There is no such revocation' },
  not_standing: { status: 409, title: 'This revocation keeps nobody out any more' },
}

/** Revocations for the administrators' console (`@gatehouse/contracts/revocations`). */
export function addRevocationRoutes(app: App, revocations: Revocations, operatorToken: string): void {
  const asked = (request: FastifyRequest) => ({
    requestId: request.id,
    ...(request.caller === undefined ? {} : { caller: request.caller }),
  })
  const mayRead = app.requireCaller('revocations.read')
  const mayWrite = app.requireCaller('revocations.write')

  // Ending a provider may lock out every administrator who could reinstate it.
  const isOperator = operatorOnly(operatorToken)
  const operatorOrWriter: onRequestAsyncHookHandler = async function (request, reply) {
    try {
      await isOperator.call(this, request, reply)
    } catch {
      await mayWrite.call(this, request, reply)
    }
  }

  app.post(
    '/revocations/previews',
    {
      onRequest: mayRead,
      schema: { body: RevocationTarget, response: { 200: RevocationPreview, '4xx': ProblemSchema } },
    },
    async (request) => revocations.preview(request.body),
  )

  app.post(
    '/revocations/labels',
    {
      // Gateways may read revocations, and have no need of anybody's name.
      onRequest: app.requireCaller('people.read'),
      schema: { body: LabelsRequest, response: { 200: RevocationLabels, '4xx': ProblemSchema } },
    },
    async (request) => ({ labels: await revocations.labels(request.body.targets) }),
  )

  app.post(
    '/revocations',
    {
      onRequest: mayWrite,
      schema: { body: RevocationOrder, response: { 201: Revocation, '4xx': ProblemSchema } },
    },
    async (request, reply) => reply.code(201).send(await revocations.revoke(request.body, asked(request))),
  )

  app.get(
    '/revocations/history',
    {
      onRequest: mayRead,
      schema: {
        querystring: Type.Object(
          {
            ...PageQuery,
            kind: Type.Optional(RevocationKind),
            value: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
            standing: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
          },
          { additionalProperties: false },
        ),
        response: { 200: RevocationsPage, '4xx': ProblemSchema },
      },
    },
    async ({ query }) => {
      const limit = rowsOf(query.limit)
      const found = await revocations.list({
        kind: query.kind,
        value: query.value,
        standing: query.standing === undefined ? undefined : query.standing === 'true',
        after: decodeCursor(query.cursor, Position),
        limit,
      })
      const { rows, ...next } = cutPage(found, limit, (row) => [row.orderedAt, row.revocationId])
      return { revocations: rows, ...next }
    },
  )

  app.get(
    '/revocations/history/:revocationId',
    { onRequest: mayRead, schema: { params: Id, response: { 200: Revocation, '4xx': ProblemSchema } } },
    async (request) => revocations.find(request.params.revocationId),
  )

  app.post(
    '/revocations/history/:revocationId/reinstatements',
    {
      onRequest: operatorOrWriter,
      schema: { params: Id, body: Reinstatement, response: { 200: Revocation, '4xx': ProblemSchema } },
    },
    async (request) => {
      const { by, reason, ticket } = request.body
      // Without a calling service it was the operator, whoever the body names.
      const actor = request.caller === undefined ? OPERATOR : by
      return revocations.reinstate(request.params.revocationId, { by: actor, reason, ticket }, asked(request))
    },
  )
}
