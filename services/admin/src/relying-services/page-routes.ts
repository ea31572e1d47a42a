import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf, goTo } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { type Errors, orderErrors, orderOf } from '../console/order-fields.ts'
import { KEYS_RULE, KeysForm, keysFrom, RegistrationForm, readRegistration } from './forms.ts'
import {
  type Change,
  changePage,
  placeOf,
  registrationPage,
  relyingServicePage,
  relyingServicesPage,
  secretPage,
} from './pages.ts'

const OneClient = Type.Object({ clientId: Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' }) })
const OneChange = Type.Object({
  ...OneClient.properties,
  change: Type.Union([Type.Literal('secrets'), Type.Literal('keys'), Type.Literal('removals')]),
})
type OneClientRequest = FastifyRequest<{ Params: Static<typeof OneClient> }>

export function addRelyingServicePages(app: App, pages: ConsolePages): void {
  const { administration, requireActor } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }

  app.get(
    '/relying-services',
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
    async (request, reply) => {
      const { cursor } = request.query
      const query = cursor === undefined ? {} : { cursor }
      const { relyingServices, next } = await administration.listRelyingServices(actorOf(request), { query })
      const exports = exportLinks('listRelyingServices')
      const frame = frameOf(request, reply, pages)
      return reply.page(relyingServicesPage(frame, { relyingServices, next, cursor, exports }))
    },
  )

  app.get('/relying-services/new', page, async (request, reply) =>
    reply.page(registrationPage(frameOf(request, reply, pages))),
  )

  app.post(
    '/relying-services',
    { ...page, schema: { hide: true, body: RegistrationForm } },
    async (request, reply) => {
      const values = request.body
      const frame = frameOf(request, reply, pages)
      const again = (errors: Errors, status: number) =>
        reply.page(registrationPage(frame, { values, errors }), { status })
      const read = readRegistration(values)
      if ('errors' in read) return again(read.errors, 422)
      const body = { metadata: read.metadata, ...orderOf(values) }
      const done = await attempt(() =>
        administration.registerRelyingService(actorOf(request), { body }, values.reference),
      )
      if (done.trouble) return again(done.trouble.errors, done.trouble.status)
      const { relyingService, clientSecret } = done.answer
      const { clientId, metadata } = relyingService
      // No redirect: an address could not carry the secret, and kept for a second page it would be kept.
      return reply.page(secretPage(frame, { clientId, name: metadata.client_name ?? clientId, clientSecret }))
    },
  )

  const find = (request: OneClientRequest) =>
    administration.findRelyingService(actorOf(request), { params: request.params })

  app.get(
    '/relying-services/:clientId',
    { ...page, schema: { hide: true, params: OneClient } },
    async (request, reply) =>
      reply.page(relyingServicePage(frameOf(request, reply, pages), await find(request))),
  )

  app.get(
    '/relying-services/:clientId/:change',
    { ...page, schema: { hide: true, params: OneChange } },
    async (request, reply) => {
      const { clientId, change } = request.params
      const relyingService = await administration.findRelyingService(actorOf(request), {
        params: { clientId },
      })
      return reply.page(changePage(frameOf(request, reply, pages), { relyingService, change }))
    },
  )

  /** Does a change, or shows its form with what to fix. */
  async function tryChange<Answer>(
    request: FastifyRequest<{ Params: Static<typeof OneClient>; Body: Static<typeof KeysForm> }>,
    reply: FastifyReply,
    change: Change,
    {
      errors,
      perform,
      done,
    }: {
      errors: Errors
      perform: () => Promise<Answer>
      done: (answer: Answer) => FastifyReply
    },
  ): Promise<FastifyReply> {
    const again = async (told: Errors, status: number) => {
      const relyingService = await find(request)
      const given = { relyingService, change, values: request.body, errors: told }
      return reply.page(changePage(frameOf(request, reply, pages), given), { status })
    }
    if (Object.keys(errors).length > 0) return again(errors, 422)
    const tried = await attempt(perform)
    return tried.trouble ? again(tried.trouble.errors, tried.trouble.status) : done(tried.answer)
  }

  const withForm = { ...page, schema: { hide: true, params: OneClient, body: KeysForm } }

  app.post('/relying-services/:clientId/secrets', withForm, (request, reply) => {
    const { params, body: values } = request
    const { clientId } = params
    return tryChange(request, reply, 'secrets', {
      errors: orderErrors(values),
      perform: () =>
        administration.rotateSecret(actorOf(request), { params, body: orderOf(values) }, values.reference),
      done: ({ clientSecret }) =>
        reply.page(secretPage(frameOf(request, reply, pages), { clientId, name: clientId, clientSecret })),
    })
  })

  app.post('/relying-services/:clientId/keys', withForm, (request, reply) => {
    const { params, body: values } = request
    const keys = keysFrom(values.keys)
    return tryChange(request, reply, 'keys', {
      errors: { ...(keys ? {} : { keys: KEYS_RULE }), ...orderErrors(values) },
      perform: () => {
        const body = { ...keys, ...orderOf(values) }
        return administration.replaceKeys(actorOf(request), { params, body }, values.reference)
      },
      done: () => goTo(reply, placeOf(params.clientId)),
    })
  })

  app.post('/relying-services/:clientId/removals', withForm, (request, reply) => {
    const { params, body: values } = request
    return tryChange(request, reply, 'removals', {
      errors: orderErrors(values),
      perform: () =>
        administration.removeRelyingService(
          actorOf(request),
          { params, body: orderOf(values) },
          values.reference,
        ),
      done: () => goTo(reply, '/relying-services'),
    })
  })
}
