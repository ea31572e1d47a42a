import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit } from '../console/desk.ts'
import { orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { pageRoute } from '../console/page-route.ts'
import { signingKeysPage } from './pages.ts'

const RotationForm = Type.Object(
  { current: Type.Optional(Type.String({ maxLength: 64 })), ...orderFormFields },
  { additionalProperties: false },
)

export function addSigningKeyPages(app: App, pages: ConsolePages): void {
  const { administration } = pages

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { status = 200, ...sent }: Sent = {},
  ): Promise<FastifyReply> {
    const { signingKeys: keys } = await administration.listSigningKeys(actorOf(request), {})
    return reply.page(signingKeysPage(frameOf(request, reply, pages), { keys, ...sent }), { status })
  }

  app.get('/signing-keys', pageRoute(pages), (request, reply) => show(request, reply))

  app.post('/signing-keys', pageRoute(pages, { body: RotationForm }), (request, reply) => {
    const { current, ...values } = request.body
    const body = { ...orderOf(values), ...(current ? { current } : {}) }
    return submit({
      values,
      errors: orderErrors(values),
      perform: () => administration.rotateSigningKeys(actorOf(request), { body }, values.reference),
      again: (sent) => show(request, reply, sent),
      done: () => goTo(reply, '/signing-keys'),
    })
  })
}
