import { Refusal } from '@gatehouse/http/refusal'

const REALM = 'Bearer realm="gatehouse"'

/**
 * The refusals of RFC 6750 §3.1, each with its challenge. The reason stays in the log: whoever guesses learns nothing.
 */
export const refused = {
  /** No authentication at all: no error code, so that the client learns what is wanted. */
  noToken: () => new Refusal('no_token', undefined, {}, { 'www-authenticate': REALM }),
  malformed: (detail: string) =>
    new Refusal('invalid_request', detail, {}, { 'www-authenticate': `${REALM}, error="invalid_request"` }),
  invalidToken: () =>
    new Refusal('invalid_token', undefined, {}, { 'www-authenticate': `${REALM}, error="invalid_token"` }),
  insufficientScope: (scope: string) =>
    new Refusal(
      'insufficient_scope',
      undefined,
      {},
      {
        'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scope}"`,
      },
    ),
  /** Signing in again with other rights would help, which is what RFC 6750 §3.1 means by `insufficient_scope`. */
  withoutClaims: (code: string) =>
    new Refusal(code, undefined, {}, { 'www-authenticate': `${REALM}, error="insufficient_scope"` }),
}

interface Received {
  rawHeaders: string[]
  url?: string | undefined
}

/**
 * The one access token of a request (RFC 6750 §2.1: in the `Authorization` header and nowhere else).
 *
 * @throws Refusal `no_token`, or `invalid_request` for several, a malformed one or one in the query
 */
export function bearerToken({ rawHeaders, url = '' }: Received): string {
  let authorization: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue
    if (authorization !== undefined) throw refused.malformed('more than one Authorization header')
    authorization = rawHeaders[index + 1] as string
  }
  const query = url.indexOf('?')
  // Addresses end up in logs and histories (RFC 9700 §4.3.2).
  if (query !== -1 && new URLSearchParams(url.slice(query)).has('access_token')) {
    throw refused.malformed('an access token does not belong in the query')
  }
  if (authorization === undefined) throw refused.noToken()
  const [scheme = '', token, ...more] = authorization.split(' ')
  // Another scheme is as good as none (RFC 6750 §3.1).
  if (scheme.toLowerCase() !== 'bearer') throw refused.noToken()
  if (!token || more.length > 0 || !/^[\w\-.~+/]+=*$/.test(token))
    throw refused.malformed('the Authorization header is malformed')
  return token
}
