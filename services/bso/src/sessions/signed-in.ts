import type { OpaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import { signInPath } from '../places.ts'
import type { LiveSession, Sessions } from './sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that only a signed-in person may see; read it with `sessionOf`. */
    session: LiveSession | undefined
  }
}

/** A `preHandler` for the pages of a signed-in person. Who never had a session is sent to sign in, and back. */
export function signedInOnly(
  app: FastifyInstance,
  sessions: Sessions,
  cookie: OpaqueCookie,
): preHandlerAsyncHookHandler {
  app.decorateRequest('session', undefined)
  return async (request, reply) => {
    const id = cookie.read(request)
    if (!id && request.method === 'GET') {
      reply.header('cache-control', 'no-store')
      return reply.redirect(signInPath(request.routeOptions.url), 303)
    }
    request.session = await sessions.live(id)
  }
}

/** The session of a request that `signedInOnly` let pass. */
export function sessionOf(request: FastifyRequest): LiveSession {
  if (!request.session) throw new Error('this route lacks the signedInOnly hook')
  return request.session
}
