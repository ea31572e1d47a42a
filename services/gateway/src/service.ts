import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '@gatehouse/http/refusal'
import { defineService } from '@gatehouse/http/service'
import { createTokenVerifier } from '@gatehouse/tokens/verifier'
import { Type } from 'typebox'
import { authenticate } from './authentication/authentication.ts'
import { addForwardedRoutes } from './forwarding/forwarded-routes.ts'
import { createForwarder } from './forwarding/forwarder.ts'
import { framingFault, targetFault } from './forwarding/request-line.ts'
import { answerUnreadableRequests } from './forwarding/unreadable-requests.ts'
import { guardedRoutes } from './routes.ts'

const milliseconds = (description: string, standard: number) =>
  Type.Integer({ minimum: 1, default: standard, description })

/** Sign-in issues for five minutes; a longer life than that is not ours, and revocation rules do not reach so far. */
const LONGEST_TOKEN_SECONDS = 300

export const service = defineService({
  name: 'gateway',
  summary: 'Checks access tokens and forwards to the services behind it',
  configuration: Type.Object({
    CBSV_INTERNAL_URL: Type.Optional(
      Type.String({ description: 'where CBSV is reached from here; default: CBSV_URL' }),
    ),
    UPSTREAM_CONNECT_MS: milliseconds('until a connection to the upstream stands', 1_000),
    UPSTREAM_HEADERS_MS: milliseconds('from the end of a request to the beginning of the answer', 15_000),
    UPSTREAM_BODY_MS: milliseconds('between two pieces of an answer', 30_000),
  }),
  refusals: {
    ambiguous_request: { status: 400, title: 'The request can be read in more than one way' },
    no_token: { status: 401, title: 'An access token is needed' },
    no_company: { status: 403, title: 'CBSV needs a sign-in with a BSO User ID and an EIN' },
    upstream_failed: { status: 502, title: 'The service behind the gateway failed' },
    upstream_timeout: { status: 504, title: 'The service behind the gateway did not answer in time' },
  },
  async build(app, { configuration, urls, signInKeys, serviceTokens, readiness, log }) {
    const answering = new WeakMap<Socket, ServerResponse>()
    answerUnreadableRequests(app.server, answering, log)

    app.decorateRequest('claims', null)
    app.addHook('onRequest', (request, reply, done) => {
      answering.set(request.raw.socket, reply.raw)
      const fault = targetFault(request.raw.url ?? '') ?? framingFault(request.raw)
      if (fault === undefined) return done()
      log.info({ reqId: request.id, reason: fault }, 'ambiguous request')
      done(new Refusal('ambiguous_request', undefined, {}, { connection: 'close' }))
    })

    const internalUrls: Partial<Record<string, string>> = { cbsv: configuration.CBSV_INTERNAL_URL }
    for (const route of guardedRoutes) {
      const verifier = createTokenVerifier({
        issuer: urls['sign-in'],
        keys: signInKeys,
        audience: route.audience,
        maximumLifetimeSeconds: LONGEST_TOKEN_SECONDS,
      })
      const forwarder = createForwarder({
        origin: new URL(internalUrls[route.upstream] ?? urls[route.upstream]).origin,
        largestBody: route.largestBody,
        timeouts: {
          connect: configuration.UPSTREAM_CONNECT_MS,
          headers: configuration.UPSTREAM_HEADERS_MS,
          body: configuration.UPSTREAM_BODY_MS,
        },
      })
      app.addHook('onClose', () => forwarder.close())
      await app.register(async (scope) =>
        addForwardedRoutes(scope, route, {
          authentication: authenticate(verifier, route, log),
          forwarder,
          serviceTokens,
          log,
        }),
      )
    }

    readiness.push({
      name: 'signing keys',
      async check() {
        if (!(await signInKeys.ready())) throw new Error('the keys of sign-in are not known')
      },
    })
  },
})
