import { hash } from 'node:crypto'

/**
 * A bounded memory of what was found out about tokens, by the SHA-256 of their exact bytes; the tokens themselves are not
 * kept. Two generations instead of a list in order of use: a hit writes nothing, and what was not asked for while half of
 * `maximum` other tokens came in is forgotten.
 */
export function createRememberedTokens<T>(maximum: number) {
  const generation = Math.max(1, Math.floor(maximum / 2))
  let young = new Map<string, T>()
  let old = new Map<string, T>()

  function put(key: string, value: T): void {
    if (young.size >= generation) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(token: string): T | undefined {
      const key = digest(token)
      const recent = young.get(key)
      if (recent !== undefined) return recent
      const earlier = old.get(key)
      if (earlier !== undefined) {
        old.delete(key)
        put(key, earlier)
      }
      return earlier
    },
    put(token: string, value: T): void {
      put(digest(token), value)
    },
    forget(token: string): void {
      const key = digest(token)
      young.delete(key)
      old.delete(key)
    },
  }
}

/** 0.8 µs for our tokens, against 120 µs for the signature it saves: no reason to keep live tokens as keys. */
function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}
