/**
 * An expected failure, by a code of the service's table of refusals. Anything else that is thrown is answered as a
 * plain 500 whose detail stays in the log.
 */
export class Refusal extends Error {
  readonly code: string
  readonly extensions: Record<string, unknown>
  readonly headers: Record<string, string>

  /**
   * @param code a key of the service's `refusals`
   * @param detail a sentence for the caller; never holds a value the caller sent
   * @param extensions further members of the problem document (RFC 9457 §3.2)
   */
  constructor(
    code: string,
    detail?: string,
    extensions: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail ?? code)
    this.code = code
    this.detail = detail
    this.extensions = extensions
    this.headers = headers
  }

  readonly detail: string | undefined
}

/** Status and public title of each refusal of a service. */
export type Refusals = Record<string, { status: number; title: string }>

/** What every service may refuse. */
export const COMMON_REFUSALS: Refusals = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_token: { status: 401, title: 'The access token is missing or not valid' },
  insufficient_scope: { status: 403, title: 'The access token does not allow this' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'This media type is not understood' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  service_unavailable: { status: 503, title: 'A service this depends on is not available' },
}
