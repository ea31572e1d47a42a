import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'

// Whatever name a secret goes by in our own objects, it never reaches a log line. A walk of our own, because the wildcard
// paths of pino's redaction cost every line of every request; it leaves alone what has a serializer.
const SECRET_NAMES = new Set([
  'authorization',
  'cookie',
  'password',
  'codeVerifier',
  'code_verifier',
  'ssn',
  'phoneNumber',
  'phone',
  'token',
  'accessToken',
  'access_token',
  'refresh_token',
  'id_token',
  'client_assertion',
  'client_secret',
  'clientSecret',
  'secret',
])
const SERIALIZED = new Set(['req', 'res', 'err'])
const DEEPEST = 4

/** Problem codes are logged as `code` at the top level; a one-time code only ever stands deeper. */
function isSecret(name: string, depth: number): boolean {
  return SECRET_NAMES.has(name) || (name === 'code' && depth > 0)
}

function withoutSecrets(record: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record)) {
    if (isSecret(name, depth)) kept[name] = '[redacted]'
    else if (typeof value !== 'object' || value === null || (depth === 0 && SERIALIZED.has(name)))
      kept[name] = value
    else if (depth === DEEPEST) kept[name] = '[too deep]'
    else if (Array.isArray(value)) kept[name] = value.map((item) => withoutSecrets({ item }, depth + 1).item)
    else kept[name] = withoutSecrets(value as Record<string, unknown>, depth + 1)
  }
  return kept
}

/**
 * JSON lines with the service's name. Requests are logged by method and path: a query may hold a state or a code.
 *
 * @param destination where lines go instead of `LOG_FILE` or standard output
 */
export function createLogger(
  service: string,
  configuration: { LOG_LEVEL: string; LOG_FILE?: string | undefined },
  destination?: pino.DestinationStream,
) {
  const options: pino.LoggerOptions = {
    name: service,
    level: configuration.LOG_LEVEL,
    formatters: { log: (record) => withoutSecrets(record) },
    serializers: {
      req: (request: { method: string; url: string }) => ({
        method: request.method,
        path: request.url.split('?', 1)[0],
      }),
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
      err: pino.stdSerializers.err,
    },
  }
  const file = configuration.LOG_FILE
    ? pino.destination({ dest: configuration.LOG_FILE, mkdir: true, sync: false })
    : undefined
  const target = destination ?? file
  const logger = target ? pino(options, target) : pino(options)
  return logger as FastifyBaseLogger
}
