// What was verified for whom, for administrators: of the numbers only what the result page showed.

import { type KeptVerification, KeptVerificationQuery, KeptVerifications } from '@gatehouse/contracts/cbsv'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import type { App } from '@gatehouse/http/service'
import type { Kysely } from 'kysely'
import { Type } from 'typebox'

/** The place of a row: newest submissions first, the rows of one as they were sent. */
const Position = Type.Tuple([Type.Integer(), Type.String(), Type.Integer()])
type Place = [requestedAt: number, submissionId: string, row: number]

interface Tables {
  verifications: Omit<KeptVerification, 'result'> & {
    submissionId: string
    row: number
    result: KeptVerification['result']
  }
}

export function addKeptVerificationRoutes(app: App, anyDatabase: Kysely<never> | Kysely<unknown>): void {
  const database = anyDatabase as unknown as Kysely<Tables>

  function kept(bsoUserId: string, ein: string | undefined, after: Place | undefined, atMost: number) {
    const [requestedAt, submissionId, row] = after ?? [0, '', 0]
    return database
      .selectFrom('verifications')
      .selectAll()
      .where('bsoUserId', '=', bsoUserId)
      .$if(ein !== undefined, (query) => query.where('ein', '=', ein ?? ''))
      .$if(after !== undefined, (query) =>
        query.where((where) =>
          where.or([
            where('requestedAt', '<', requestedAt),
            where('requestedAt', '=', requestedAt).and('submissionId', '<', submissionId),
            where('requestedAt', '=', requestedAt)
              .and('submissionId', '=', submissionId)
              .and('row', '>', row),
          ]),
        ),
      )
      .orderBy('requestedAt', 'desc')
      .orderBy('submissionId', 'desc')
      .orderBy('row')
      .limit(atMost)
      .execute()
  }

  app.get(
    '/verifications',
    {
      onRequest: app.requireCaller('verifications.read'),
      schema: {
        summary: 'What a BSO User ID verified, newest first',
        querystring: KeptVerificationQuery,
        response: { 200: KeptVerifications, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { bsoUserId, ein, cursor, limit } = request.query
      const atMost = rowsOf(limit)
      const found = await kept(bsoUserId, ein, decodeCursor(cursor, Position), atMost + 1)
      const { rows, ...more } = cutPage(found, atMost, (one) => [one.requestedAt, one.submissionId, one.row])
      reply.header('cache-control', 'no-store')
      return { verifications: rows.map(({ submissionId: _, row: __, ...one }) => one), ...more }
    },
  )
}
