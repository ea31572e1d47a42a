/** The claims of an access token of this suite: RFC 9068 §2.2, and what a sign-in adds (design: tokens). */
export interface AccessTokenClaims {
  iss: string
  /** The subject: pairwise for people, the client id for services. */
  sub: string
  /** One audience, or several. */
  aud: string | string[]
  client_id: string
  iat: number
  exp: number
  jti: string
  /** Space separated. */
  scope?: string
  sid?: string
  acr?: string
  amr?: string[]
  auth_time?: number
  /** The identity provider that authenticated the person: `login.gov`, `id.me`, `my-ssa`. */
  idp?: string
  bso_user_id?: string
  ein?: string
}

/** The audience of a service's own interface. */
export function serviceAudience(service: string): string {
  return `urn:gatehouse:service:${service}`
}

/** The resource indicator (RFC 8707) of CBSV, as relying services ask for it. */
export const CBSV_AUDIENCE = 'urn:gatehouse:cbsv'

/** The resource indicator (RFC 8707) of the administrators' console, for its interface. */
export const ADMIN_AUDIENCE = 'urn:gatehouse:admin'

/** Whether the token was issued for `audience` (RFC 9068 §4: `aud` must name the resource server). */
export function isIntendedFor(claims: AccessTokenClaims, audience: string): boolean {
  return typeof claims.aud === 'string' ? claims.aud === audience : claims.aud.includes(audience)
}

/** Whether `scope`, one scope word, is among the token's (RFC 6749 §3.3: space separated, case-sensitive). */
export function includesScope(claims: AccessTokenClaims, scope: string): boolean {
  return claims.scope?.split(' ').includes(scope) ?? false
}
