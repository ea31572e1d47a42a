import { CallFailed } from '@gatehouse/contracts/calls'
import type { Problem } from '@gatehouse/contracts/problem'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { COMMON_REFUSALS, Refusal, type Refusals } from './refusal.ts'

export type ErrorPage = (problem: Problem, request: FastifyRequest) => string

const FASTIFY_CODES: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'invalid_request',
}

/** A small body can break a schema in tens of thousands of places; nobody mends more at a time than this. */
const MOST_ERRORS_TOLD = 50

/**
 * Names fields and rules of a failed schema; the values stay out, and so does the name of an unknown field that is no
 * name: somebody's SSN may stand there.
 */
function validationErrors(error: FastifyError): Problem['errors'] {
  return error.validation?.slice(0, MOST_ERRORS_TOLD).map(({ instancePath, message, params }) => {
    const unknown = params.additionalProperty
    const isNamed = typeof unknown === 'string' && /^[A-Za-z_][\w-]{0,63}$/.test(unknown)
    const path = [
      error.validationContext,
      ...instancePath.split('/').slice(1),
      isNamed ? unknown : params.missingProperty,
    ]
    const rule =
      unknown === undefined
        ? (message ?? 'is not valid')
        : isNamed
          ? 'is not a known field'
          : 'has a field that is not known'
    return { field: path.filter((part) => part !== undefined && part !== '').join('.'), rule }
  })
}

/** What the log says of a failed schema, in place of Fastify's list of every place where it failed. */
export function validationFailure(errors: unknown[], context: string): Error {
  return new Error(`${context} is not as its schema has it, in ${errors.length} places`)
}

function problemOf(
  error: FastifyError | Refusal,
  refusals: Refusals,
): { problem: Problem; headers: Record<string, string> } {
  const known = (code: string) => refusals[code] ?? COMMON_REFUSALS[code]
  const build = (code: string, more: Partial<Problem> = {}): Problem => {
    const { status, title } = known(code) ?? { status: 500, title: 'Something went wrong here' }
    return { type: `urn:gatehouse:problem:${code}`, title, status, code, ...more }
  }
  if (error instanceof Refusal && known(error.code)) {
    const detail = error.detail === undefined ? {} : { detail: error.detail }
    return { problem: build(error.code, { ...detail, ...error.extensions }), headers: error.headers }
  }
  if (error instanceof CallFailed) {
    return { problem: build('service_unavailable'), headers: { 'retry-after': '1' } }
  }
  if ('validation' in error && error.validation) {
    return { problem: build('invalid_request', { errors: validationErrors(error) }), headers: {} }
  }
  const code = FASTIFY_CODES[error.code] ?? (known(error.code) && error.code)
  if (code) return { problem: build(code), headers: {} }
  // A plug-in's own refusal (429, 406, 403 …) keeps its status; its message may hold what the caller sent.
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status && status >= 400 && status < 500)
    return { problem: { ...build('invalid_request'), status }, headers: {} }
  return { problem: build('internal_error'), headers: {} }
}

type Answer = (request: FastifyRequest, reply: FastifyReply, error: FastifyError | Refusal) => FastifyReply

/** How failures are answered: by problem documents, or by the site's error page where a browser asks. */
export function problemAnswer(refusals: Refusals, errorPage?: ErrorPage): Answer {
  return (request, reply, error) => {
    const { problem, headers } = problemOf(error, refusals)
    problem.requestId = request.id
    if (problem.status >= 500) request.log.error({ err: error }, problem.title)
    else request.log.info({ code: problem.code, reason: error.message }, 'refused')
    reply.code(problem.status).headers({ 'cache-control': 'no-store', ...headers })
    if (errorPage && request.headers.accept?.includes('text/html')) {
      return reply.type('text/html; charset=utf-8').send(errorPage(problem, request))
    }
    return reply.type('application/problem+json').serializer(JSON.stringify).send(problem)
  }
}

/** Answers everything thrown in `app`, and every address that does not exist, by `answer`. */
export function answerProblems(app: FastifyInstance, answer: Answer): void {
  app.setErrorHandler<FastifyError | Refusal>((error, request, reply) => answer(request, reply, error))
  app.setNotFoundHandler((request, reply) => answer(request, reply, new Refusal('not_found')))
}
