import { CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import { LetterBlock, LetterBoxKey, LetterDelivery } from '@gatehouse/contracts/lab'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { isCalendarDay } from '../calendar-day.ts'
import { sendEvents } from '../event-stream.ts'
import { longPoll, WaitQuery } from '../long-poll.ts'
import type { News } from '../news.ts'
import type { Personas } from '../personas/personas.ts'
import { letterPage } from './letter-page.ts'
import { arrivalOf, type Letter } from './letters.ts'
import { boxesPage, boxPage, letterPath } from './pages.ts'
import type { Postman } from './postman.ts'
import { createReturns, postRefusals } from './returns.ts'
import type { LetterStore } from './store.ts'

interface Dependencies {
  store: LetterStore
  postman: Postman
  news: News
  personas: Personas
  calls: ServiceCalls
}

const SHOWN = 50
const BOXES_SHOWN = 100
/** A letter at the limits of its schema: a PDF of 700,000 characters, and 60 blocks of text. */
const LARGEST_LETTER = 2_500_000

const LetterId = Type.String({ pattern: '^[\\w-]{1,64}$' })
const AtLetter = Type.Object({ letterId: LetterId })
const AtBox = Type.Object({ box: LetterBoxKey })
const Received = Type.Object({
  id: Type.String(),
  cursor: Type.Integer(),
  from: Type.String(),
  to: PostalAddress,
  subject: Type.String(),
  code: Type.String(),
  blocks: Type.Array(LetterBlock),
  printedOn: Type.String(),
  receivedAt: Type.String(),
  pdf: Type.String({ description: 'the path of the PDF' }),
})
const ReceivedList = Type.Object({ letters: Type.Array(Received), cursor: Type.Integer() })

/** An address is part of these paths, so their request lines stay out of the log. */
const QUIET = { logLevel: 'warn' } as const

function received(letter: Letter) {
  const { id, cursor, from, to, subject, code, blocks, printedOn } = letter
  return {
    id,
    cursor: cursor ?? 0,
    from,
    to,
    subject,
    code,
    blocks,
    printedOn,
    receivedAt: new Date(arrivalOf(letter)).toISOString(),
    pdf: `${letterPath(letter)}.pdf`,
  }
}

/** What a person reads when a letter could not be returned; everything else is not about the letter. */
function whyNotReturned(error: unknown): { status: number; text: string } | undefined {
  if (error instanceof Refusal && error.code === 'letter_not_open') {
    return {
      status: postRefusals.letter_not_open?.status ?? 409,
      text: 'Its code was used, cancelled or replaced before, so that it makes no difference any more.',
    }
  }
  if (error instanceof CallFailed) {
    return { status: 503, text: 'The service that sent it does not answer. Nothing has changed; try again.' }
  }
  return undefined
}

export function addPostRoutes(app: App, { store, postman, news, personas, calls }: Dependencies): void {
  const giveBack = createReturns(calls, store, postman)

  app.put(
    '/post/letters/:letterId',
    {
      onRequest: app.requireCaller('letters.write'),
      bodyLimit: LARGEST_LETTER,
      schema: {
        summary: 'Hand in a letter',
        params: AtLetter,
        body: LetterDelivery,
        response: { 204: Type.Null(), '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      if (!isCalendarDay(request.body.printedOn)) {
        const error = { field: 'body.printedOn', rule: 'must be a day of the calendar' }
        throw new Refusal('invalid_request', undefined, { errors: [error] })
      }
      await postman.handIn(request.params.letterId, request.body)
      return reply.code(204).send(null)
    },
  )

  app.get('/post', { ...QUIET, schema: { hide: true } }, async (_request, reply) => {
    await postman.look()
    const [letters, boxes] = await Promise.all([store.newest(SHOWN), store.boxes(BOXES_SHOWN)])
    return reply.page(boxesPage({ letters, boxes, personas }))
  })

  app.get('/post/:box', { ...QUIET, schema: { hide: true, params: AtBox } }, async (request, reply) => {
    await postman.look()
    const { box } = request.params
    return reply.page(boxPage({ box, letters: await store.newest(SHOWN, box), personas }))
  })

  app.get(
    '/post/:box/letters',
    {
      ...QUIET,
      schema: {
        summary: 'What came to a letter box after a cursor; waits until something does',
        params: AtBox,
        querystring: WaitQuery,
        response: { 200: ReceivedList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { box } = request.params
      const letters = await longPoll(reply, request.query, {
        news,
        concerns: ({ channel, to }) => channel === 'letter' && to === box,
        async after(cursor, limit) {
          await postman.look()
          return store.after(box, cursor, limit)
        },
        async last(limit) {
          await postman.look()
          return store.last(box, limit)
        },
      })
      const cursor = letters.at(-1)?.cursor ?? Number(request.query.after ?? 0)
      return { letters: letters.map(received), cursor }
    },
  )

  app.get(
    '/post/events',
    {
      ...QUIET,
      schema: {
        summary: 'Server-sent events: which letter came or changed',
        querystring: Type.Object({ box: Type.Optional(LetterBoxKey) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { box } = request.query
      return sendEvents(reply, news, ({ id, channel, to, status }) =>
        channel !== 'letter' || (box && to !== box) ? undefined : { id, box: to, status },
      )
    },
  )

  async function found(letterId: string): Promise<Letter> {
    await postman.look()
    const letter = await store.find(letterId)
    if (!letter) throw new Refusal('not_found')
    return letter
  }

  app.get('/post/letters/:letterId', { schema: { hide: true, params: AtLetter } }, async (request, reply) => {
    const letter = await found(request.params.letterId)
    return reply.page(letterPage({ letter, csrf: reply.csrfToken() }))
  })

  app.get(
    '/post/letters/:letterId.pdf',
    { schema: { summary: 'A letter that is in its box, as a PDF', params: AtLetter } },
    async (request, reply) => {
      await postman.look()
      const pdf = await store.pdf(request.params.letterId)
      if (!pdf) throw new Refusal('not_found')
      return reply
        .type('application/pdf')
        .headers({
          'cache-control': 'no-store',
          'content-disposition': 'inline; filename="letter.pdf"',
          'x-content-type-options': 'nosniff',
        })
        .send(pdf)
    },
  )

  app.post(
    '/post/letters/:letterId/return',
    {
      schema: {
        summary: 'Return a letter as undeliverable',
        params: AtLetter,
        body: Type.Object({}, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { letterId } = request.params
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      try {
        await giveBack(letterId)
      } catch (error) {
        const why = isForm ? whyNotReturned(error) : undefined
        if (!why) throw error
        const letter = await found(letterId)
        return reply.page(letterPage({ letter, csrf: reply.csrfToken(), error: why.text }), {
          status: why.status,
        })
      }
      return isForm ? reply.redirect(`/post/letters/${letterId}`, 303) : reply.code(204).send()
    },
  )
}
