import { EnrolledUsername } from '@gatehouse/contracts/enrolments'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf, goTo } from '../console/desk.ts'
import {
  type Errors,
  type OrderForm,
  orderErrors,
  orderFormFields,
  orderOf,
} from '../console/order-fields.ts'
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
const OrderBody = Type.Object(orderFormFields, { additionalProperties: false })

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
  const { administration, requireActor } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }

  async function list(
    request: FastifyRequest,
    reply: FastifyReply,
    {
      cursor,
      values,
      errors,
      status = 200,
    }: { cursor?: string; values?: EnrolmentForm; errors?: Errors; status?: number },
  ): Promise<FastifyReply> {
    const query = cursor === undefined ? {} : { cursor }
    const { enrolments, next } = await administration.listEnrolments(actorOf(request), { query })
    const sent = { ...(values ? { values } : {}), ...(errors ? { errors } : {}) }
    const shown = enrolmentsPage(frameOf(request, reply, pages), { enrolments, next, cursor, ...sent })
    return reply.page(shown, { status })
  }

  app.get(
    '/enrolments',
    {
      ...page,
      schema: {
        hide: true,
        querystring: Type.Object(
          { cursor: Type.Optional(Type.String({ maxLength: 4096 })) },
          { additionalProperties: false },
        ),
      },
    },
    (request, reply) => list(request, reply, request.query),
  )

  app.post('/enrolments', { ...page, schema: { hide: true, body: EnrolForm } }, async (request, reply) => {
    const values = request.body
    const errors = enrolErrors(values)
    if (Object.keys(errors).length > 0) return list(request, reply, { values, errors, status: 422 })
    const { username, organization, kind, reference } = values
    const input = {
      params: { username: username.trim() },
      body: { organization: organization.trim(), kind, ...orderOf(values) },
    }
    const done = await attempt(() => administration.enrol(actorOf(request), input, reference))
    if (!done.trouble) return goTo(reply, '/enrolments')
    return list(request, reply, { values, ...done.trouble })
  })

  async function one(
    request: FastifyRequest<{ Params: Static<typeof OneUsername> }>,
    reply: FastifyReply,
    sent: { values?: OrderForm; errors?: Errors } = {},
    status = 200,
  ): Promise<FastifyReply> {
    const enrolment = await administration.findEnrolment(actorOf(request), { params: request.params })
    return reply.page(enrolmentPage(frameOf(request, reply, pages), { enrolment, ...sent }), { status })
  }

  app.get(
    '/enrolments/:username',
    { ...page, schema: { hide: true, params: OneUsername } },
    (request, reply) => one(request, reply),
  )

  app.post(
    '/enrolments/:username/removals',
    { ...page, schema: { hide: true, params: OneUsername, body: OrderBody } },
    async (request, reply) => {
      const { params, body: values } = request
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0) return one(request, reply, { values, errors }, 422)
      const input = { params, body: orderOf(values) }
      const done = await attempt(() =>
        administration.removeEnrolment(actorOf(request), input, values.reference),
      )
      if (!done.trouble) return goTo(reply, '/enrolments')
      return one(request, reply, { values, errors: done.trouble.errors }, done.trouble.status)
    },
  )
}
