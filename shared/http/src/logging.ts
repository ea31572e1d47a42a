import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'

// Whatever name a secret goes by in our own objects, it never reaches a log line.
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'code',
  'codeVerifier',
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
] as const

/** Problem codes are logged as `code` at the top level; a one-time code is only ever nested in a body. */
const REDACTED = SECRET_FIELDS.flatMap((name) =>
  name === 'code' ? ['body.code', '*.body.code'] : [name, `*.${name}`, `*.*.${name}`],
)

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
    redact: REDACTED,
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
