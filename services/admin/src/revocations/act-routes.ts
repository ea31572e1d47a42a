// The pages of orders: one order and what can be done about it, and the requests that wait for somebody else.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { orderErrors, orderFormFields } from '../console/order-fields.ts'
import { cursor, cursorOf, pageRoute } from '../console/page-route.ts'
import { actPage } from './act-page.ts'
import { approvalsPage } from './approvals-page.ts'
import { clientsOf } from './effect.ts'

const OneAct = Type.Object({ actId: Type.String({ pattern: '^[\\w-]{8,64}$' }) })
const ApprovalsQuery = Type.Object(
  { state: Type.Optional(Type.Literal('all')), cursor },
  { additionalProperties: false },
)
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
  const { administration, namesOf, labelsOf } = pages

  async function show(
    request: FastifyRequest<{ Params: Static<typeof OneAct> }>,
    reply: FastifyReply,
    { status = 200, ...sent }: Sent = {},
  ): Promise<FastifyReply> {
    const actor = actorOf(request)
    const found = await administration.findAct(actor, { params: request.params })
    const { act, revocation, disablements } = found
    const { kind, value } = act
    const [names, labels, { acts }] = await Promise.all([
      namesOf([act.askedBy, act.decidedBy ?? '', ...(disablements?.rows ?? []).map(({ by }) => by)]),
      labelsOf([act, ...clientsOf(revocation)]),
      disablements?.rows?.length ? administration.listActs(actor, { query: { kind, value } }) : { acts: [] },
    ])
    const shown = { ...found, acts, names, labels }
    return reply.page(actPage(frameOf(request, reply, pages), shown, sent), { status })
  }

  app.get('/acts/:actId', pageRoute(pages, { params: OneAct }), (request, reply) => show(request, reply))

  app.post('/acts/:actId', pageRoute(pages, { params: OneAct, body: Decided }), (request, reply) => {
    const { decision, ...values } = request.body
    const input = { params: request.params, body: { reason: values.reason.trim() } }
    return submit({
      values,
      errors: orderErrors(values),
      perform: () => administration[decision](actorOf(request), input, values.reference),
      again: (sent) => show(request, reply, sent),
      done: () => goTo(reply, `/acts/${request.params.actId}`),
    })
  })

  app.get('/approvals', pageRoute(pages, { querystring: ApprovalsQuery }), async (request, reply) => {
    const { state, cursor } = request.query
    const waitingOnly = state !== 'all'
    const filter = waitingOnly ? { state: 'awaiting-approval' as const } : {}
    const { acts, next } = await administration.listApprovals(actorOf(request), {
      query: { ...filter, ...cursorOf({ cursor }) },
    })
    const [names, labels] = await Promise.all([namesOf(acts.map(({ askedBy }) => askedBy)), labelsOf(acts)])
    const exports = exportLinks('listApprovals', filter)
    const given = { acts, next, cursor, waitingOnly, names, labels, exports }
    return reply.page(approvalsPage(frameOf(request, reply, pages), given))
  })
}
