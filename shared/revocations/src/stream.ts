// One connection to the stream of revocations, from the request to its end. Every wait in it ends: a stream on which nothing comes is
// given up, so that a hung sign-in is not waited for.

import { HEARTBEAT_MS, LONGEST_SILENCE_MS } from '@gatehouse/contracts/revocations'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

interface StreamOptions {
  url: string
  fetch: typeof fetch
  token: () => Promise<string>
  /** Told of an access token that was answered with 401. */
  onTokenRefused: (token: string) => void
  /** The last event that was applied; without it the stream begins with a snapshot. */
  lastEventId: string | undefined
  /** Sign-in answered and the stream begins. */
  onOpen: () => void
  /** What it throws ends the connection. */
  onEvent: (event: EventSourceMessage) => void
  /** Aborted to end the connection from outside, in which case this rejects; and in any case at the end. */
  connection: AbortController
}

/** Characters of one event: a thousand rules, each of which may name hundreds of sessions. */
const LONGEST_EVENT = 64 * 1024 * 1024

/** Resolves when the stream ends in order; rejects when it cannot be opened, breaks off, falls silent or is ended from outside. */
export async function readStream(options: StreamOptions): Promise<void> {
  const { url, fetch, onTokenRefused, lastEventId, onOpen, onEvent, connection } = options
  // Counted and not measured: after a pause of this process what came meanwhile is read first.
  let silence = 0
  const ticks = setInterval(() => {
    silence += HEARTBEAT_MS
    if (silence >= LONGEST_SILENCE_MS) connection.abort(new Error('nothing came for a second'))
  }, HEARTBEAT_MS).unref()
  try {
    const token = await orAborted(options.token(), connection.signal)
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      redirect: 'error',
      cache: 'no-store',
      signal: connection.signal,
    })
    if (response.status === 401) onTokenRefused(token)
    if (response.status !== 200 || response.body === null) {
      throw new Error(`the stream was answered with status ${response.status}`)
    }
    silence = 0
    onOpen()
    const parser = createParser({
      onEvent,
      onError(error) {
        // What the parser does not know it leaves out, as the format asks for.
        if (error.type === 'max-buffer-size-exceeded') throw error
      },
      maxBufferSize: LONGEST_EVENT,
    })
    const decoder = new TextDecoder()
    for await (const chunk of response.body) {
      silence = 0
      parser.feed(decoder.decode(chunk, { stream: true }))
    }
  } finally {
    clearInterval(ticks)
    // Also lets go of an answer that was not read to its end.
    connection.abort()
  }
}

/** Waits for `promise`, but no longer than until `signal` is aborted, for whose reason it then rejects. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
