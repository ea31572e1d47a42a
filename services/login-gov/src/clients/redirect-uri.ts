// How redirect URIs are compared (fact sheet 2.5) and added to (2.6). Not done with `URL`, which forgives and rewrites
// much more than the real service does: what it takes for equal is not.

// RFC 3986 appendix B, with the authority taken apart.
const PARTS =
  /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:@]*)(?::(\d*))?(?=[/?#]|$))?([^?#]*)(\?[^#]*)?(#.*)?$/i
const CHARACTERS = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i
const DEFAULT_PORTS: Record<string, string> = { http: '80', https: '443' }

/**
 * Brings a URI to the form in which equal ones have the same text: scheme and host in lower case, no default port, and
 * an empty path as `/`. Everything else stays as it is.
 *
 * @returns nothing when the text is no URI
 */
export function normalRedirectUri(text: string): string | undefined {
  const parts = CHARACTERS.test(text) ? PARTS.exec(text) : null
  if (!parts) return undefined
  const [, scheme = '', userInfo = '', host, port = '', path = '', query = '', fragment = ''] = parts
  const name = scheme.toLowerCase()
  const authority =
    host === undefined
      ? ''
      : `//${userInfo}${host.toLowerCase()}${port && port !== DEFAULT_PORTS[name] ? `:${port}` : ''}`
  return `${name}:${authority}${path || '/'}${query}${fragment}`
}

/** Whole-URI equality with one of the registered; no prefixes, no wildcards. */
export function isRegistered(uri: string, registered: readonly string[]): boolean {
  const normal = normalRedirectUri(uri)
  return normal !== undefined && registered.some((one) => normalRedirectUri(one) === normal)
}

/**
 * Adds query parameters: what the URI has already is kept, keys come out in alphabetical order, and a space is `+`.
 * An undefined value gives a parameter that is there and empty.
 */
export function withParameters(uri: string, parameters: Record<string, string | undefined>): string {
  const [beforeFragment = '', ...fragment] = uri.split('#')
  const [address = '', ...query] = beforeFragment.split('?')
  const all = new Map(new URLSearchParams(query.join('?')))
  for (const [name, value] of Object.entries(parameters)) all.set(name, value ?? '')
  const pairs = [...all].sort(([one], [other]) => (one < other ? -1 : 1))
  const text = pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')
  return `${address}?${text}${fragment.length > 0 ? `#${fragment.join('#')}` : ''}`
}

function encoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
