// Redirect URIs as ID.me registers them: static, at most 255 characters, no wildcard, no fragment (fact sheet 2).

/** RFC 3986 §2: what may stand in a URI at all. */
const CHARACTERS = /^(?:[\w.~:/?[\]@!$&'()+,;=-]|%[\da-f]{2})+$/i
/** Schemes by which a browser would run or read something instead of going to a relying service. */
const NOT_FOR_US = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'view-source:'])

/** The rule that keeps `uri` from being registered, if any. */
export function redirectUriProblem(uri: string): string | undefined {
  if (uri.includes('#')) return 'has a fragment'
  if (uri.includes('*')) return 'has a wildcard'
  if (!CHARACTERS.test(uri) || !URL.canParse(uri)) return 'is not an absolute URI'
  if (NOT_FOR_US.has(new URL(uri).protocol)) return 'has a scheme that is not allowed'
  return undefined
}

/** Adds query parameters behind those that the URI has; undefined ones are left out. */
export function withParameters(uri: string, parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  if (given.length === 0) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`
}
