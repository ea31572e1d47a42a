import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit, submitOrder } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { orderErrors, orderOf } from '../console/order-fields.ts'
import { cursorOf, ListQuery, pageRoute } from '../console/page-route.ts'
import { KEYS_RULE, KeysForm, keysFrom, metadataOf, RegistrationForm, registrationErrors } from './forms.ts'
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
  const { administration } = pages

  app.get('/relying-services', pageRoute(pages, { querystring: ListQuery }), async (request, reply) => {
    const { cursor } = request.query
    const query = cursorOf({ cursor })
    const { relyingServices, next } = await administration.listRelyingServices(actorOf(request), { query })
    const exports = exportLinks('listRelyingServices')
    const frame = frameOf(request, reply, pages)
    return reply.page(relyingServicesPage(frame, { relyingServices, next, cursor, exports }))
  })

  app.get('/relying-services/new', pageRoute(pages), async (request, reply) =>
    reply.page(registrationPage(frameOf(request, reply, pages))),
  )

  app.post('/relying-services', pageRoute(pages, { body: RegistrationForm }), (request, reply) => {
    const values = request.body
    const frame = frameOf(request, reply, pages)
    const body = { metadata: metadataOf(values), ...orderOf(values) }
    return submit({
      values,
      errors: registrationErrors(values),
      perform: () => administration.registerRelyingService(actorOf(request), { body }, values.reference),
      again: ({ status, ...sent }) => reply.page(registrationPage(frame, sent), { status }),
      // No redirect: an address could not carry the secret, and kept for a second page it would be kept.
      done({ relyingService: { clientId, metadata }, clientSecret }) {
        const name = metadata.client_name ?? clientId
        return reply.page(secretPage(frame, { clientId, name, clientSecret }))
      },
    })
  })

  const find = (request: FastifyRequest, clientId: string) =>
    administration.findRelyingService(actorOf(request), { params: { clientId } })

  app.get('/relying-services/:clientId', pageRoute(pages, { params: OneClient }), async (request, reply) => {
    const relyingService = await find(request, request.params.clientId)
    return reply.page(relyingServicePage(frameOf(request, reply, pages), relyingService))
  })

  async function showChange(
    request: OneClientRequest,
    reply: FastifyReply,
    change: Change,
    { status = 200, ...sent }: Sent<Static<typeof KeysForm>> = {},
  ): Promise<FastifyReply> {
    const relyingService = await find(request, request.params.clientId)
    return reply.page(changePage(frameOf(request, reply, pages), { relyingService, change, ...sent }), {
      status,
    })
  }

  app.get('/relying-services/:clientId/:change', pageRoute(pages, { params: OneChange }), (request, reply) =>
    showChange(request, reply, request.params.change),
  )

  const withForm = pageRoute(pages, { params: OneClient, body: KeysForm })

  app.post('/relying-services/:clientId/secrets', withForm, (request, reply) =>
    submitOrder(request, {
      perform: administration.rotateSecret,
      again: (sent) => showChange(request, reply, 'secrets', sent),
      done({ clientSecret }) {
        const { clientId } = request.params
        const given = { clientId, name: clientId, clientSecret }
        return reply.page(secretPage(frameOf(request, reply, pages), given))
      },
    }),
  )

  app.post('/relying-services/:clientId/keys', withForm, (request, reply) => {
    const { params, body: values } = request
    const keys = keysFrom(values.keys)
    const input = { params, body: { ...keys, ...orderOf(values) } }
    return submit({
      values,
      errors: { ...(keys ? {} : { keys: KEYS_RULE }), ...orderErrors(values) },
      perform: () => administration.replaceKeys(actorOf(request), input, values.reference),
      again: (sent) => showChange(request, reply, 'keys', sent),
      done: () => goTo(reply, placeOf(params.clientId)),
    })
  })

  app.post('/relying-services/:clientId/removals', withForm, (request, reply) =>
    submitOrder(request, {
      perform: administration.removeRelyingService,
      again: (sent) => showChange(request, reply, 'removals', sent),
      done: () => goTo(reply, '/relying-services'),
    }),
  )
}
