import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Acknowledgement, LONGEST_TOKEN_SECONDS, StoredUpTo } from '@gatehouse/contracts/revocations'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { readEventId, sendEvents } from './event-stream.ts'
import type { RuleLog } from './rule-log.ts'

/**
 * How long a stream stays open: the token that opened it was valid then, so it outlives it by no more than a token
 * lives. Whoever may still read comes back at once and has lost nothing.
 */
const LONGEST_STREAM_MS = LONGEST_TOKEN_SECONDS * 1_000

/** `GET /revocations` and `POST /revocations/acknowledgements`, as the contract has them. */
export function addRevocationStreamRoutes(
  app: App,
  ruleLog: RuleLog,
  { longestStreamMs = LONGEST_STREAM_MS } = {},
): void {
  const open = new Set<AbortController>()
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stream of open) stream.abort()
  })

  app.get(
    '/revocations',
    {
      onRequest: app.requireCaller('revocations.read'),
      // A stream is answered for minutes, and there are as many as gateways come back.
      logLevel: 'warn',
      exposeHeadRoute: false,
      schema: {
        summary: 'The stream of revocations, as server-sent events: snapshot, revocation, heartbeat',
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({ maxLength: 128, description: 'the last event that the gateway has applied' }),
          ),
        }),
        response: { '4xx': ProblemSchema, '5xx': ProblemSchema },
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const resume = readEventId(request.headers['last-event-id'])
      // Fails here, as a problem document, while the database does not answer.
      await ruleLog.newest(resume)
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value)
      }
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // Proxies that would collect the stream before they pass it on.
        'x-accel-buffering': 'no',
        // The connection has no other use afterwards, and closing does not wait for it.
        connection: 'close',
      })
      raw.flushHeaders()
      const stream = new AbortController()
      open.add(stream)
      if (isClosing) stream.abort()
      const timer = setTimeout(() => stream.abort(), longestStreamMs)
      raw.once('close', () => stream.abort())
      try {
        await sendEvents(raw, ruleLog, resume, stream.signal)
      } catch (error) {
        request.log.warn({ err: error }, 'a stream of revocations broke off')
        raw.destroy()
      } finally {
        clearTimeout(timer)
        open.delete(stream)
      }
    },
  )

  app.post(
    '/revocations/acknowledgements',
    {
      onRequest: app.requireCaller('revocations.read'),
      // Each gateway sends several a second.
      logLevel: 'warn',
      schema: {
        summary:
          'Acknowledge up to where a gateway enforces; the answer is what is stored, read after the request',
        body: Acknowledgement,
        response: { 200: StoredUpTo, '4xx': ProblemSchema },
      },
    },
    async (request) => ruleLog.acknowledge(request.body),
  )
}
