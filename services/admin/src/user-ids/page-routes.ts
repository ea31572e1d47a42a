import type { RevocationTarget } from '@gatehouse/contracts/revocations'
import type { Disablement } from '@gatehouse/contracts/user-id-administration'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit, submitOrder } from '../console/desk.ts'
import { OrderBody } from '../console/order-fields.ts'
import { cursor, cursorOf, ListQuery, pageRoute } from '../console/page-route.ts'
import { companiesPage, companyPage } from './company-pages.ts'
import { userIdPage, userIdsPage } from './pages.ts'

const SearchForm = Type.Object(
  {
    by: Type.Union([
      Type.Literal('user-id'),
      Type.Literal('ein'),
      Type.Literal('company-name'),
      Type.Literal('holder-name'),
    ]),
    text: Type.String({ maxLength: 400 }),
    cursor,
  },
  { additionalProperties: false },
)
const CompanyQuery = Type.Object(
  { text: Type.Optional(Type.String({ maxLength: 200 })), cursor },
  { additionalProperties: false },
)
const OneUserId = Type.Object({ bsoUserId: Type.String({ minLength: 1, maxLength: 64 }) })
const OneCompany = Type.Object({ ein: Type.String({ pattern: '^[0-9]{9}$' }) })

export function addUserIdPages(app: App, pages: ConsolePages): void {
  const { administration, namesOf, labelsOf } = pages

  app.get('/user-ids', pageRoute(pages), async (request, reply) =>
    reply.page(userIdsPage(frameOf(request, reply, pages))),
  )

  app.post('/user-ids', pageRoute(pages, { body: SearchForm }), (request, reply) => {
    const { by, text, cursor } = request.body
    const frame = frameOf(request, reply, pages)
    const plain = by === 'ein' ? text.replaceAll('-', '').trim() : text.trim()
    const body = { by, text: plain, ...cursorOf({ cursor }) }
    return submit({
      values: { by, text },
      errors: plain === '' ? { text: 'Enter what to search for' } : {},
      perform: () => administration.searchUserIds(actorOf(request), { body }),
      again: ({ values, errors, status }) =>
        reply.page(userIdsPage(frame, { ...values, errors }), { status }),
      done: (found) => reply.page(userIdsPage(frame, { by, text, ...found })),
    })
  })

  /** The orders about what is shown, and how administrators and people on its page are called. */
  async function contextOf(
    request: FastifyRequest,
    target: RevocationTarget,
    disablements: readonly (Disablement | undefined)[],
    people: readonly RevocationTarget[] = [],
  ) {
    const { acts } = await administration.listActs(actorOf(request), { query: { ...target, limit: '20' } })
    const orders = disablements.flatMap((disablement) => disablement?.orders ?? [])
    const [names, labels] = await Promise.all([
      namesOf([...orders.map(({ by }) => by), ...acts.map(({ askedBy }) => askedBy)]),
      labelsOf(people),
    ])
    return { acts, names, labels }
  }

  async function showUserId(
    request: FastifyRequest<{ Params: Static<typeof OneUserId> }>,
    reply: FastifyReply,
    { status = 200, ...sent }: Sent = {},
  ): Promise<FastifyReply> {
    const userId = await administration.findUserId(actorOf(request), { params: request.params })
    const target = { kind: 'bso_user_id' as const, value: userId.bsoUserId }
    const people = userId.accounts.map((value) => ({ kind: 'account' as const, value }))
    const context = await contextOf(request, target, [userId.disabled, userId.companyDisabled], people)
    return reply.page(userIdPage(frameOf(request, reply, pages), { userId, ...context, ...sent }), { status })
  }

  app.get('/user-ids/:bsoUserId', pageRoute(pages, { params: OneUserId }), (request, reply) =>
    showUserId(request, reply),
  )

  app.post(
    '/user-ids/:bsoUserId/enablements',
    pageRoute(pages, { params: OneUserId, body: OrderBody }),
    (request, reply) =>
      submitOrder(request, {
        perform: administration.enableUserId,
        again: (sent) => showUserId(request, reply, sent),
        done: ({ act }) => goTo(reply, `/acts/${act.actId}`),
      }),
  )

  app.get('/companies', pageRoute(pages, { querystring: CompanyQuery }), async (request, reply) => {
    const { text = '', cursor } = request.query
    const plain = /^\d{2}-\d{7}$/.test(text.trim()) ? text.trim().replace('-', '') : text.trim()
    const body = { ...(plain ? { text: plain } : {}), ...cursorOf({ cursor }) }
    const { companies, next } = await administration.searchCompanies(actorOf(request), { body })
    return reply.page(companiesPage(frameOf(request, reply, pages), { text, companies, next, cursor }))
  })

  async function showCompany(
    request: FastifyRequest<{ Params: Static<typeof OneCompany> }>,
    reply: FastifyReply,
    { cursor, status = 200, ...sent }: Sent & { cursor?: string } = {},
  ): Promise<FastifyReply> {
    const { params } = request
    const actor = actorOf(request)
    const [company, { userIds, next }] = await Promise.all([
      administration.findCompany(actor, { params }),
      administration.listUserIdsOfCompany(actor, { params, query: cursorOf({ cursor }) }),
    ])
    const context = await contextOf(request, { kind: 'ein', value: company.ein }, [company.disabled])
    const given = { company, userIds, next, cursor, ...context, ...sent }
    return reply.page(companyPage(frameOf(request, reply, pages), given), { status })
  }

  app.get(
    '/companies/:ein',
    pageRoute(pages, { params: OneCompany, querystring: ListQuery }),
    (request, reply) => showCompany(request, reply, request.query),
  )

  app.post(
    '/companies/:ein/enablements',
    pageRoute(pages, { params: OneCompany, body: OrderBody }),
    (request, reply) =>
      submitOrder(request, {
        perform: administration.enableCompany,
        again: (sent) => showCompany(request, reply, sent),
        done: ({ act }) => goTo(reply, `/acts/${act.actId}`),
      }),
  )
}
