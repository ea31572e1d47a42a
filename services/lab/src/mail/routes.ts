import { EmailAddress, MailAccepted, MailRequest } from '@gatehouse/contracts/lab'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { sendEvents } from '../event-stream.ts'
import { longPoll, WaitQuery } from '../long-poll.ts'
import type { News } from '../news.ts'
import type { Personas } from '../personas/personas.ts'
import { linksIn, type Mail, trayOf } from './mails.ts'
import { trayPage, traysPage } from './pages.ts'
import type { MailStore } from './store.ts'

interface Dependencies {
  store: MailStore
  news: News
  personas: Personas
}

const SHOWN = 50
const TRAYS_SHOWN = 100

const Params = Type.Object({ address: EmailAddress })
const Received = Type.Object({
  id: Type.String(),
  cursor: Type.Integer(),
  from: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  links: Type.Array(Type.String(), { description: 'the web addresses in the text, in their order' }),
  receivedAt: Type.String(),
})
const ReceivedList = Type.Object({ messages: Type.Array(Received), cursor: Type.Integer() })

/** An address is part of these paths, so their request lines stay out of the log. */
const QUIET = { logLevel: 'warn' } as const

function received({ id, sequence, from, to, subject, text, receivedAt }: Mail) {
  const links = linksIn(text)
  return {
    id,
    cursor: sequence,
    from,
    to,
    subject,
    text,
    links,
    receivedAt: new Date(receivedAt).toISOString(),
  }
}

export function addMailRoutes(app: App, { store, news, personas }: Dependencies): void {
  app.post(
    '/mail',
    {
      onRequest: app.requireCaller('mail.write'),
      schema: {
        summary: 'Send a mail',
        body: MailRequest,
        response: { 201: MailAccepted, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const mail = await store.add(request.body)
      news.announce({ id: mail.id, channel: 'mail', to: mail.address, status: 'received' })
      return reply.code(201).send({ messageId: mail.id })
    },
  )

  app.get('/mail', { ...QUIET, schema: { hide: true } }, async (_request, reply) => {
    const [mails, trays] = await Promise.all([store.newest(SHOWN), store.trays(TRAYS_SHOWN)])
    return reply.page(traysPage({ mails, trays, personas }))
  })

  app.get('/mail/:address', { ...QUIET, schema: { hide: true, params: Params } }, async (request, reply) => {
    const address = trayOf(request.params.address)
    return reply.page(trayPage({ address, mails: await store.newest(SHOWN, address), personas }))
  })

  app.get(
    '/mail/:address/messages',
    {
      ...QUIET,
      schema: {
        summary: 'What came to a tray after a cursor; waits until something does',
        params: Params,
        querystring: WaitQuery,
        response: { 200: ReceivedList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const address = trayOf(request.params.address)
      const mails = await longPoll(reply, request.query, {
        news,
        concerns: ({ channel, to }) => channel === 'mail' && to === address,
        after: (cursor, limit) => store.after(address, cursor, limit),
        last: async (limit) => (await store.newest(limit, address)).reverse(),
      })
      const cursor = mails.at(-1)?.sequence ?? Number(request.query.after ?? 0)
      return { messages: mails.map(received), cursor }
    },
  )

  app.get(
    '/mail/events',
    {
      ...QUIET,
      schema: {
        summary: 'Server-sent events: which mail came',
        querystring: Type.Object({ address: Type.Optional(EmailAddress) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const address = request.query.address && trayOf(request.query.address)
      return sendEvents(reply, news, ({ id, channel, to }) =>
        channel !== 'mail' || (address && to !== address) ? undefined : { id, address: to },
      )
    },
  )
}
