import type { App } from '@gatehouse/http/service'
import type { FastifyError, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Outbox } from './outbox.ts'
import type { createReceipt } from './receipt.ts'

export const SECURITY_EVENTS = '/api/risc/security_events'
const PUSH = 'https://schemas.openid.net/secevent/risc/delivery-method/push'
const MOST_REPORTED = 200

const Report = Type.Object({
  jti: Type.String(),
  client_id: Type.String(),
  url: Type.String(),
  event_type: Type.String(),
  state: Type.String({ description: 'waiting, accepted, refused (by its status) or unreachable' }),
  status: Type.Union([Type.Integer(), Type.Null()]),
  failures: Type.Integer({ description: 'attempts that got no answer' }),
  made_at: Type.Integer({ description: 'milliseconds' }),
  attempted_at: Type.Union([Type.Integer(), Type.Null()]),
})

export interface RiscRouteParts {
  publicUrl: string
  receive: ReturnType<typeof createReceipt>
  outbox: Outbox
  requireOperator: onRequestAsyncHookHandler
}

export function addRiscRoutes(
  app: App,
  { publicUrl, receive, outbox, requireOperator }: RiscRouteParts,
): void {
  // Fact sheet 7.2: these fields and no others.
  const discovery = {
    issuer: `${publicUrl}/`,
    jwks_uri: `${publicUrl}/api/openid_connect/certs`,
    delivery_methods_supported: [PUSH],
    delivery: [{ delivery_method: PUSH, url: publicUrl + SECURITY_EVENTS }],
  }
  app.get('/.well-known/risc-configuration', async () => discovery)

  app.register(async (scope) => {
    // Whatever the body calls itself, it is a token or it is none.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
      const status = error.statusCode ?? 500
      if (status >= 500 || status === 413) throw error
      request.log.info({ reason: error.code }, 'security event that cannot be read')
      return reply.code(400).send({ err: 'jwtParse', description: 'Jwt cannot be parsed' })
    })
    scope.post(SECURITY_EVENTS, { config: { csrf: false } }, async (request, reply) => {
      const token = typeof request.body === 'string' ? request.body.trim() : ''
      const answer = await receive(token, request.id)
      if (answer.isValid) return reply.code(202).send()
      const { err, description } = answer
      request.log.info({ reason: err }, 'security event refused')
      return reply.code(400).send({ err, description })
    })
  })

  app.get(
    '/api/risc/deliveries',
    {
      onRequest: requireOperator,
      schema: {
        summary: `The latest ${MOST_REPORTED} security events that were pushed or are going to be, newest first`,
        response: { 200: Type.Object({ deliveries: Type.Array(Report) }) },
      },
    },
    async () => {
      const latest = await outbox.latest(MOST_REPORTED)
      return {
        deliveries: latest.map((one) => ({
          jti: one.jti,
          client_id: one.clientId,
          url: one.url,
          event_type: one.eventType,
          state: one.state,
          status: one.status ?? null,
          failures: one.failures,
          made_at: one.madeAt,
          attempted_at: one.attemptedAt ?? null,
        })),
      }
    },
  )
}
