import { SERVICE_NAMES, SERVICE_PORTS, type ServiceUrls, urlVariable } from '@gatehouse/contracts/services'
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What every service is configured by; names are those of the environment variables. */
export const CommonConfiguration = Type.Object({
  PROFILE: Type.Union([Type.Literal('test'), Type.Literal('live')], {
    default: 'live',
    description: '`test` loads the movable clock and allows the lab; `live` loads nothing of either',
  }),
  HOST: Type.String({ default: 'localhost', description: 'the address to listen on' }),
  PORT: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 65535, description: 'default: as in the table of services' }),
  ),
  DATA_DIR: Type.String({ default: 'var', description: 'where secrets and SQLite files are kept' }),
  DATABASE_URL: Type.Optional(
    Type.String({
      description: '`sqlite:<path>`, `sqlite::memory:` or `postgres://…`; default: a file under DATA_DIR',
    }),
  ),
  SERVICE_SECRET: Type.Optional(
    Type.String({
      minLength: 43,
      description: 'base64url of at least 32 bytes; default: made at first start under DATA_DIR',
    }),
  ),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(silent|fatal|error|warn|info|debug|trace)$' }),
  LOG_FILE: Type.Optional(Type.String({ description: 'where log lines go; default: standard output' })),
})

export type Configuration<Own extends TProperties> = Static<typeof CommonConfiguration> & Static<TObject<Own>>

/** A configuration that cannot be used. The message names each variable and its rule, never a value. */
export class ConfigurationError extends Error {}

/**
 * Reads a service's configuration.
 *
 * @param own the service's own variables
 * @throws ConfigurationError naming every variable that breaks its rule
 */
export function readConfiguration<Own extends TProperties>(
  own: TObject<Own>,
  environment: Record<string, string | undefined>,
): Configuration<Own> {
  const schema = Type.Object({ ...CommonConfiguration.properties, ...own.properties })
  const known = Object.keys(schema.properties)
  // An empty variable counts as absent, as compose files and shells like to pass them.
  const given = Object.fromEntries(
    known.filter((name) => environment[name]).map((name) => [name, environment[name]]),
  )
  const value = Value.Default(schema, Value.Convert(schema, given))
  if (!Value.Check(schema, value)) {
    const problems = Value.Errors(schema, value).map(({ instancePath, message, params }) => {
      const missing = (params as { requiredProperties?: string[] }).requiredProperties
      return `${missing?.join(', ') ?? instancePath.slice(1)} ${message}`
    })
    throw new ConfigurationError(`unusable configuration: ${problems.join('; ')}`)
  }
  return value as Configuration<Own>
}

/** Where the services are seen from outside: `<NAME>_URL`, or the default port on localhost. No trailing slash. */
export function serviceUrls(environment: Record<string, string | undefined>): ServiceUrls {
  return Object.fromEntries(
    SERVICE_NAMES.map((name) => [
      name,
      (environment[urlVariable(name)] || `http://localhost:${SERVICE_PORTS[name]}`).replace(/\/+$/, ''),
    ]),
  ) as ServiceUrls
}

/**
 * Where services reach each other when that differs from what a browser sees, as between containers: a map from public
 * origin to internal origin, from the variables `<NAME>_INTERNAL_URL`.
 */
export function internalOrigins(
  environment: Record<string, string | undefined>,
  urls: ServiceUrls,
): Map<string, string> {
  const origins = new Map<string, string>()
  for (const name of SERVICE_NAMES) {
    const internal = environment[urlVariable(name, 'INTERNAL_URL')]
    if (internal) origins.set(new URL(urls[name]).origin, new URL(internal).origin)
  }
  return origins
}
