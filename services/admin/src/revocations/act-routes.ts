// The pages of orders: one order and what can be done about it, and the requests that wait for somebody else.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf, goTo } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { type Errors, orderErrors, orderFormFields } from '../console/order-fields.ts'
import { actPage } from './act-page.ts'
import { approvalsPage } from './pages.ts'

const OneAct = Type.Object({ actId: Type.String({ pattern: '^[\\w-]{8,64}$' }) })
const Decided = Type.Object(
  {
    decision: Type.Union([
      Type.Literal('approve'),
      Type.Literal('refuse'),
      Type.Literal('withdraw'),
      Type.Literal('retryAct'),
    ]),
    ...orderFormFields,
  },
  { additionalProperties: false },
)

export function addActPages(app: App, pages: ConsolePages): void {
  const { administration, requireActor, namesOf } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }

  async function show(
    request: FastifyRequest<{ Params: { actId: string } }>,
    reply: FastifyReply,
    sent: { values?: { reason?: string }; errors?: Errors } = {},
    status = 200,
  ): Promise<FastifyReply> {
    const { act, revocation } = await administration.findAct(actorOf(request), { params: request.params })
    const names = await namesOf([act.askedBy, act.decidedBy ?? ''])
    return reply.page(actPage(frameOf(request, reply, pages), { act, revocation, names }, sent), { status })
  }

  app.get('/acts/:actId', { ...page, schema: { hide: true, params: OneAct } }, (request, reply) =>
    show(request, reply),
  )

  app.post(
    '/acts/:actId',
    { ...page, schema: { hide: true, params: OneAct, body: Decided } },
    async (request, reply) => {
      const { decision, ...values } = request.body
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0) return show(request, reply, { values, errors }, 422)
      const input = { params: request.params, body: { reason: values.reason.trim() } }
      const done = await attempt(() => administration[decision](actorOf(request), input, values.reference))
      if (!done.trouble) return goTo(reply, `/acts/${request.params.actId}`)
      return show(request, reply, { values, errors: done.trouble.errors }, done.trouble.status)
    },
  )

  app.get(
    '/approvals',
    {
      ...page,
      schema: {
        hide: true,
        querystring: Type.Object(
          {
            state: Type.Optional(Type.Literal('all')),
            cursor: Type.Optional(Type.String({ maxLength: 4096 })),
          },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const { state, cursor } = request.query
      const waitingOnly = state !== 'all'
      const filter = waitingOnly ? { state: 'awaiting-approval' as const } : {}
      const { acts, next } = await administration.listApprovals(actorOf(request), {
        query: { ...filter, ...(cursor === undefined ? {} : { cursor }) },
      })
      const names = await namesOf(acts.map(({ askedBy }) => askedBy))
      const exports = exportLinks('listApprovals', filter)
      const given = { acts, next, cursor, waitingOnly, names, exports }
      return reply.page(approvalsPage(frameOf(request, reply, pages), given))
    },
  )
}
