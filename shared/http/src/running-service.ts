import { randomBytes, randomUUID } from 'node:crypto'
import { sqlAudit } from '@gatehouse/audit/audit'
import { auditKey } from '@gatehouse/audit/chain'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { createServiceCalls } from '@gatehouse/contracts/calls'
import { SERVICE_PORTS, type ServiceName } from '@gatehouse/contracts/services'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { deriveSecrets, secretFile } from '@gatehouse/storage/secrets'
import { createKeySource } from '@gatehouse/tokens/key-source'
import { createServiceTokens } from '@gatehouse/tokens/service-tokens'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { TProperties } from 'typebox'
import { buildApp } from './composition.ts'
import { internalOrigins, readConfiguration, serviceUrls } from './configuration.ts'
import { listenOnEveryAddress } from './listening.ts'
import { createLogger } from './logging.ts'
import { createReach } from './reach.ts'
import { requestContext } from './request-context.ts'
import type { App, ServiceDefinition } from './service.ts'

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
    const chainKey = auditKey(secrets, name)
    await migrate(database, {
      ...keyValueMigrations,
      ...auditMigrations(chainKey),
      ...definition.migrations,
    })
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
        audit: sqlAudit(database, chainKey),
        readiness: [],
        log,
      },
      publicKey,
    )
    app.addHook('onClose', () => database.destroy())
    await listenOnEveryAddress(app, configuration.HOST, configuration.PORT ?? SERVICE_PORTS[name])
    return { name, url: urls[name], app, close: () => app.close() }
  } catch (error) {
    await database.destroy().catch(() => {})
    throw error
  }
}
