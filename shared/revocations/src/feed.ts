// What a resource server knows of revocations, kept up to date by the stream of sign-in. What must always hold: whoever asks it gets
// to know either that no rule was missing within the last second, or that it is blind. That is known from the answers to
// acknowledgements: sign-in says the newest rule that is stored, read after the acknowledgement came in, so having applied that one
// means having missed nothing up to when the acknowledgement left. Only this process's own monotonic clock is asked.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LONGEST_SILENCE_MS } from '@gatehouse/contracts/revocations'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { EventSourceMessage } from 'eventsource-parser'
import { createAcknowledgements } from './acknowledgements.ts'
import { createHistory, HistoryBroken } from './history.ts'
import { readStream } from './stream.ts'

/**
 * Why it cannot be said that no rule is missing: nothing was ever confirmed; there is no stream; it is there and
 * acknowledgements are not answered, or nothing comes on it; rules are stored that the stream did not bring.
 */
export type Blindness = 'never connected' | 'disconnected' | 'silent' | 'behind'

export interface RevocationFeed {
  /** Whether a known rule refuses this token. Says nothing about unknown ones: ask `blindness` too. `claims` are frozen. */
  refuses(claims: AccessTokenClaims): boolean
  /** Why rules may be missing, or undefined when none was within the last second. While there is a reason let nobody in. */
  blindness(): Blindness | undefined
  /**
   * Asks sign-in at once, and waits until no rule is missing, for `milliseconds` at most: ask `blindness` afterwards. For
   * those who would be refused for nothing but a pause of this process. Does not wait when very many do already.
   */
  sight(milliseconds: number): Promise<void>
  /** Calls `listener` whenever rules were added, so that what is under way can be asked about again. @returns ends that */
  onRule(listener: () => void): () => void
  /** Whether requests can be judged, for readiness checks. */
  ready(): boolean
  close(): Promise<void>
}

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  debug(fields: object, message: string): void
}

interface FeedOptions {
  /** The address of sign-in, without a slash at the end. */
  signInUrl: string
  fetch: typeof fetch
  /** An access token for sign-in with the scope `revocations.read`. */
  token: () => Promise<string>
  /** Told of an access token that was answered with 401. */
  onTokenRefused?: (token: string) => void
  /** This process for people, such as its host and port; administrators read it. */
  name: string
  log: Log
}

/** A stream that has not brought what is stored after so many heartbeats does not bring it. Counted: a pause of this process is none. */
const MOST_HEARTBEATS_BEHIND = 2
const MOST_WAITING = 1_000
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 1_000

/** Connects at once and goes on until closed. Needs nobody to wait for it: until the first confirmation it is blind. */
export function createRevocationFeed(options: FeedOptions): RevocationFeed {
  const { signInUrl, fetch, token, onTokenRefused = () => {}, name, log } = options
  const gateway = randomUUID()
  const closing = new AbortController()
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  const history = createHistory()
  let connection = new AbortController()
  let openedAt: number | undefined
  let failures = 0
  let isOutage = true
  /** By the clock of `performance.now()`: nothing was missing then. */
  let confirmedAt = Number.NEGATIVE_INFINITY
  /** The rule that must be applied to confirm that nothing was missing at `asOf`. */
  let awaited: { epoch: string; sequence: number; asOf: number } | undefined
  let heartbeatsBehind = 0

  const isRecent = (instant: number) => performance.now() - instant <= LONGEST_SILENCE_MS

  function settle(): void {
    if (!awaited || !history.reaches(awaited)) return
    confirmedAt = Math.max(confirmedAt, awaited.asOf)
    awaited = undefined
    heartbeatsBehind = 0
    if (!isRecent(confirmedAt)) return
    for (const goOn of waiting) goOn()
    if (!isOutage) return
    isOutage = false
    log.info({ rules: history.size }, 'revocations are known')
  }

  /** What is known stays in force, but the rest of the history must come anew. */
  function startOver(error: Error): void {
    history.leave()
    awaited = undefined
    heartbeatsBehind = 0
    connection.abort(error)
  }

  const acknowledgements = createAcknowledgements({
    url: `${signInUrl}/revocations/acknowledgements`,
    fetch,
    token,
    onTokenRefused,
    current: () => (history.position ? { gateway, name, ...history.position } : undefined),
    onAnswer(stored, acknowledged, sentAt) {
      if (history.position?.epoch !== acknowledged.epoch) return
      if (stored.epoch !== acknowledged.epoch || stored.sequence < acknowledged.sequence)
        return startOver(new HistoryBroken('sign-in has another history'))
      // The oldest that is still of use: with many rules a newer one would always be ahead of the stream.
      if (!awaited || !isRecent(awaited.asOf)) {
        awaited = { ...stored, asOf: sentAt }
        heartbeatsBehind = 0
      }
      settle()
    },
    onFailure: (error) => log.debug({ err: error }, 'an acknowledgement failed'),
  })

  function take(event: EventSourceMessage): void {
    const isNews = history.take(event)
    if (history.position) failures = 0
    settle()
    if (isNews) for (const listener of listeners) listener()
    acknowledgements.send()
    if (event.event === 'heartbeat' && awaited) heartbeatsBehind += 1
    // Another connection may bring it, before everybody is shut out.
    if (heartbeatsBehind >= MOST_HEARTBEATS_BEHIND) throw new HistoryBroken('the stream lags behind')
  }

  async function connect(): Promise<void> {
    connection = new AbortController()
    openedAt = undefined
    history.abandonSnapshot()
    const { position } = history
    await readStream({
      url: `${signInUrl}/revocations`,
      fetch,
      token,
      onTokenRefused,
      lastEventId: position && `${position.epoch}.${position.sequence}`,
      onOpen: () => {
        openedAt = performance.now()
      },
      onEvent: take,
      connection,
    })
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await connect()
        // Sign-in ends every stream after some minutes, to see the token again; there is nothing to wait for.
        if (openedAt !== undefined && !isRecent(openedAt)) continue
      } catch (error) {
        if (closing.signal.aborted) return
        if (error instanceof HistoryBroken) startOver(error)
        if (failures === 0) log.warn({ err: error }, 'the stream of revocations broke off')
        else log.debug({ err: error }, 'the stream of revocations is not reached')
      }
      openedAt = undefined
      const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures)
      failures += 1
      await sleep(longest * (0.5 + Math.random() / 2), undefined, {
        signal: closing.signal,
        ref: false,
      }).catch(() => {})
    }
  }

  function blindness(): Blindness | undefined {
    if (isRecent(confirmedAt)) return undefined
    const reason = reasonOfBlindness()
    if (!isOutage) log.warn({ reason }, 'revocations are not known')
    isOutage = true
    return reason
  }

  function reasonOfBlindness(): Blindness {
    if (confirmedAt === Number.NEGATIVE_INFINITY) return 'never connected'
    if (openedAt === undefined) return 'disconnected'
    return awaited ? 'behind' : 'silent'
  }

  function sight(milliseconds: number): Promise<void> {
    if (isRecent(confirmedAt) || waiting.size >= MOST_WAITING) return Promise.resolve()
    return new Promise((resolve) => {
      const goOn = () => {
        clearTimeout(limit)
        waiting.delete(goOn)
        resolve()
      }
      const limit = setTimeout(goOn, milliseconds)
      waiting.add(goOn)
      acknowledgements.send()
    })
  }

  const running = run()
  return {
    refuses: (claims) => history.revokes(claims),
    blindness,
    sight,
    onRule(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ready: () => blindness() === undefined,
    async close() {
      closing.abort()
      connection.abort(new Error('closed'))
      acknowledgements.close()
      for (const goOn of waiting) goOn()
      await running
    },
  }
}
