import { EnrolledUsername } from '@gatehouse/contracts/enrolments'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit, submitOrder } from '../console/desk.ts'
import { type Errors, OrderBody, orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { cursorOf, ListQuery, pageRoute } from '../console/page-route.ts'
import { type EnrolmentForm, enrolmentPage, enrolmentsPage } from './pages.ts'

const EnrolForm = Type.Object(
  {
    username: Type.String({ maxLength: 100 }),
    organization: Type.String({ maxLength: 400 }),
    kind: Type.Union([Type.Literal('EN'), Type.Literal('VRA')]),
    ...orderFormFields,
  },
  { additionalProperties: false },
)
const OneUsername = Type.Object({ username: EnrolledUsername })

function enrolErrors(form: Static<typeof EnrolForm>): Errors {
  const length = form.organization.trim().length
  return {
    ...(Value.Check(EnrolledUsername, form.username.trim())
      ? {}
      : { username: 'Enter a username of 8 to 20 letters and digits' }),
    ...(length >= 1 && length <= 100
      ? {}
      : { organization: 'Enter the name of the organization, of at most 100 characters' }),
    ...orderErrors(form),
  }
}

export function addEnrolmentPages(app: App, pages: ConsolePages): void {
  const { administration } = pages

  async function list(
    request: FastifyRequest,
    reply: FastifyReply,
    { cursor, status = 200, ...sent }: Sent<EnrolmentForm> & { cursor?: string } = {},
  ): Promise<FastifyReply> {
    const query = cursorOf({ cursor })
    const { enrolments, next } = await administration.listEnrolments(actorOf(request), { query })
    const shown = enrolmentsPage(frameOf(request, reply, pages), { enrolments, next, cursor, ...sent })
    return reply.page(shown, { status })
  }

  app.get('/enrolments', pageRoute(pages, { querystring: ListQuery }), (request, reply) =>
    list(request, reply, request.query),
  )

  app.post('/enrolments', pageRoute(pages, { body: EnrolForm }), (request, reply) => {
    const values = request.body
    const { username, organization, kind, reference } = values
    const params = { username: username.trim() }
    const body = { organization: organization.trim(), kind, ...orderOf(values) }
    return submit({
      values,
      errors: enrolErrors(values),
      perform: () => administration.enrol(actorOf(request), { params, body }, reference),
      again: (sent) => list(request, reply, sent),
      done: () => goTo(reply, '/enrolments'),
    })
  })

  async function one(
    request: FastifyRequest<{ Params: Static<typeof OneUsername> }>,
    reply: FastifyReply,
    { status = 200, ...sent }: Sent = {},
  ): Promise<FastifyReply> {
    const enrolment = await administration.findEnrolment(actorOf(request), { params: request.params })
    return reply.page(enrolmentPage(frameOf(request, reply, pages), { enrolment, ...sent }), { status })
  }

  app.get('/enrolments/:username', pageRoute(pages, { params: OneUsername }), (request, reply) =>
    one(request, reply),
  )

  app.post(
    '/enrolments/:username/removals',
    pageRoute(pages, { params: OneUsername, body: OrderBody }),
    (request, reply) =>
      submitOrder(request, {
        perform: administration.removeEnrolment,
        again: (sent) => one(request, reply, sent),
        done: () => goTo(reply, '/enrolments'),
      }),
  )
}
