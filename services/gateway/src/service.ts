import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { LONGEST_TOKEN_SECONDS } from '@gatehouse/contracts/revocations'
import { SERVICE_PORTS } from '@gatehouse/contracts/services'
import { Refusal } from '@gatehouse/http/refusal'
import { defineService } from '@gatehouse/http/service'
import { createRevocationFeed } from '@gatehouse/revocations/feed'
import { createTokenVerifier } from '@gatehouse/tokens/verifier'
import { Type } from 'typebox'
import { authenticate } from './authentication/authentication.ts'
import { createRevocationCheck } from './authentication/revocation-check.ts'
import { createExchangesUnderWay } from './forwarding/exchanges-under-way.ts'
import { addForwardedRoutes } from './forwarding/forwarded-routes.ts'
import { createForwarder } from './forwarding/forwarder.ts'
import { framingFault, targetFault } from './forwarding/request-line.ts'
import { answerUnreadableRequests } from './forwarding/unreadable-requests.ts'
import { guardedRoutes } from './routes.ts'

const milliseconds = (description: string, standard: number) =>
  Type.Integer({ minimum: 1, default: standard, description })

export const service = defineService({
  name: 'gateway',
  summary: 'Checks access tokens and forwards to the services behind it',
  configuration: Type.Object({
    GATEWAY_NAME: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'what administrators call this gateway; default: host name and port',
      }),
    ),
    CBSV_INTERNAL_URL: Type.Optional(
      Type.String({ description: 'where CBSV is reached from here; default: CBSV_URL' }),
    ),
    UPSTREAM_CONNECT_MS: milliseconds('until a connection to the upstream stands', 1_000),
    UPSTREAM_HEADERS_MS: milliseconds('from the end of a request to the beginning of the answer', 15_000),
    UPSTREAM_BODY_MS: milliseconds('between two pieces of an answer', 30_000),
  }),
  refusals: {
    revocations_unknown: {
      status: 503,
      title: 'Nobody is let in while it is not known whose access was revoked',
    },
    ambiguous_request: { status: 400, title: 'The request can be read in more than one way' },
    no_token: { status: 401, title: 'An access token is needed' },
    no_company: { status: 403, title: 'CBSV needs a sign-in with a BSO User ID and an EIN' },
    upstream_failed: { status: 502, title: 'The service behind the gateway failed' },
    upstream_timeout: { status: 504, title: 'The service behind the gateway did not answer in time' },
  },
  async build(app, { configuration, urls, signInKeys, serviceTokens, fetch, readiness, log }) {
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

    const feed = createRevocationFeed({
      signInUrl: urls['sign-in'],
      fetch,
      token: () => serviceTokens.token('sign-in', 'revocations.read'),
      onTokenRefused: (token) => serviceTokens.refused('sign-in', 'revocations.read', token),
      name:
        configuration.GATEWAY_NAME ??
        `${hostname()}:${configuration.PORT ?? SERVICE_PORTS.gateway}`.slice(-200),
      log,
    })
    const revocations = createRevocationCheck(feed, log)
    const underWay = createExchangesUnderWay(feed, log)
    app.addHook('onClose', () => feed.close())

    const internalUrls: Partial<Record<string, string>> = { cbsv: configuration.CBSV_INTERNAL_URL }
    for (const route of guardedRoutes) {
      const verifier = createTokenVerifier({
        issuer: urls['sign-in'],
        keys: signInKeys,
        audience: route.audience,
        // A longer life is not sign-in's, and revocations do not reach so far.
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
          authentication: authenticate(verifier, revocations, route, log),
          revocations,
          underWay,
          forwarder,
          serviceTokens,
          log,
        }),
      )
    }

    readiness.push(
      {
        name: 'signing keys',
        async check() {
          if (!(await signInKeys.ready())) throw new Error('the keys of sign-in are not known')
        },
      },
      {
        name: 'revocations',
        check() {
          const reason = feed.blindness()
          if (reason !== undefined) throw new Error(`revocations are not known: ${reason}`)
        },
      },
    )
  },
})
