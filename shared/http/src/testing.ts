import { randomBytes } from 'node:crypto'
import { sqlAudit } from '@gatehouse/audit/audit'
import { auditKey } from '@gatehouse/audit/chain'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { deriveSecrets, type Secrets } from '@gatehouse/storage/secrets'
import { serviceAudience } from '@gatehouse/tokens/access-token'
import { localKeySource } from '@gatehouse/tokens/key-source'
import { createServiceTokens } from '@gatehouse/tokens/service-tokens'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { TProperties } from 'typebox'
import { buildApp } from './composition.ts'
import { readConfiguration, serviceUrls } from './configuration.ts'
import { createLogger } from './logging.ts'
import type { App, Ground, ServiceDefinition } from './service.ts'

/** A service built for a test: in memory, with a signing key of the test's own, reached through `app.inject`. */
export interface ServiceUnderTest<Own extends TProperties> {
  app: App
  ground: Ground<Own>
  /** Every log line so far, to see that nothing leaks. */
  logLines: string[]
  /** The `authorization` header of a service that calls with `scope`. Claims may be overridden. */
  as(caller: ServiceName, scope: string, claims?: JWTPayload): Promise<{ authorization: string }>
  /** Signs any claims with the key that the service trusts, `typ: at+jwt`. */
  sign(claims: JWTPayload): Promise<string>
}

interface Options {
  environment?: Record<string, string>
  /** Answers for the services that this one calls. Unless given, every call fails. */
  calls?: ServiceCalls
  fetch?: typeof fetch
  /** A database other than SQLite in memory. */
  databaseUrl?: string
  /** Those of another build, for a restart over the same database. */
  secrets?: Secrets
}

/** Builds `definition` for a test; `app.close()` when done. */
export async function buildForTest<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
  options: Options = {},
): Promise<ServiceUnderTest<Own>> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }
  const urls = serviceUrls(options.environment ?? {})
  const database = await openDatabase<unknown>(
    options.databaseUrl ?? 'sqlite::memory:',
    definition.name.replaceAll('-', '_'),
  )
  const secrets = options.secrets ?? deriveSecrets(randomBytes(32))
  const chainKey = auditKey(secrets, definition.name)
  await migrate(database, {
    ...keyValueMigrations,
    ...auditMigrations(chainKey),
    ...definition.migrations,
  })
  const logLines: string[] = []
  const unreachable: typeof fetch = async () => {
    throw new Error('this test reaches no network')
  }
  const serviceKey: JWK = { ...(await exportJWK(privateKey)), kid: 'test', alg: 'ES256', use: 'sig' }
  const reach = options.fetch ?? unreachable
  const ground: Ground<Own> = {
    configuration: readConfiguration(definition.configuration, { PROFILE: 'test', ...options.environment }),
    publicUrl: urls[definition.name],
    urls,
    database,
    keyValue: sqlKeyValue(database),
    secrets,
    calls: options.calls ?? {
      call: async (service) => {
        throw new Error(`this test gave no answer for ${service}`)
      },
    },
    serviceTokens: createServiceTokens({
      clientId: definition.name,
      privateKey: serviceKey,
      tokenEndpoint: `${urls['sign-in']}/token`,
      fetch: reach,
    }),
    fetch: reach,
    signInKeys: localKeySource({ keys: [jwk] }),
    serviceKey,
    audit: sqlAudit(database, chainKey),
    readiness: [],
    log: createLogger(definition.name, { LOG_LEVEL: 'debug' }, { write: (line) => void logLines.push(line) }),
  }
  const app = await buildApp(definition, ground, jwk)
  app.addHook('onClose', () => database.destroy())
  await app.ready()

  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' }).sign(privateKey)
  return {
    app,
    ground,
    logLines,
    sign,
    async as(caller, scope, claims = {}) {
      const token = await sign({
        iss: urls['sign-in'],
        sub: caller,
        client_id: caller,
        aud: serviceAudience(definition.name),
        iat: epochSeconds(),
        exp: epochSeconds() + 300,
        jti: randomBytes(12).toString('base64url'),
        scope,
        ...claims,
      })
      return { authorization: `Bearer ${token}` }
    },
  }
}
