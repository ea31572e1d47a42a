import { randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { auditKey } from '@gatehouse/audit/chain'
import { sqlAuditTrail } from '@gatehouse/audit/trail'
import { serviceAccess } from '@gatehouse/contracts/access'
import { REQUEST_ID_HEADER } from '@gatehouse/contracts/calls'
import { serviceAudience } from '@gatehouse/tokens/access-token'
import { createTokenVerifier } from '@gatehouse/tokens/verifier'
import Fastify, { LogController } from 'fastify'
import type { JWK } from 'jose'
import type { TProperties } from 'typebox'
import { addAuditTrail } from './audit-routes.ts'
import { acceptCallers } from './callers.ts'
import { addHealth } from './health.ts'
import { lazySchemas } from './lazy-schemas.ts'
import { answerProblems, problemAnswer, validationFailure } from './problem-answers.ts'
import { requestContext } from './request-context.ts'
import type { App, Ground, ServiceDefinition } from './service.ts'

const CLOSING_MILLISECONDS = 1_000

/** Composes the service on `ground`; does not listen. `serviceKey` is the public half of the key it signs with. */
export async function buildApp<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
  ground: Ground<Own>,
  serviceKey: JWK,
): Promise<App> {
  const answer = problemAnswer(definition.refusals ?? {}, definition.errorPage)
  const app = Fastify({
    loggerInstance: ground.log,
    // One line a request, written when it is answered.
    logController: new LogController({ disableRequestLogging: true }),
    // The id comes from the calling service, or is new; anything else a client sends is not taken over.
    genReqId: (request) => {
      const given = request.headers[REQUEST_ID_HEADER]
      return typeof given === 'string' && /^[\w-]{16,64}$/.test(given) ? given : randomUUID()
    },
    bodyLimit: definition.bodyLimit ?? 65_536,
    requestTimeout: 60_000,
    http: { headersTimeout: 15_000 },
    routerOptions: { maxParamLength: 256 },
    // What cannot even be routed is answered like everything else, and what it held is not repeated.
    frameworkErrors: (error, request, reply) => answer(request, reply.header('connection', 'close'), error),
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: lazySchemas },
    schemaErrorFormatter: validationFailure,
    // Nothing is coerced and no stray field is dropped in silence: what a schema does not name is refused.
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        allErrors: true,
        useDefaults: true,
        // TypeBox makes no schema that breaks the meta-schema, and compiling that takes 20 ms in each service.
        validateSchema: false,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.addHook('onRequest', (request, _reply, done) => requestContext.run({ requestId: request.id }, done))
  // Requests get a moment to end; then even connections go that were opened and never used, for whose first request
  // Node would otherwise wait a minute.
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), CLOSING_MILLISECONDS).unref()
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: ground.publicUrl.startsWith('https:') ? undefined : false,
    crossOriginResourcePolicy: { policy: 'same-site' },
  })
  await app.register(swagger, {
    openapi: {
      info: { title: definition.name, description: definition.summary, version: '0.1.0' },
      ...(definition.securitySchemes ? { components: { securitySchemes: definition.securitySchemes } } : {}),
    },
  })
  answerProblems(app, answer)
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({ req: request, res: reply, milliseconds: Math.round(reply.elapsedTime) }, 'answered')
  })
  acceptCallers(
    app,
    createTokenVerifier({
      issuer: ground.urls['sign-in'],
      keys: ground.signInKeys,
      audience: serviceAudience(definition.name),
    }),
    serviceAccess[definition.name] ?? {},
  )
  addHealth(app, ground.database, ground.readiness)
  addAuditTrail(app, sqlAuditTrail(ground.database, auditKey(ground.secrets, definition.name)))
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/.well-known/jwks.json', { schema: { hide: true } }, async () => ({ keys: [serviceKey] }))
  if (ground.configuration.PROFILE === 'test') {
    const { addClock } = await import('./movable-clock.ts')
    addClock(app)
  }
  await definition.build(app, ground)
  return app
}
