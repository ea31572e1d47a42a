import { includesScope } from '@gatehouse/tokens/access-token'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import { TokenRefusal, type TokenVerifier } from '@gatehouse/tokens/verifier'
import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Refusal } from './refusal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The service whose token this request carries; set on routes that ask for a caller. */
    caller: string | undefined
  }
  interface FastifyInstance {
    /**
     * An `onRequest` hook for one route: lets a call pass only with a service token for this service, with `scope`,
     * from a client that the table of access allows.
     */
    requireCaller(scope: string): onRequestAsyncHookHandler
  }
}

function bearer(request: FastifyRequest): string {
  const match = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')
  if (!match?.[1])
    throw new Refusal('invalid_token', undefined, {}, { 'www-authenticate': 'Bearer realm="gatehouse"' })
  return match[1]
}

/** Decorates `app` with `requireCaller`. Scopes that the table does not know let nobody in. */
export function acceptCallers(
  app: FastifyInstance,
  verifier: TokenVerifier,
  allowed: Record<string, readonly string[]>,
) {
  app.decorateRequest('caller', undefined)
  app.decorate(
    'requireCaller',
    (scope: string): onRequestAsyncHookHandler =>
      async (request) => {
        const token = bearer(request)
        const claims = await verifier.verify(token).catch((error: unknown) => {
          // What cannot be judged is not let in, and not called invalid either.
          if (error instanceof KeysUnavailable) {
            throw new Refusal('service_unavailable', undefined, {}, { 'retry-after': '1' })
          }
          if (!(error instanceof TokenRefusal)) throw error
          request.log.info({ reason: error.reason }, 'service token refused')
          throw new Refusal(
            'invalid_token',
            undefined,
            {},
            { 'www-authenticate': 'Bearer realm="gatehouse", error="invalid_token"' },
          )
        })
        // A service's own token has the client as its subject (RFC 9068 §2.2); a person's never passes here.
        const isService = claims.sub === claims.client_id
        if (!isService || !includesScope(claims, scope) || !allowed[scope]?.includes(claims.client_id)) {
          throw new Refusal(
            'insufficient_scope',
            undefined,
            {},
            { 'www-authenticate': `Bearer realm="gatehouse", error="insufficient_scope", scope="${scope}"` },
          )
        }
        request.caller = claims.client_id
      },
  )
}
