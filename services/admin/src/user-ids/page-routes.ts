import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf, goTo } from '../console/desk.ts'
import { orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { companiesPage, companyPage, type OrderState, userIdPage, userIdsPage } from './pages.ts'

const SearchForm = Type.Object(
  {
    by: Type.Union([
      Type.Literal('user-id'),
      Type.Literal('ein'),
      Type.Literal('company-name'),
      Type.Literal('holder-name'),
    ]),
    text: Type.String({ maxLength: 400 }),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
)
const Cursor = Type.Optional(Type.String({ maxLength: 4096 }))
const OneUserId = Type.Object({ bsoUserId: Type.String({ minLength: 1, maxLength: 64 }) })
const OneCompany = Type.Object({ ein: Type.String({ pattern: '^[0-9]{9}$' }) })
const OrderBody = Type.Object(orderFormFields, { additionalProperties: false })

export function addUserIdPages(app: App, pages: ConsolePages): void {
  const { administration, requireActor, namesOf } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }

  app.get('/user-ids', page, async (request, reply) =>
    reply.page(userIdsPage(frameOf(request, reply, pages))),
  )

  app.post('/user-ids', { ...page, schema: { hide: true, body: SearchForm } }, async (request, reply) => {
    const frame = frameOf(request, reply, pages)
    const { by, text, cursor } = request.body
    const plain = by === 'ein' ? text.replaceAll('-', '').trim() : text.trim()
    if (plain === '') {
      return reply.page(userIdsPage(frame, { by, errors: { text: 'Enter what to search for' } }), {
        status: 422,
      })
    }
    const body = { by, text: plain, ...(cursor ? { cursor } : {}) }
    const found = await attempt(() => administration.searchUserIds(actorOf(request), { body }))
    if (found.trouble) {
      const { errors, status } = found.trouble
      return reply.page(userIdsPage(frame, { by, text, errors }), { status })
    }
    return reply.page(userIdsPage(frame, { by, text, ...found.answer }))
  })

  async function showUserId(
    request: FastifyRequest<{ Params: { bsoUserId: string } }>,
    reply: FastifyReply,
    sent: OrderState = {},
    status = 200,
  ): Promise<FastifyReply> {
    const userId = await administration.findUserId(actorOf(request), { params: request.params })
    const names = await namesOf([userId.disabled?.by ?? '', userId.companyDisabled?.by ?? ''])
    return reply.page(userIdPage(frameOf(request, reply, pages), { userId, names, ...sent }), { status })
  }

  async function showCompany(
    request: FastifyRequest<{ Params: { ein: string } }>,
    reply: FastifyReply,
    sent: OrderState = {},
    { status = 200, cursor }: { status?: number; cursor?: string | undefined } = {},
  ): Promise<FastifyReply> {
    const { params } = request
    const actor = actorOf(request)
    const [company, { userIds, next }] = await Promise.all([
      administration.findCompany(actor, { params }),
      administration.listUserIdsOfCompany(actor, { params, query: cursor ? { cursor } : {} }),
    ])
    const names = await namesOf([company.disabled?.by ?? ''])
    const given = { company, userIds, next, cursor, names, ...sent }
    return reply.page(companyPage(frameOf(request, reply, pages), given), { status })
  }

  app.get('/user-ids/:bsoUserId', { ...page, schema: { hide: true, params: OneUserId } }, (request, reply) =>
    showUserId(request, reply),
  )

  app.post(
    '/user-ids/:bsoUserId/enablements',
    { ...page, schema: { hide: true, params: OneUserId, body: OrderBody } },
    async (request, reply) => {
      const { params, body: values } = request
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0) return showUserId(request, reply, { values, errors }, 422)
      const input = { params, body: orderOf(values) }
      const done = await attempt(() => administration.enableUserId(actorOf(request), input, values.reference))
      if (!done.trouble) return goTo(reply, `/acts/${done.answer.act.actId}`)
      return showUserId(request, reply, { values, errors: done.trouble.errors }, done.trouble.status)
    },
  )

  app.get(
    '/companies',
    {
      ...page,
      schema: {
        hide: true,
        querystring: Type.Object(
          { text: Type.Optional(Type.String({ maxLength: 200 })), cursor: Cursor },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const { text = '', cursor } = request.query
      const plain = /^\d{2}-\d{7}$/.test(text.trim()) ? text.trim().replace('-', '') : text.trim()
      const body = { ...(plain ? { text: plain } : {}), ...(cursor ? { cursor } : {}) }
      const { companies, next } = await administration.searchCompanies(actorOf(request), { body })
      return reply.page(companiesPage(frameOf(request, reply, pages), { text, companies, next, cursor }))
    },
  )

  app.get(
    '/companies/:ein',
    {
      ...page,
      schema: {
        hide: true,
        params: OneCompany,
        querystring: Type.Object({ cursor: Cursor }, { additionalProperties: false }),
      },
    },
    (request, reply) => showCompany(request, reply, {}, { cursor: request.query.cursor }),
  )

  app.post(
    '/companies/:ein/enablements',
    { ...page, schema: { hide: true, params: OneCompany, body: OrderBody } },
    async (request, reply) => {
      const { params, body: values } = request
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0)
        return showCompany(request, reply, { values, errors }, { status: 422 })
      const input = { params, body: orderOf(values) }
      const done = await attempt(() =>
        administration.enableCompany(actorOf(request), input, values.reference),
      )
      if (!done.trouble) return goTo(reply, `/acts/${done.answer.act.actId}`)
      const { errors: told, status } = done.trouble
      return showCompany(request, reply, { values, errors: told }, { status })
    },
  )
}
