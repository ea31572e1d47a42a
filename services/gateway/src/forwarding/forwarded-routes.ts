import type { IncomingMessage } from 'node:http'
import { Refusal } from '@gatehouse/http/refusal'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { ServiceTokens } from '@gatehouse/tokens/service-tokens'
import type { FastifyBaseLogger, FastifyInstance, onRequestHookHandler } from 'fastify'
import type { RevocationCheck } from '../authentication/revocation-check.ts'
import type { GuardedRoute } from '../routes.ts'
import type { ExchangesUnderWay } from './exchanges-under-way.ts'
import type { Forwarder } from './forwarder.ts'
import { upstreamHeaders } from './headers.ts'

/** How long a client that was answered early may go on sending. */
const LINGER_MS = 2_000

/**
 * Node reads and drops the rest of a body whose request was answered early, so that the client gets to read the answer and the
 * connection can serve on (RFC 9112 §9.3, §9.6). Here that ends: a body that goes on for long is cut off with its connection.
 */
function endAfterEarlyAnswer(request: IncomingMessage): void {
  const { socket } = request
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  request.once('end', () => clearTimeout(timer))
}

interface Dependencies {
  authentication: onRequestHookHandler
  revocations: RevocationCheck
  underWay: ExchangesUnderWay
  forwarder: Forwarder
  serviceTokens: ServiceTokens
  log: FastifyBaseLogger
}

/** Adds the paths under `route.prefix` to `app`, which must be a context of their own: bodies are not parsed in it. */
export function addForwardedRoutes(
  app: FastifyInstance,
  route: GuardedRoute,
  { authentication, revocations, underWay, forwarder, serviceTokens, log }: Dependencies,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  app.addHook('onResponse', (request, reply, done) => {
    const { raw } = request
    if (!raw.complete) endAfterEarlyAnswer(raw)
    // In place of Fastify's two lines: who asked for what, never with what.
    log.info(
      {
        reqId: request.id,
        method: raw.method,
        path: raw.url?.split('?', 1)[0],
        status: reply.raw.statusCode,
        clientId: request.claims?.client_id,
        milliseconds: Math.round(reply.elapsedTime),
      },
      'answered',
    )
    done()
  })

  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${route.prefix}/*`,
    logLevel: 'warn',
    schema: { hide: true },
    onRequest: authentication,
    handler(request, reply) {
      // Routing reads escapes, the upstream gets the path as it was sent: both must begin alike.
      if (!request.raw.url?.startsWith(`${route.prefix}/`))
        throw new Refusal('ambiguous_request', undefined, {}, { connection: 'close' })
      const claims = request.claims as AccessTokenClaims
      const forward = (serviceToken: string) => {
        const headers = upstreamHeaders(request.raw.rawHeaders, {
          claims,
          requestId: request.id,
          serviceToken,
        })
        const exchange = forwarder.forward(request, reply, headers, () =>
          serviceTokens.refused(route.upstream, route.upstreamScope, serviceToken),
        )
        if (!exchange) return
        underWay.add(exchange, claims)
        reply.raw.once('close', () => underWay.remove(exchange))
      }
      serviceTokens
        .token(route.upstream, route.upstreamScope)
        .catch((cause) => {
          const refusal = new Refusal('service_unavailable', undefined, {}, { 'retry-after': '5' })
          refusal.cause = cause
          throw refusal
        })
        .then((serviceToken) => {
          // Whoever waited for a token of ours may have been revoked meanwhile.
          const waiting = revocations.admit(claims, request.id)
          return waiting ? waiting.then(() => forward(serviceToken)) : forward(serviceToken)
        })
        .catch((error) => reply.send(error))
    },
  })
}
