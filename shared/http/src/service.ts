// What a service is: one definition (`src/service.ts` of each) that adds its routes to the app it is given, and the ground
// it stands on. `composition.ts` builds the app, `running-service.ts` starts it from its environment.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Audit } from '@gatehouse/audit/audit'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName, ServiceUrls } from '@gatehouse/contracts/services'
import type { Migrations } from '@gatehouse/storage/database'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { KeySource } from '@gatehouse/tokens/key-source'
import type { ServiceTokens } from '@gatehouse/tokens/service-tokens'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { JWK } from 'jose'
import type { Kysely } from 'kysely'
import type { TObject, TProperties } from 'typebox'
import type { Configuration } from './configuration.ts'
import type { ErrorPage } from './problem-answers.ts'
import type { Refusals } from './refusal.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Named checks, each throwing while the service cannot do its work. */
export type Readiness = { name: string; check: () => Promise<void> | void }[]

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
  /** How callers authenticate, for the OpenAPI document (`components.securitySchemes`). */
  securitySchemes?: Record<string, { type: 'http'; scheme: 'bearer'; description: string }>
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
