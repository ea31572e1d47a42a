// The keys with which sign-in signs, as its JWKS publishes them. Owns when that set is fetched and which of its keys may
// be used; what is checked with a key belongs to verifier.ts. A key that leaves the JWKS is unknown from the next answer on.

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'

export type TokenAlgorithm = 'ES256' | 'RS256'

/** A key and the one algorithm it is used with (RFC 8725 §3.1). The same object for as long as the key is published. */
export interface VerificationKey {
  readonly kid: string
  readonly algorithm: TokenAlgorithm
  readonly key: KeyObject
}

export interface KeySource {
  /** The key as of now, without waiting. Undefined when the set does not hold it or is too old to be believed. */
  known(kid: string): VerificationKey | undefined
  /**
   * The key, after fetching the set where that is due and the cool-down allows it.
   *
   * @throws KeysUnavailable when it is not known and no current set says that it does not exist
   */
  find(kid: string): Promise<VerificationKey | undefined>
  /** Whether tokens can be judged; fetches the set when there is none. For readiness checks. */
  ready(): Promise<boolean>
}

/** No key set to judge with. Not the token's fault: the answer is 503, never 401. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable'
}

interface KeySourceOptions {
  jwksUri: string
  fetch: typeof fetch
  /** However many unknown key ids arrive, and whatever the answer was, the set is fetched once in this time. Default 10. */
  cooldownSeconds?: number
  /** A set older than this is fetched again in the background, so that departures are noticed. Default 60. */
  refreshSeconds?: number
  /** While fetches fail the last set serves until it is this old; then nothing is known. Default 600. */
  maximumAgeSeconds?: number
  /** Told why a fetch failed, for the log. */
  onFailure?: (error: unknown) => void
}

const FETCH_TIMEOUT_MS = 3_000
const LARGEST_SET_BYTES = 256 * 1024
/** Readiness checks are not steered by callers with tokens and may ask again sooner, so that a cold start is quick. */
const READINESS_RETRY_MS = 200

/** Keys from `jwksUri` (RFC 7517 §5). Fetches nothing until asked and sets no timers: lookups drive it. */
export function createKeySource({
  jwksUri,
  fetch,
  cooldownSeconds = 10,
  refreshSeconds = 60,
  maximumAgeSeconds = 600,
  onFailure,
}: KeySourceOptions): KeySource {
  let keys: ReadonlyMap<string, VerificationKey> = new Map()
  let fetchedAt = Number.NEGATIVE_INFINITY
  let attemptedAt = Number.NEGATIVE_INFINITY
  let failing = false
  let underway: Promise<void> | undefined

  /** A clock that was set back must neither prolong a set nor block fetching: it counts as any time having passed. */
  function hasPassed(milliseconds: number, since: number): boolean {
    const elapsed = now() - since
    return elapsed < 0 || elapsed >= milliseconds
  }
  const isTooOld = () => hasPassed(maximumAgeSeconds * 1000, fetchedAt)
  const isCooledDown = () => hasPassed(cooldownSeconds * 1000, attemptedAt)

  async function load(): Promise<void> {
    const started = now()
    attemptedAt = started
    try {
      keys = usableKeys(await fetchSet(jwksUri, fetch), keys)
      fetchedAt = started
      failing = false
    } catch (error) {
      failing = true
      onFailure?.(error)
    }
  }

  function refresh(): Promise<void> {
    underway ??= load().finally(() => {
      underway = undefined
    })
    return underway
  }

  function known(kid: string): VerificationKey | undefined {
    // `load` never rejects, so the background fetch needs no handler.
    if (hasPassed(refreshSeconds * 1000, fetchedAt) && isCooledDown()) void refresh()
    return isTooOld() ? undefined : keys.get(kid)
  }

  return {
    known,
    async find(kid) {
      const present = known(kid)
      if (present) return present
      if (underway || isCooledDown()) await refresh()
      const fetched = known(kid)
      if (fetched) return fetched
      if (failing || keys.size === 0 || isTooOld()) throw new KeysUnavailable('no current key set')
      return undefined
    },
    async ready() {
      if ((keys.size === 0 || isTooOld()) && hasPassed(READINESS_RETRY_MS, attemptedAt)) await refresh()
      else if (underway) await underway
      return keys.size > 0 && !isTooOld()
    },
  }
}

/** Keys given by the caller, for tests; `replace` publishes another set. */
export function localKeySource(jwks: {
  keys: object[]
}): KeySource & { replace(jwks: { keys: object[] }): void } {
  let keys = usableKeys(jwks)
  return {
    known: (kid) => keys.get(kid),
    find: async (kid) => keys.get(kid),
    ready: async () => keys.size > 0,
    replace(next) {
      keys = usableKeys(next, keys)
    },
  }
}

async function fetchSet(jwksUri: string, fetch: typeof globalThis.fetch): Promise<{ keys: unknown[] }> {
  const response = await fetch(jwksUri, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the key set was answered with status ${response.status}`)
  }
  const text = await response.text()
  if (text.length > LARGEST_SET_BYTES) throw new Error('the key set is too large')
  const set = JSON.parse(text) as { keys?: unknown } | null
  if (!Array.isArray(set?.keys)) throw new Error('the key set has no list of keys')
  return { keys: set.keys }
}

/**
 * The keys that may check a signature, by `kid`. A key that `previous` also holds stays the same object, by which
 * remembered tokens know that it never left.
 */
function usableKeys(
  set: { keys: unknown[] },
  previous: ReadonlyMap<string, VerificationKey> = new Map(),
): ReadonlyMap<string, VerificationKey> {
  const usable = new Map<string, VerificationKey>()
  const ambiguous = new Set<string>()
  for (const jwk of set.keys) {
    const key = verificationKey(jwk)
    if (!key) continue
    if (usable.has(key.kid)) ambiguous.add(key.kid)
    const before = previous.get(key.kid)
    const isSame = before?.algorithm === key.algorithm && before.key.equals(key.key)
    usable.set(key.kid, isSame ? before : key)
  }
  // Two keys under one name: which of them a token means is a guess, so neither is used.
  for (const kid of ambiguous) usable.delete(kid)
  return usable
}

function verificationKey(jwk: unknown): VerificationKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kid, kty, crv, alg, use, key_ops: operations, d, k } = jwk as Record<string, unknown>
  if (typeof kid !== 'string' || kid === '') return undefined
  // A published private or symmetric key is everybody's key.
  if (d !== undefined || k !== undefined) return undefined
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined
  const algorithm = kty === 'EC' && crv === 'P-256' ? 'ES256' : kty === 'RSA' ? 'RS256' : undefined
  if (!algorithm || (alg !== undefined && alg !== algorithm)) return undefined
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
    // RFC 7518 §3.3: 2048 bits or larger.
    if (algorithm === 'RS256' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return undefined
    return { kid, algorithm, key }
  } catch {
    return undefined
  }
}
