// Receivers that fetch their security events (RFC 8936). An event comes again until it is acknowledged.

import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Outbox, WaitingEvent } from './outbox.ts'
import type { ReceiverScope } from './receiver-tokens.ts'
import type { SignSecurityEvent } from './security-event-token.ts'
import { receiverOf } from './stream-routes.ts'
import type { Stream } from './stream-store.ts'
import type { Streams } from './streams.ts'
import type { WaitingPolls } from './waiting-polls.ts'

/** Milliseconds that a receiver may wait for something to be told. */
const LONGEST_POLL = 30_000
/** Events in one answer, whatever `maxEvents` says. */
const MOST_EVENTS = 100

const Jti = Type.String({ minLength: 1, maxLength: 64 })
const Poll = Type.Object({
  maxEvents: Type.Optional(Type.Integer({ minimum: 0, description: `at most ${MOST_EVENTS} are sent` })),
  returnImmediately: Type.Optional(
    Type.Boolean({ description: `without it the answer waits up to ${LONGEST_POLL / 1000} seconds` }),
  ),
  ack: Type.Optional(Type.Array(Jti, { maxItems: 1000 })),
  setErrs: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[\\w-]{1,64}$' }),
      Type.Object({
        err: Type.String({ minLength: 1, maxLength: 200 }),
        description: Type.Optional(Type.String({ maxLength: 2000 })),
      }),
      { maxProperties: 1000 },
    ),
  ),
})
const Polled = Type.Object({
  sets: Type.Record(Type.String(), Type.String(), { description: 'from `jti` to the token' }),
  moreAvailable: Type.Boolean(),
})

interface Parts {
  streams: Pick<Streams, 'own'>
  outbox: Outbox
  sign: SignSecurityEvent
  waitingPolls: WaitingPolls
  /** Whether the receiver may hear anything at present: its access may end while it waits. */
  mayHear(clientId: string): Promise<boolean>
  /** Told that what a revocation put into a stream was taken, or cannot be. */
  settled(revocationId: string, stream: Stream): Promise<void>
  requireReceiver: (...scopes: ReceiverScope[]) => onRequestAsyncHookHandler
}

export function addPollRoutes(app: App, parts: Parts): void {
  const { streams, outbox, sign, waitingPolls, mayHear, settled, requireReceiver } = parts

  async function note(stream: Stream, ack: readonly string[], setErrs: Record<string, { err: string }>) {
    const { streamId } = stream
    const told = await outbox.end(streamId, ack, 'accepted')
    for (const [jti, { err }] of Object.entries(setErrs)) {
      const error = /^[\w-]{1,60}$/.test(err) ? err : 'unnamed'
      told.push(...(await outbox.end(streamId, [jti], 'refused', error)))
    }
    for (const revocationId of new Set(told)) await settled(revocationId, stream)
  }

  /** One more than `most`, to know whether there is more; nothing while the stream is not enabled. */
  async function look(clientId: string, streamId: string, most: number): Promise<WaitingEvent[] | undefined> {
    const stream = await streams.own(clientId, streamId)
    const isOpen = stream.status === 'enabled' && (await mayHear(clientId))
    const events = isOpen ? await outbox.waiting(streamId, most + 1) : []
    return events.length > 0 ? events : undefined
  }

  app.post(
    '/ssf/streams/:streamId/events',
    {
      onRequest: requireReceiver('ssf.read', 'ssf.manage'),
      config: { csrf: false },
      schema: {
        tags: ['shared signals'],
        summary: 'Fetches and acknowledges security events (RFC 8936)',
        params: Type.Object({ streamId: Type.String({ maxLength: 64 }) }),
        body: Poll,
        response: { 200: Polled },
      },
    },
    async (request, reply) => {
      const clientId = receiverOf(request)
      const { streamId } = request.params
      const { maxEvents = MOST_EVENTS, returnImmediately = false, ack = [], setErrs = {} } = request.body
      const stream = await streams.own(clientId, streamId)
      if (stream.delivery.method !== 'poll')
        throw new Refusal('not_found', 'Events of this stream are pushed.')
      await note(stream, ack, setErrs)
      const most = Math.min(maxEvents, MOST_EVENTS)
      reply.header('cache-control', 'no-store')
      // RFC 8936 §2.4.1: only to acknowledge.
      if (most === 0) return { sets: {}, moreAvailable: (await look(clientId, streamId, 0)) !== undefined }
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const events =
        (await waitingPolls.until(streamId, returnImmediately ? 0 : LONGEST_POLL, gone.signal, () =>
          look(clientId, streamId, most),
        )) ?? []
      const signed = events
        .slice(0, most)
        .map(async (event) => [event.eventId, await sign(clientId, event)] as const)
      return { sets: Object.fromEntries(await Promise.all(signed)), moreAvailable: events.length > most }
    },
  )
}
