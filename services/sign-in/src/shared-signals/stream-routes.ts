// The interface for receivers: SSF 1.0 §7 (what we offer) and §8.1 (managing a stream).

import type { App } from '@gatehouse/http/service'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { ReceiverScope } from './receiver-tokens.ts'
import { POLL, PUSH, type Streams } from './streams.ts'

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const StreamId = Text(64)

/** What a receiver may set. Members that are not known are passed over (SSF 1.0 §4.1). */
const settings = {
  events_requested: Type.Optional(Type.Array(Text(300), { maxItems: 100 })),
  delivery: Type.Optional(
    Type.Object({
      method: Type.String({ description: `${PUSH} or ${POLL}`, maxLength: 100 }),
      endpoint_url: Type.Optional(Text(2048)),
      authorization_header: Type.Optional(
        Type.String({
          pattern: '^[\\x21-\\x7e][\\x20-\\x7e]*$',
          maxLength: 4096,
          description: 'sent as `Authorization` with each push; not told back',
        }),
      ),
    }),
  ),
  description: Type.Optional(Text(500)),
}
const NewStream = Type.Object(settings)
const ChangedStream = Type.Object({ stream_id: StreamId, ...settings })

const StreamConfiguration = Type.Object({
  stream_id: Type.String(),
  iss: Type.String(),
  aud: Type.String({ description: 'the client id of the receiver' }),
  events_supported: Type.Array(Type.String()),
  events_requested: Type.Optional(Type.Array(Type.String())),
  events_delivered: Type.Array(Type.String()),
  delivery: Type.Object({ method: Type.String(), endpoint_url: Type.String() }),
  description: Type.Optional(Type.String()),
  min_verification_interval: Type.Integer({ description: 'seconds' }),
})

const Status = Type.Union([Type.Literal('enabled'), Type.Literal('paused'), Type.Literal('disabled')])
const StreamStatus = Type.Object({
  stream_id: StreamId,
  status: Status,
  reason: Type.Optional(Text(500)),
})
const ofStream = Type.Object({ stream_id: StreamId })
const Subject = Type.Object({
  stream_id: StreamId,
  subject: Type.Object({
    format: Text(60),
    iss: Type.Optional(Text(2048)),
    sub: Type.Optional(Text(255)),
  }),
})

const PATHS = {
  configuration: '/ssf/streams',
  status: '/ssf/status',
  addSubject: '/ssf/subjects/additions',
  removeSubject: '/ssf/subjects/removals',
  verification: '/ssf/verifications',
}

interface Parts {
  publicUrl: string
  streams: Streams
  requireReceiver: (...scopes: ReceiverScope[]) => onRequestAsyncHookHandler
}

/** The receiver of a request that `requireReceiver` let pass. */
export function receiverOf(request: FastifyRequest): string {
  if (request.receiver === undefined) throw new Error('this route lacks the hook for receivers')
  return request.receiver
}

export function addStreamRoutes(app: App, { publicUrl, streams, requireReceiver }: Parts): void {
  const read = { onRequest: requireReceiver('ssf.read', 'ssf.manage'), config: { csrf: false } } as const
  const manage = { onRequest: requireReceiver('ssf.manage'), config: { csrf: false } } as const
  const tags = ['shared signals']

  app.get(
    '/.well-known/ssf-configuration',
    { schema: { tags, summary: 'What this transmitter of shared signals offers' } },
    async () => ({
      spec_version: '1_0',
      issuer: publicUrl,
      jwks_uri: `${publicUrl}/jwks`,
      delivery_methods_supported: [PUSH, POLL],
      configuration_endpoint: publicUrl + PATHS.configuration,
      status_endpoint: publicUrl + PATHS.status,
      add_subject_endpoint: publicUrl + PATHS.addSubject,
      remove_subject_endpoint: publicUrl + PATHS.removeSubject,
      verification_endpoint: publicUrl + PATHS.verification,
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
      default_subjects: 'ALL',
    }),
  )

  app.post(
    PATHS.configuration,
    { ...manage, schema: { tags, body: NewStream, response: { 201: StreamConfiguration } } },
    async (request, reply) => {
      const stream = await streams.create(receiverOf(request), request.body)
      return reply.code(201).send(streams.present(stream))
    },
  )
  app.get(
    PATHS.configuration,
    {
      ...read,
      schema: {
        tags,
        summary: 'One stream, or without `stream_id` all of the receiver',
        querystring: Type.Object({ stream_id: Type.Optional(StreamId) }),
        response: { 200: Type.Union([StreamConfiguration, Type.Array(StreamConfiguration)]) },
      },
    },
    async (request) => {
      const clientId = receiverOf(request)
      const { stream_id: streamId } = request.query
      if (streamId !== undefined) return streams.present(await streams.own(clientId, streamId))
      const stream = await streams.of(clientId)
      return stream ? [streams.present(stream)] : []
    },
  )
  app.patch(
    PATHS.configuration,
    { ...manage, schema: { tags, body: ChangedStream, response: { 200: StreamConfiguration } } },
    async (request) => {
      const { stream_id: streamId, ...change } = request.body
      return streams.present(await streams.update(receiverOf(request), streamId, change))
    },
  )
  app.put(
    PATHS.configuration,
    { ...manage, schema: { tags, body: ChangedStream, response: { 200: StreamConfiguration } } },
    async (request) => {
      const { stream_id: streamId, ...change } = request.body
      return streams.present(await streams.replace(receiverOf(request), streamId, change))
    },
  )
  app.delete(
    PATHS.configuration,
    { ...manage, schema: { tags, querystring: ofStream } },
    async (request, reply) => {
      await streams.remove(receiverOf(request), request.query.stream_id)
      return reply.code(204).send()
    },
  )

  app.get(
    PATHS.status,
    { ...read, schema: { tags, querystring: ofStream, response: { 200: StreamStatus } } },
    async (request) => statusOf(await streams.own(receiverOf(request), request.query.stream_id)),
  )
  app.post(
    PATHS.status,
    { ...manage, schema: { tags, body: StreamStatus, response: { 200: StreamStatus } } },
    async (request) => {
      const { stream_id: streamId, status, reason } = request.body
      return statusOf(await streams.setStatus(receiverOf(request), streamId, status, reason))
    },
  )

  app.post(
    PATHS.verification,
    {
      ...manage,
      schema: { tags, body: Type.Object({ stream_id: StreamId, state: Type.Optional(Text(1024)) }) },
    },
    async (request, reply) => {
      const { stream_id: streamId, state } = request.body
      await streams.verify(receiverOf(request), streamId, state)
      return reply.code(204).send()
    },
  )

  app.post(PATHS.addSubject, { ...manage, schema: { tags, body: Subject } }, async (request, reply) => {
    const { stream_id: streamId, subject } = request.body
    await streams.changeSubject(receiverOf(request), streamId, subject, 'add')
    return reply.code(200).send()
  })
  app.post(PATHS.removeSubject, { ...manage, schema: { tags, body: Subject } }, async (request, reply) => {
    const { stream_id: streamId, subject } = request.body
    await streams.changeSubject(receiverOf(request), streamId, subject, 'remove')
    return reply.code(204).send()
  })
}

function statusOf({ streamId, status, statusReason }: Awaited<ReturnType<Streams['own']>>) {
  return { stream_id: streamId, status, ...(statusReason === undefined ? {} : { reason: statusReason }) }
}
