import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
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
import { signingKeysPage } from './pages.ts'

const RotationForm = Type.Object(
  { current: Type.Optional(Type.String({ maxLength: 64 })), ...orderFormFields },
  { additionalProperties: false },
)

export function addSigningKeyPages(app: App, pages: ConsolePages): void {
  const { administration, requireActor } = pages

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    sent: { values?: OrderForm; errors?: Errors } = {},
    status = 200,
  ): Promise<FastifyReply> {
    const { signingKeys: keys } = await administration.listSigningKeys(actorOf(request), {})
    return reply.page(signingKeysPage(frameOf(request, reply, pages), { keys, ...sent }), { status })
  }

  app.get('/signing-keys', { preHandler: requireActor, schema: { hide: true } }, (request, reply) =>
    show(request, reply),
  )

  app.post(
    '/signing-keys',
    { preHandler: requireActor, schema: { hide: true, body: RotationForm } },
    async (request, reply) => {
      const { current, ...values } = request.body
      const errors = orderErrors(values)
      if (Object.keys(errors).length > 0) return show(request, reply, { values, errors }, 422)
      const body = { ...orderOf(values), ...(current ? { current } : {}) }
      const done = await attempt(() =>
        administration.rotateSigningKeys(actorOf(request), { body }, values.reference),
      )
      if (!done.trouble) return goTo(reply, '/signing-keys')
      return show(request, reply, { values, errors: done.trouble.errors }, done.trouble.status)
    },
  )
}
