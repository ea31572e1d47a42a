// The errors that relying services see (fact sheet 6). The codes are ID.me's; the descriptions are ours (assumed).

/** What authorize and logout may answer, with status 200. */
export const REQUEST_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'invalid_redirect_uri',
  'unsupported_response_type',
] as const

/** What the token endpoint may answer, with status 400. */
export const TOKEN_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'unauthorized_client',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_resource_owner',
] as const

type ErrorCode = (typeof REQUEST_ERRORS)[number] | (typeof TOKEN_ERRORS)[number]

/** A request of a relying service that is refused. The description never holds what was sent. */
export class OAuthError extends Error {
  readonly error: ErrorCode
  readonly description: string

  constructor(error: ErrorCode, description: string) {
    super(error)
    this.error = error
    this.description = description
  }

  /** As the wire has it. */
  get body(): { error: string; error_description: string } {
    return { error: this.error, error_description: this.description }
  }
}
