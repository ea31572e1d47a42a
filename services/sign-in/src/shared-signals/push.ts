// Pushes security events to receivers (RFC 8935): in the order in which they were made, each until the receiver has taken
// it, has said that it cannot, or was tried for the last time.

import { now } from '@gatehouse/clock/clock'
import type { FastifyBaseLogger } from 'fastify'
import { createDeliveryLanes, type DeliveryLanes } from './delivery-lanes.ts'
import type { Outbox, WaitingEvent } from './outbox.ts'
import type { SignSecurityEvent } from './security-event-token.ts'
import type { Delivery, Stream, StreamStore } from './stream-store.ts'

/** Milliseconds for an answer, as Login.gov gives its receivers. */
const TIMEOUT = 3_000
/** Milliseconds before another attempt, doubled with each, up to a minute; after so many attempts it is given up. */
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000
const MOST_ATTEMPTS = 10
/** A receiver whose access is ended is told nothing, and looked at again after this. */
const NO_ACCESS_WAIT = 60_000
const LONGEST_ANSWER = 16 * 1024

type Answer = { kind: 'accepted' } | { kind: 'refused'; error: string } | { kind: 'failed'; error: string }

interface Parts {
  outbox: Outbox
  streams: Pick<StreamStore, 'find'>
  sign: SignSecurityEvent
  fetch: typeof fetch
  /** Whether the receiver may hear anything at present. */
  mayHear(clientId: string): Promise<boolean>
  /** Told that what a revocation put into a stream was taken or given up. */
  settled(revocationId: string, stream: Stream): Promise<void>
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
}

export function createPushes({ outbox, streams, sign, fetch, mayHear, settled, log }: Parts): DeliveryLanes {
  async function send(
    { endpointUrl, authorizationHeader }: Extract<Delivery, { method: 'push' }>,
    token: string,
    closing: AbortSignal,
  ): Promise<Answer> {
    try {
      const response = await fetch(endpointUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/secevent+jwt',
          accept: 'application/json',
          ...(authorizationHeader === undefined ? {} : { authorization: authorizationHeader }),
        },
        body: token,
        // Where it leads to is not what the receiver registered.
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), closing]),
      })
      if (response.status === 202) {
        await response.body?.cancel().catch(() => {})
        return { kind: 'accepted' }
      }
      const error = await errorOf(response)
      // RFC 8935 §2.3: what the receiver cannot take it cannot take later either.
      return response.status === 400 && error !== undefined
        ? { kind: 'refused', error }
        : { kind: 'failed', error: `status ${response.status}` }
    } catch {
      return { kind: 'failed', error: 'no answer' }
    }
  }

  async function deliver(event: WaitingEvent, stream: Stream, closing: AbortSignal): Promise<void> {
    const { eventId, streamId } = event
    if (stream.delivery.method !== 'push') return outbox.giveBack(eventId, now(), event.attempts, null)
    if (!(await mayHear(stream.clientId)))
      return outbox.giveBack(eventId, now() + NO_ACCESS_WAIT, event.attempts, 'access ended')
    const answer = await send(stream.delivery, await sign(stream.clientId, event), closing)
    const attempts = event.attempts + 1
    if (answer.kind === 'failed' && closing.aborted)
      return outbox.giveBack(eventId, now(), event.attempts, null)
    const isLast = attempts >= MOST_ATTEMPTS
    log.info(
      { jti: eventId, streamId, clientId: stream.clientId, attempts, ...answer },
      'security event pushed',
    )
    if (answer.kind === 'failed' && !isLast) {
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
      return outbox.giveBack(eventId, now() + wait, attempts, answer.error)
    }
    const [state, error] =
      answer.kind === 'accepted'
        ? (['accepted', null] as const)
        : ([answer.kind === 'refused' ? 'refused' : 'given-up', answer.error] as const)
    for (const revocationId of await outbox.end(streamId, [eventId], state, error))
      await settled(revocationId, stream)
  }

  return createDeliveryLanes({
    what: 'security events',
    dueLanes: () => outbox.duePushes(now()),
    async next(streamId, closing) {
      const stream = await streams.find(streamId)
      if (stream?.status !== 'enabled' || stream.delivery.method !== 'push') return false
      // Longer than sending can take: whoever takes it then knows that this process is gone.
      const event = await outbox.take(streamId, now(), now() + 3 * TIMEOUT)
      if (!event) return false
      await deliver(event, stream, closing)
      return true
    },
    log,
  })
}

/** The `err` of a refusal (RFC 8935 §2.3), if it is one of a few letters: it is kept and logged. */
async function errorOf(response: Response): Promise<string | undefined> {
  try {
    const { err } = JSON.parse(await beginningOf(response)) as { err?: unknown }
    return typeof err === 'string' && /^[\w-]{1,60}$/.test(err) ? err : undefined
  } catch {
    return undefined
  }
}

/** At most so much of an answer: how long it is the receiver decides. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    length += chunk.length
    if (length > LONGEST_ANSWER) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
