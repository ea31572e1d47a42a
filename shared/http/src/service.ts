// How a service is put together: configuration, adapters, the app with what all services share, listen. A service
// itself is one definition (`src/service.ts` of each) that adds its routes to the app it is given.

import { randomBytes, randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type Audit, auditMigrations, sqlAudit } from '@gatehouse/audit/audit'
import { serviceAccess } from '@gatehouse/contracts/access'
import { createServiceCalls, REQUEST_ID_HEADER, type ServiceCalls } from '@gatehouse/contracts/calls'
import { SERVICE_PORTS, type ServiceName, type ServiceUrls } from '@gatehouse/contracts/services'
import { type Migrations, migrate, openDatabase } from '@gatehouse/storage/database'
import { type KeyValue, keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { deriveSecrets, type Secrets, secretFile } from '@gatehouse/storage/secrets'
import { serviceAudience } from '@gatehouse/tokens/access-token'
import { createKeySource, type KeySource } from '@gatehouse/tokens/key-source'
import { createServiceTokens, type ServiceTokens } from '@gatehouse/tokens/service-tokens'
import { createTokenVerifier } from '@gatehouse/tokens/verifier'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Kysely } from 'kysely'
import type { TObject, TProperties } from 'typebox'
import { acceptCallers } from './callers.ts'
import { type Configuration, internalOrigins, readConfiguration, serviceUrls } from './configuration.ts'
import { addHealth, type Readiness } from './health.ts'
import { createLogger } from './logging.ts'
import { answerProblems, type ErrorPage, problemAnswer } from './problem-answers.ts'
import { createReach } from './reach.ts'
import type { Refusals } from './refusal.ts'
import { requestContext } from './request-context.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What a service is built on. */
export interface Ground<Own extends TProperties = TProperties> {
  configuration: Configuration<Own>
  /** This service's address as a browser sees it, and as its issuer identifier where it has one. */
  publicUrl: string
  /** The addresses of all services as a browser sees them. */
  urls: ServiceUrls
  /** The service's own tables. Stores narrow it to theirs. */
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  database: Kysely<any>
  keyValue: KeyValue
  secrets: Secrets
  /** Tokens with which this service calls others; `calls` uses them by itself. */
  serviceTokens: ServiceTokens
  /** Calls to other services, with this service's token. */
  calls: ServiceCalls
  /** Use this instead of the global `fetch`: it finds services from inside a container network too. */
  fetch: typeof fetch
  /** The keys with which sign-in signs. */
  signInKeys: KeySource
  /** The private key with which this service shows sign-in who it is. It never leaves the process. */
  serviceKey: JWK
  audit: Audit
  /** Add checks that must pass before the service calls itself ready. */
  readiness: Readiness
  log: FastifyBaseLogger
}

export interface ServiceDefinition<Own extends TProperties> {
  name: ServiceName
  /** One sentence, for the OpenAPI document. */
  summary: string
  /** The service's own environment variables. */
  configuration: TObject<Own>
  /** Names sort after those of the ground (`0000_…`). */
  migrations?: Migrations
  refusals?: Refusals
  /** Where a browser asks and something fails. Without it all errors are problem documents. */
  errorPage?: ErrorPage
  /** Bytes; 64 KiB unless given. */
  bodyLimit?: number
  /** Adds the routes. */
  build(app: App, ground: Ground<Own>): Promise<void> | void
}

/** Gives a definition its types. */
export function defineService<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
): ServiceDefinition<Own> {
  return definition
}

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
    // Nothing is coerced and no stray field is dropped in silence: what a schema does not name is refused.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true, useDefaults: true },
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
    openapi: { info: { title: definition.name, description: definition.summary, version: '0.1.0' } },
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
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.get('/.well-known/jwks.json', { schema: { hide: true } }, async () => ({ keys: [serviceKey] }))
  if (ground.configuration.PROFILE === 'test') {
    const { addClock } = await import('./movable-clock.ts')
    addClock(app)
  }
  await definition.build(app, ground)
  return app
}

export interface RunningService {
  name: ServiceName
  url: string
  app: App
  close(): Promise<void>
}

async function createServiceKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' })
}

/**
 * Starts a service: reads its configuration, opens and migrates its database, builds it and listens.
 *
 * @throws ConfigurationError; the error of the database; EADDRINUSE with the port
 */
export async function startService<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
  environment: Record<string, string | undefined>,
): Promise<RunningService> {
  const { name } = definition
  const configuration = readConfiguration(definition.configuration, environment)
  const urls = serviceUrls(environment)
  const log = createLogger(name, configuration)
  const directory = `${configuration.DATA_DIR}/${name}`
  const secrets = deriveSecrets(
    Buffer.from(
      configuration.SERVICE_SECRET ??
        secretFile(`${directory}/secret`, () => randomBytes(32).toString('base64url')),
      'base64url',
    ),
  )
  const newKey = await createServiceKey()
  const privateKey: JWK = JSON.parse(secretFile(`${directory}/service-key.json`, () => newKey))
  const { d: _private, ...publicKey } = privateKey

  const database = await openDatabase<unknown>(
    configuration.DATABASE_URL ?? `sqlite:${directory}/${name}.sqlite`,
    name.replaceAll('-', '_'),
  )
  try {
    await migrate(database, { ...keyValueMigrations, ...auditMigrations, ...definition.migrations })
    const reach = createReach(internalOrigins(environment, urls))
    const tokens = createServiceTokens({
      clientId: name,
      privateKey,
      tokenEndpoint: `${urls['sign-in']}/token`,
      fetch: reach,
    })
    const app = await buildApp(
      definition,
      {
        configuration,
        publicUrl: urls[name],
        urls,
        database,
        keyValue: sqlKeyValue(database),
        secrets,
        serviceTokens: tokens,
        calls: createServiceCalls({
          urls,
          tokens,
          fetch: reach,
          requestId: () => requestContext.getStore()?.requestId,
        }),
        fetch: reach,
        signInKeys: createKeySource({ jwksUri: `${urls['sign-in']}/jwks`, fetch: reach }),
        serviceKey: privateKey,
        audit: sqlAudit(database),
        readiness: [],
        log,
      },
      publicKey,
    )
    app.addHook('onClose', () => database.destroy())
    await app.listen({ host: configuration.HOST, port: configuration.PORT ?? SERVICE_PORTS[name] })
    return { name, url: urls[name], app, close: () => app.close() }
  } catch (error) {
    await database.destroy().catch(() => {})
    throw error
  }
}
