import { SentCodes as SentCodePage, SentCodeSearch } from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { SentCodes } from './sent-codes.ts'

const Position = Type.Tuple([Type.Integer(), Type.String()])

export function addSentCodeRoutes(app: App, sentCodes: SentCodes): void {
  app.post(
    '/sent-codes/searches',
    {
      onRequest: app.requireCaller('challenges.read'),
      schema: {
        summary: 'The codes that were sent in the last 90 days, newest first, without any code',
        body: SentCodeSearch,
        response: { 200: SentCodePage, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { cursor, limit, ...whose } = request.body
      const atMost = rowsOf(limit)
      const found = await sentCodes.list(whose, atMost + 1, decodeCursor(cursor, Position))
      const { rows: codes, ...more } = cutPage(found, atMost, (code) => [code.requestedAt, code.challengeId])
      reply.header('cache-control', 'no-store')
      return { codes, ...more }
    },
  )
}
