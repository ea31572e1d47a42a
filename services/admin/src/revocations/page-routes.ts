// The pages that end access: form, preview, order; what was revoked; giving access back.

import { now } from '@gatehouse/clock/clock'
import { RevocationKind } from '@gatehouse/contracts/revocations'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { isSensitive } from '../acts/act.ts'
import { attempt, filledIn, frameOf, goTo } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { previewPage, revocationFormPage } from './form-pages.ts'
import { RevocationForm, readRevocationForm } from './order-form.ts'
import { type RevocationsFilter, reinstatementPage, revocationPage, revocationsPage } from './pages.ts'

const Query = Type.Object(
  {
    kind: Type.Optional(Type.String({ maxLength: 40 })),
    value: Type.Optional(Type.String({ maxLength: 320 })),
    standing: Type.Optional(Type.String({ maxLength: 5 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
)
const Target = Type.Object(
  { kind: Type.Optional(RevocationKind), value: Type.Optional(Type.String({ maxLength: 320 })) },
  { additionalProperties: false },
)
const OneRevocation = Type.Object({ revocationId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })
const OrderBody = Type.Object(orderFormFields, { additionalProperties: false })

/** What refusals of an order are about. */
const FIELDS = {
  target_unknown: 'value',
  user_id_unknown: 'value',
  company_unknown: 'value',
  cannot_last: 'duration',
  lasting_not_possible: 'duration',
  end_not_usable: 'day',
  end_not_ahead: 'day',
}

export function addRevocationPages(app: App, pages: ConsolePages): void {
  const { administration, requireActor, namesOf } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }

  app.get('/revocations', { ...page, schema: { hide: true, querystring: Query } }, async (request, reply) => {
    const actor = actorOf(request)
    const filter = filledIn(request.query) as RevocationsFilter
    const [{ revocations, next }, { acts }] = await Promise.all([
      administration.listRevocations(actor, { query: filter }),
      administration.listActs(actor, { query: { state: 'under-way' } }),
    ])
    const names = await namesOf([...revocations.map(({ by }) => by), ...acts.map(({ askedBy }) => askedBy)])
    const exports = exportLinks('listRevocations', { ...filter })
    const given = { revocations, next, filter, names, underWay: acts, exports }
    return reply.page(revocationsPage(frameOf(request, reply, pages), given))
  })

  app.get(
    '/revocations/new',
    { ...page, schema: { hide: true, querystring: Target } },
    async (request, reply) => {
      const values = {
        ...request.query,
        ...(request.query.kind === undefined ? {} : { kind: request.query.kind }),
      }
      return reply.page(revocationFormPage(frameOf(request, reply, pages), { values }))
    },
  )

  /** The form again, as it was sent. */
  app.post(
    '/revocations/form',
    { ...page, schema: { hide: true, body: RevocationForm } },
    async (request, reply) =>
      reply.page(revocationFormPage(frameOf(request, reply, pages), { values: request.body })),
  )

  /** Shows the form with what to fix, or hands over the order. */
  async function withOrder(
    request: FastifyRequest<{ Body: RevocationForm }>,
    reply: FastifyReply,
    go: (
      order: Exclude<ReturnType<typeof readRevocationForm>, { errors: unknown }>['order'],
    ) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    const read = readRevocationForm(request.body, now())
    const again = (errors: Parameters<typeof revocationFormPage>[1]['errors'], status: number) =>
      reply.page(
        revocationFormPage(frameOf(request, reply, pages), { values: request.body, errors: errors ?? {} }),
        {
          status,
        },
      )
    if ('errors' in read) return again(read.errors, 422)
    const done = await attempt(() => go(read.order), FIELDS)
    return done.trouble ? again(done.trouble.errors, done.trouble.status) : done.answer
  }

  app.post(
    '/revocations/preview',
    { ...page, schema: { hide: true, body: RevocationForm } },
    async (request, reply) =>
      withOrder(request, reply, async (order) => {
        const preview = await administration.previewRevocation(actorOf(request), { body: order.target })
        const needsApproval = isSensitive(order.target.kind)
        const given = { form: request.body, order, preview, needsApproval }
        return reply.page(previewPage(frameOf(request, reply, pages), given))
      }),
  )

  app.post(
    '/revocations',
    { ...page, schema: { hide: true, body: RevocationForm } },
    async (request, reply) =>
      withOrder(request, reply, async (order) => {
        const { act } = await administration.revoke(actorOf(request), { body: order }, request.body.reference)
        return goTo(reply, `/acts/${act.actId}`)
      }),
  )

  app.get(
    '/revocations/:revocationId',
    { ...page, schema: { hide: true, params: OneRevocation } },
    async (request, reply) => {
      const found = await administration.findRevocation(actorOf(request), { params: request.params })
      const { revocation, acts } = found
      const names = await namesOf([
        revocation.by,
        revocation.reinstatedBy ?? '',
        ...acts.map(({ askedBy }) => askedBy),
      ])
      return reply.page(revocationPage(frameOf(request, reply, pages), { ...found, names }))
    },
  )

  app.get(
    '/revocations/:revocationId/reinstatement',
    { ...page, schema: { hide: true, params: OneRevocation } },
    async (request, reply) => {
      const { revocation } = await administration.findRevocation(actorOf(request), { params: request.params })
      const needsApproval = isSensitive(revocation.target.kind)
      return reply.page(reinstatementPage(frameOf(request, reply, pages), { revocation, needsApproval }))
    },
  )

  app.post(
    '/revocations/:revocationId/reinstatement',
    { ...page, schema: { hide: true, params: OneRevocation, body: OrderBody } },
    async (request, reply) => {
      const { params, body: values } = request
      const actor = actorOf(request)
      const again = async (errors: Parameters<typeof reinstatementPage>[1]['errors'], status: number) => {
        const { revocation } = await administration.findRevocation(actor, { params })
        const needsApproval = isSensitive(revocation.target.kind)
        const given = { revocation, needsApproval, values, errors: errors ?? {} }
        return reply.page(reinstatementPage(frameOf(request, reply, pages), given), { status })
      }
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0) return again(errors, 422)
      const body = orderOf(values)
      const done = await attempt(() =>
        administration.reinstateRevocation(actor, { params, body }, values.reference),
      )
      if (done.trouble) return again(done.trouble.errors, done.trouble.status)
      return goTo(reply, `/acts/${done.answer.act.actId}`)
    },
  )
}
