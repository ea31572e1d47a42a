import type { AuditTrail } from '@gatehouse/audit/trail'
import {
  AuditEntries,
  AuditHead,
  AuditQuery,
  StretchVerification,
  VerificationQuery,
} from '@gatehouse/contracts/audit'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Type } from 'typebox'
import { cutPage, decodeCursor, rowsOf } from './cursors.ts'
import type { App } from './service.ts'

/** Entries that one request checks: done well before whoever asks gives up. */
const CHECKED_AT_ONCE = 20_000

const Position = Type.Tuple([Type.Integer({ minimum: 1 })])

/** The audit trail of the service over HTTP, for whoever has the scope `audit.read`. Nothing here adds or changes. */
export function addAuditTrail(app: App, trail: AuditTrail): void {
  const onRequest = app.requireCaller('audit.read')
  const failures = { '4xx': ProblemSchema, '5xx': ProblemSchema }

  app.get(
    '/audit-events',
    {
      onRequest,
      schema: {
        summary: 'What happened here, newest first',
        querystring: AuditQuery,
        response: { 200: AuditEntries, ...failures },
      },
    },
    async (request, reply) => {
      const { cursor, limit, since, until, ...filter } = request.query
      const before = decodeCursor(cursor, Position)?.[0]
      const rows = rowsOf(limit)
      const found = await trail.list({ ...filter, ...instants({ since, until }) }, rows + 1, before)
      const { rows: events, next } = cutPage(found, rows, ({ sequence }) => [sequence])
      reply.header('cache-control', 'no-store')
      return { events, ...(next === undefined ? {} : { next }) }
    },
  )

  app.get(
    '/audit-events/head',
    {
      onRequest,
      schema: {
        summary: 'The newest entry, to be noted elsewhere: from then on nobody cuts it off unnoticed',
        response: { 200: AuditHead, ...failures },
      },
    },
    async () => trail.head(),
  )

  app.get(
    '/audit-events/verification',
    {
      onRequest,
      schema: {
        summary: 'Checks a stretch of the chain, to its end or to the first entry that is broken',
        querystring: VerificationQuery,
        response: { 200: StretchVerification, ...failures },
      },
    },
    async (request) => trail.verify({ after: Number(request.query.after ?? 0), atMost: CHECKED_AT_ONCE }),
  )
}

function instants(given: { since: string | undefined; until: string | undefined }) {
  const { since, until } = given
  return {
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(until === undefined ? {} : { until: Number(until) }),
  }
}
