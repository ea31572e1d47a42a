import { PassThrough } from 'node:stream'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { Calls } from '../carrier/calls.ts'
import type { Personas } from '../personas/personas.ts'
import { toE164, WRITTEN_NUMBER } from '../phone-numbers.ts'
import type { Arrivals } from './arrivals.ts'
import { codeIn } from './codes.ts'
import type { Message } from './messages.ts'
import type { News } from './news.ts'
import { phonePage, phonesPage } from './pages.ts'
import type { MessageStore } from './store.ts'

interface Dependencies {
  store: MessageStore
  news: News
  arrivals: Arrivals
  calls: Calls
  personas: Personas
}

const SHOWN = 50
const HEARTBEAT = 15_000
/** A reader that takes nothing is let go; its page asks again when it comes back. */
const MAXIMUM_UNREAD_BYTES = 65_536

const Number_ = Type.String({
  pattern: WRITTEN_NUMBER,
  description: 'E.164 or plain digits, 555-0100 to 555-0199 of any area code',
})
const Params = Type.Object({ number: Number_ })
const Query = Type.Object(
  {
    after: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,15}$', description: 'the cursor of an earlier answer' }),
    ),
    wait: Type.Optional(Type.String({ pattern: '^([0-5]?[0-9]|60)$', description: 'seconds, 60 at most' })),
  },
  { additionalProperties: false },
)
const Received = Type.Object({
  id: Type.String(),
  cursor: Type.Integer(),
  channel: Type.Union([Type.Literal('text'), Type.Literal('call')]),
  from: Type.String(),
  to: Type.String(),
  body: Type.String({ description: 'the text, or everything that was said in the call' }),
  code: Type.Union([Type.String(), Type.Null()]),
  receivedAt: Type.String(),
  status: Type.String(),
})
const ReceivedList = Type.Object({ messages: Type.Array(Received), cursor: Type.Integer() })
const Keys = Type.Object(
  { keys: Type.String({ pattern: '^[0-9*#]{1,32}$' }) },
  { additionalProperties: false },
)

/** A phone number is part of these paths, so their request lines stay out of the log. */
const QUIET = { logLevel: 'warn' } as const

function received(message: Message) {
  const { id, channel, from, to, body, status } = message
  return {
    id,
    cursor: message.cursor ?? 0,
    channel,
    from,
    to,
    body,
    code: codeIn(message) ?? null,
    receivedAt: new Date(message.receivedAt ?? message.createdAt).toISOString(),
    status,
  }
}

export function addPhoneRoutes(app: App, { store, news, arrivals, calls, personas }: Dependencies): void {
  app.get('/phones', { ...QUIET, schema: { hide: true } }, async (_request, reply) => {
    const [messages, numbers] = await Promise.all([store.newest(SHOWN), store.numbers()])
    return reply.page(phonesPage({ messages, numbers, personas, csrf: reply.csrfToken() }))
  })

  app.get('/phones/:number', { ...QUIET, schema: { hide: true, params: Params } }, async (request, reply) => {
    const number = toE164(request.params.number)
    const messages = await store.newest(SHOWN, number)
    return reply.page(phonePage({ number, messages, personas, csrf: reply.csrfToken() }))
  })

  app.get(
    '/phones/:number/messages',
    {
      ...QUIET,
      schema: {
        summary: 'What reached a phone after a cursor; waits until something does',
        params: Params,
        querystring: Query,
        response: { 200: ReceivedList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { after, wait = '0' } = request.query
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const messages = await arrivals.await({
        number: toE164(request.params.number),
        ...(after === undefined ? {} : { after: Number(after) }),
        wait: Number(wait) * 1_000,
        gone: gone.signal,
      })
      reply.header('cache-control', 'no-store')
      return { messages: messages.map(received), cursor: messages.at(-1)?.cursor ?? Number(after ?? 0) }
    },
  )

  app.get(
    '/phones/events',
    {
      ...QUIET,
      schema: {
        summary: 'Server-sent events: which message came or changed',
        querystring: Type.Object({ number: Type.Optional(Number_) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const number = request.query.number && toE164(request.query.number)
      const stream = new PassThrough()
      const stop = news.listen(({ id, channel, to, status }) => {
        if (number && to !== number) return
        if (stream.writableLength > MAXIMUM_UNREAD_BYTES) return end()
        stream.write(`event: message\ndata: ${JSON.stringify({ id, number: to, channel, status })}\n\n`)
      })
      const heartbeat = setInterval(() => stream.write(': here\n\n'), HEARTBEAT)
      function end(): void {
        clearInterval(heartbeat)
        stop()
        news.closing.removeEventListener('abort', end)
        stream.end()
      }
      reply.raw.once('close', end)
      news.closing.addEventListener('abort', end)
      stream.write('retry: 1000\n\n')
      return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream)
    },
  )

  app.post(
    '/phones/:number/calls/:id/keys',
    {
      ...QUIET,
      schema: {
        summary: 'Press keys during a call',
        params: Type.Object({ number: Number_, id: Type.String() }),
        body: Keys,
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const call = await store.find(request.params.id)
      if (call?.channel !== 'call' || call.to !== number) throw new Refusal('not_found')
      if (!calls.press(call.id, request.body.keys)) throw new Refusal('call_ended')
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      if (isForm) return reply.redirect(`/phones/${number}`, 303)
      return reply.code(204).send()
    },
  )
}
