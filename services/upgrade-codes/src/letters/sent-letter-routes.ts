import { Owner } from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { SentLetterQuery, SentLetters } from '@gatehouse/contracts/upgrade-codes'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { type Letters, view } from './letters.ts'

const Position = Type.Tuple([Type.Integer(), Type.String()])

/** What was mailed to whom, for administrators: no secret, and no address. */
export function addSentLetterRoutes(app: App, letters: Pick<Letters, 'ofOwner'>): void {
  app.get(
    '/callers/:caller/owners/:owner/letters',
    {
      onRequest: app.requireCaller('letters.read'),
      schema: {
        summary: 'All letters of an owner at a service, newest first',
        params: Type.Object({ caller: Type.String({ minLength: 1, maxLength: 64 }), owner: Owner }),
        querystring: SentLetterQuery,
        response: { 200: SentLetters, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { caller, owner } = request.params
      const atMost = rowsOf(request.query.limit)
      const found = await letters.ofOwner(
        { caller, owner },
        atMost + 1,
        decodeCursor(request.query.cursor, Position),
      )
      const { rows, ...more } = cutPage(found, atMost, (row) => [row.requestedAt, row.letterId])
      reply.header('cache-control', 'no-store')
      return { letters: rows.map(view), ...more }
    },
  )
}
