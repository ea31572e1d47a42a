import { type Acknowledgement, StoredUpTo } from '@gatehouse/contracts/revocations'
import { Value } from 'typebox/value'
import { orAborted } from './stream.ts'

interface AcknowledgementOptions {
  url: string
  fetch: typeof fetch
  token: () => Promise<string>
  /** Told of an access token that was answered with 401. */
  onTokenRefused: (token: string) => void
  /** What is in force at present; undefined while there is nothing to acknowledge. */
  current: () => Acknowledgement | undefined
  /** @param sentAt by the clock of `performance.now()`, before the request left */
  onAnswer: (stored: StoredUpTo, acknowledged: Acknowledgement, sentAt: number) => void
  onFailure: (error: unknown) => void
}

/** One that hangs is given up after this, so that the next can still come in time. */
const LONGEST_WAIT_MS = 500

export interface Acknowledgements {
  /** Acknowledges what is in force, now or as soon as the one under way is answered. Several calls become one. */
  send(): void
  close(): void
}

/** At most one acknowledgement is under way, and what follows it is the newest. */
export function createAcknowledgements(options: AcknowledgementOptions): Acknowledgements {
  const { url, fetch, onTokenRefused, current, onAnswer, onFailure } = options
  let isUnderWay = false
  let isWanted = false
  let isClosed = false
  let call = new AbortController()

  async function post(acknowledgement: Acknowledgement, signal: AbortSignal): Promise<void> {
    const token = await orAborted(options.token(), signal)
    const sentAt = performance.now()
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(acknowledgement),
      redirect: 'error',
      signal,
    })
    if (response.status === 401) onTokenRefused(token)
    const answer: unknown = await response.json()
    if (response.status !== 200 || !Value.Check(StoredUpTo, answer)) {
      throw new Error(`an acknowledgement was answered with status ${response.status}`)
    }
    onAnswer(answer, acknowledgement, sentAt)
  }

  async function send(): Promise<void> {
    isUnderWay = true
    while (isWanted && !isClosed) {
      isWanted = false
      const acknowledgement = current()
      if (!acknowledgement) break
      call = new AbortController()
      const limit = setTimeout(
        () => call.abort(new Error('no answer in half a second')),
        LONGEST_WAIT_MS,
      ).unref()
      try {
        await post(acknowledgement, call.signal)
      } catch (error) {
        if (!isClosed) onFailure(error)
      } finally {
        clearTimeout(limit)
        // Lets go of an answer that was not read.
        call.abort()
      }
    }
    isUnderWay = false
  }

  return {
    send() {
      isWanted = true
      if (!isUnderWay) void send()
    },
    close() {
      isClosed = true
      call.abort(new Error('closed'))
    },
  }
}
