import type { ServiceTokens } from '@gatehouse/tokens/service-tokens'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Problem } from './problem.ts'
import type { ServiceName, ServiceUrls } from './services.ts'

export const REQUEST_ID_HEADER = 'x-request-id'

/** Another service answered with a problem document below 500. Compare `code`, never the message. */
export class CallRefused extends Error {
  readonly service: ServiceName
  readonly status: number
  readonly code: string
  readonly problem: Problem

  constructor(service: ServiceName, problem: Problem) {
    super(`${service} refused: ${problem.code}`)
    this.service = service
    this.status = problem.status
    this.code = problem.code
    this.problem = problem
  }
}

/** Another service could not be reached, failed, or answered what its contract does not allow. Answered as 503. */
export class CallFailed extends Error {
  readonly service: ServiceName

  constructor(service: ServiceName, why: string, cause?: unknown) {
    super(`${service} failed: ${why}`, { cause })
    this.service = service
  }
}

/** The `response` of a call that is answered with nothing (204). */
export const Nothing = Type.Undefined()

export interface Call<Response extends TSchema> {
  /** The scope that the callee asks for this operation. */
  scope: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query. Never holds a code, token or SSN. */
  path: string
  body?: unknown
  response: Response
}

/** Calls to other services with this service's own token. */
export interface ServiceCalls {
  /**
   * @throws CallRefused when the callee refuses
   * @throws CallFailed when it cannot be reached or breaks its contract
   */
  call<Response extends TSchema>(service: ServiceName, call: Call<Response>): Promise<Static<Response>>
}

const DEADLINE = 5_000

/** A body that is no JSON, or was cut off: no contract allows it. */
const UNREADABLE = Symbol('unreadable')

async function readAnswer(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return UNREADABLE
  }
}

export function createServiceCalls(options: {
  urls: ServiceUrls
  tokens: ServiceTokens
  fetch: typeof fetch
  /** The id of the request being answered, which travels with the call. */
  requestId: () => string | undefined
}): ServiceCalls {
  const { urls, tokens, fetch } = options

  async function send<R extends TSchema>(service: ServiceName, { scope, method, path, body }: Call<R>) {
    try {
      const token = await tokens.token(service, scope)
      const requestId = options.requestId()
      const response = await fetch(urls[service] + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(requestId ? { [REQUEST_ID_HEADER]: requestId } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(DEADLINE),
        redirect: 'error',
      })
      if (response.status === 401) tokens.refused(service, scope, token)
      return response
    } catch (error) {
      throw new CallFailed(service, 'no answer', error)
    }
  }

  return {
    async call(service, call) {
      const response = await send(service, call)
      const answer = await readAnswer(response)
      if (response.ok) {
        if (Value.Check(call.response, answer)) return answer
        throw new CallFailed(service, `an answer to ${call.method} that its contract does not allow`)
      }
      const problem = answer as Problem | undefined
      // 401 and 403 about our own token are our fault, not a refusal to pass on.
      if (
        problem?.code &&
        response.status < 500 &&
        response.status !== 401 &&
        problem.code !== 'insufficient_scope'
      ) {
        throw new CallRefused(service, problem)
      }
      throw new CallFailed(service, `status ${response.status} ${problem?.code ?? ''}`)
    },
  }
}
