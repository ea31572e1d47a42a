import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { ApprovalStore } from '../approvals/store.ts'
import type { AuthenticatorApp } from '../authenticator-app/authenticator-app.ts'
import { authenticatorAppSection } from '../authenticator-app/pages.ts'
import type { Calls } from '../carrier/calls.ts'
import { sendEvents } from '../event-stream.ts'
import { longPoll, WaitQuery } from '../long-poll.ts'
import type { News } from '../news.ts'
import type { Personas } from '../personas/personas.ts'
import { toE164, WRITTEN_NUMBER } from '../phone-numbers.ts'
import { codeIn } from './codes.ts'
import type { Message } from './messages.ts'
import { phonePage, phonesPage } from './pages.ts'
import type { MessageStore } from './store.ts'

interface Dependencies {
  store: MessageStore
  approvals: Pick<ApprovalStore, 'newest'>
  authenticatorApp: AuthenticatorApp
  news: News
  calls: Calls
  personas: Personas
}

const SHOWN = 50

const Number_ = Type.String({
  pattern: WRITTEN_NUMBER,
  description: 'E.164 or plain digits, 555-0100 to 555-0199 of any area code',
})
const Params = Type.Object({ number: Number_ })
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

export function addPhoneRoutes(
  app: App,
  { store, approvals, authenticatorApp, news, calls, personas }: Dependencies,
): void {
  app.get('/phones', { ...QUIET, schema: { hide: true } }, async (_request, reply) => {
    const [messages, asked, numbers] = await Promise.all([
      store.newest(SHOWN),
      approvals.newest(SHOWN),
      store.numbers(),
    ])
    return reply.page(phonesPage({ messages, approvals: asked, numbers, personas, csrf: reply.csrfToken() }))
  })

  app.get('/phones/:number', { ...QUIET, schema: { hide: true, params: Params } }, async (request, reply) => {
    const number = toE164(request.params.number)
    const [messages, asked, accounts] = await Promise.all([
      store.newest(SHOWN, number),
      approvals.newest(SHOWN, number),
      authenticatorApp.show(number),
    ])
    const csrf = reply.csrfToken()
    const section = authenticatorAppSection({ number, accounts, csrf })
    return reply.page(
      phonePage({ number, messages, approvals: asked, personas, csrf, authenticatorApp: section }),
    )
  })

  app.get(
    '/phones/:number/messages',
    {
      ...QUIET,
      schema: {
        summary: 'What reached a phone after a cursor; waits until something does',
        params: Params,
        querystring: WaitQuery,
        response: { 200: ReceivedList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const messages = await longPoll(reply, request.query, {
        news,
        concerns: ({ channel, to }) => to === number && (channel === 'text' || channel === 'call'),
        after: (cursor, limit) => store.arrivedAfter(number, cursor, limit),
        last: (limit) => store.lastArrived(number, limit),
      })
      const cursor = messages.at(-1)?.cursor ?? Number(request.query.after ?? 0)
      return { messages: messages.map(received), cursor }
    },
  )

  app.get(
    '/phones/events',
    {
      ...QUIET,
      schema: {
        summary: 'Server-sent events: which text, call or approval came or changed',
        querystring: Type.Object({ number: Type.Optional(Number_) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const number = request.query.number && toE164(request.query.number)
      return sendEvents(reply, news, ({ id, channel, to, status }) =>
        channel === 'mail' || channel === 'letter' || (number && to !== number)
          ? undefined
          : { id, number: to, channel, status },
      )
    },
  )

  app.post(
    '/phones/:number/calls/:id/keys',
    {
      ...QUIET,
      schema: {
        summary: 'Press keys during a call',
        params: Type.Object({ number: Number_, id: Type.String({ pattern: '^\\w{1,64}$' }) }),
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
