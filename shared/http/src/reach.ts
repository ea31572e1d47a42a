/**
 * A `fetch` that reaches services under their public addresses from inside, where those differ (containers).
 * Redirects are not followed across origins by our callers; the map only changes where the connection goes.
 *
 * @param internalOrigins from public origin to internal origin
 */
export function createReach(internalOrigins: ReadonlyMap<string, string>): typeof fetch {
  if (internalOrigins.size === 0) return fetch
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const internal = internalOrigins.get(url.origin)
    if (!internal) return fetch(input, init)
    const target = new URL(url.pathname + url.search, internal)
    return fetch(input instanceof Request ? new Request(target, input) : target, init)
  }
}
