// Streams of security events, as SSF 1.0 §8.1 has them: a receiver has one, and says what it wants to hear and how.

import { randomBytes, randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import { EVENTS_SUPPORTED, VERIFICATION } from './event-types.ts'
import type { Outbox } from './outbox.ts'
import { isReceiverAddress } from './receiver-address.ts'
import type { Delivery, Stream, StreamSettings, StreamStore } from './stream-store.ts'
import type { StreamStatus } from './tables.ts'

export const PUSH = 'urn:ietf:rfc:8935'
export const POLL = 'urn:ietf:rfc:8936'

/** Seconds between two verifications that a receiver may ask for. */
const MIN_VERIFICATION_INTERVAL = 10

/** As on the wire. */
interface StreamRequest {
  events_requested?: string[]
  delivery?: { method: string; endpoint_url?: string; authorization_header?: string }
  description?: string
}

/** For the `refusals` of the service. */
export const streamRefusals = {
  stream_exists: { status: 409, title: 'This receiver has a stream already' },
  too_early: { status: 429, title: 'A verification was asked for a moment ago' },
}

interface Parts {
  publicUrl: string
  profile: 'test' | 'live'
  store: StreamStore
  outbox: Pick<Outbox, 'put'>
  /** Told that something may wait in a stream, or may be sent now. */
  changed(streamId: string): void
}

export function createStreams({ publicUrl, profile, store, outbox, changed }: Parts) {
  function deliveryOf(asked: StreamRequest['delivery'], streamId: string): Delivery {
    // SSF 1.0 §8.1.1.1: without it the receiver polls.
    if (asked === undefined) return { method: 'poll' }
    const { method, endpoint_url: endpointUrl, authorization_header: authorizationHeader } = asked
    if (method === POLL) {
      if (endpointUrl !== undefined && endpointUrl !== pollUrl(streamId))
        throw new Refusal('invalid_request', 'delivery.endpoint_url is given by the transmitter')
      return { method: 'poll' }
    }
    if (method !== PUSH) throw new Refusal('invalid_request', 'delivery.method is none of those supported')
    if (!isReceiverAddress(endpointUrl, profile))
      throw new Refusal('invalid_request', 'delivery.endpoint_url must be an https address')
    return { method: 'push', endpointUrl, authorizationHeader }
  }

  const settingsOf = (request: StreamRequest, streamId: string): StreamSettings => ({
    description: request.description,
    delivery: deliveryOf(request.delivery, streamId),
    eventsRequested: request.events_requested,
  })

  const pollUrl = (streamId: string) => `${publicUrl}/ssf/streams/${streamId}/events`

  /** The stream as on the wire. The secret that the receiver gave with it is not told back. */
  function present({ streamId, clientId, description, delivery, eventsRequested }: Stream) {
    return {
      stream_id: streamId,
      iss: publicUrl,
      aud: clientId,
      events_supported: [...EVENTS_SUPPORTED],
      ...(eventsRequested === undefined ? {} : { events_requested: eventsRequested }),
      events_delivered: EVENTS_SUPPORTED.filter((type) => eventsRequested?.includes(type) ?? true),
      delivery:
        delivery.method === 'poll'
          ? { method: POLL, endpoint_url: pollUrl(streamId) }
          : { method: PUSH, endpoint_url: delivery.endpointUrl },
      ...(description === undefined ? {} : { description }),
      min_verification_interval: MIN_VERIFICATION_INTERVAL,
    }
  }

  /** @throws Refusal `not_found`, for a stream of another receiver too */
  async function own(clientId: string, streamId: string): Promise<Stream> {
    const stream = await store.of(clientId)
    if (stream?.streamId !== streamId) throw new Refusal('not_found', 'There is no such stream.')
    return stream
  }

  /** What a receiver may only repeat as it is (SSF 1.0 §8.1.1.3). */
  function refuseForeignMembers(stream: Stream, request: Record<string, unknown>): void {
    const settled: Record<string, unknown> = present(stream)
    for (const member of ['iss', 'aud', 'events_supported', 'events_delivered', 'min_verification_interval'])
      if (member in request && JSON.stringify(request[member]) !== JSON.stringify(settled[member]))
        throw new Refusal('invalid_request', `${member} is given by the transmitter`)
  }

  return {
    present,
    own,

    /** @throws Refusal `stream_exists`, `invalid_request` */
    async create(clientId: string, request: StreamRequest): Promise<Stream> {
      const streamId = randomBytes(16).toString('hex')
      if (!(await store.add(streamId, clientId, settingsOf(request, streamId), now())))
        throw new Refusal('stream_exists')
      return own(clientId, streamId)
    },

    of: (clientId: string) => store.of(clientId),

    /** Changes what is named. @throws Refusal `not_found`, `invalid_request` */
    async update(clientId: string, streamId: string, request: StreamRequest): Promise<Stream> {
      const stream = await own(clientId, streamId)
      refuseForeignMembers(stream, request as Record<string, unknown>)
      await store.change(streamId, {
        description: request.description ?? stream.description,
        delivery: request.delivery ? deliveryOf(request.delivery, streamId) : stream.delivery,
        eventsRequested: request.events_requested ?? stream.eventsRequested,
      })
      changed(streamId)
      return own(clientId, streamId)
    },

    /** Puts these settings in place of all of before. @throws as `update` */
    async replace(clientId: string, streamId: string, request: StreamRequest): Promise<Stream> {
      const stream = await own(clientId, streamId)
      refuseForeignMembers(stream, request as Record<string, unknown>)
      await store.change(streamId, settingsOf(request, streamId))
      changed(streamId)
      return own(clientId, streamId)
    },

    async remove(clientId: string, streamId: string): Promise<void> {
      await own(clientId, streamId)
      await store.remove(streamId)
      changed(streamId)
    },

    async setStatus(clientId: string, streamId: string, status: StreamStatus, reason: string | undefined) {
      await own(clientId, streamId)
      await store.setStatus(streamId, status, reason)
      changed(streamId)
      return own(clientId, streamId)
    },

    /**
     * Puts a verification event into the stream, behind what waits there.
     *
     * @param state comes back in it (SSF 1.0 §8.1.4.2)
     * @throws Refusal `too_early`
     */
    async verify(clientId: string, streamId: string, state: string | undefined): Promise<void> {
      const stream = await own(clientId, streamId)
      if (stream.status === 'disabled')
        throw new Refusal('invalid_request', 'The stream is disabled: nothing is sent over it.')
      if (!(await store.takeVerification(streamId, now(), MIN_VERIFICATION_INTERVAL * 1000)))
        throw new Refusal('too_early', undefined, {}, { 'retry-after': String(MIN_VERIFICATION_INTERVAL) })
      await outbox.put([
        {
          streamId,
          cause: `verification ${randomUUID()}`,
          eventType: VERIFICATION,
          claims: {
            sub_id: { format: 'opaque', id: streamId },
            events: { [VERIFICATION]: state === undefined ? {} : { state } },
          },
        },
      ])
      changed(streamId)
    },

    /** Whether the receiver hears of the person: to begin with it hears of everybody. */
    async changeSubject(
      clientId: string,
      streamId: string,
      subject: { format: string; iss?: string; sub?: string },
      change: 'add' | 'remove',
    ): Promise<void> {
      await own(clientId, streamId)
      const { format, iss, sub } = subject
      // Only by this name do we know people to a receiver. Whether there is such a person is not told.
      if (format !== 'iss_sub' || iss !== publicUrl || !sub)
        throw new Refusal('not_found', 'subject must be an iss_sub of this issuer')
      await (change === 'add' ? store.addSubject(streamId, sub) : store.removeSubject(streamId, sub))
    },
  }
}

export type Streams = ReturnType<typeof createStreams>
