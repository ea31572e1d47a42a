import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TArray, TObject } from 'typebox'
import type { Operation } from '../access/operation.ts'
import { csv } from './csv.ts'

/** Rows of one file at most; where a list is longer, the answer says where the next file begins. */
const MOST_ROWS = 10_000

export function wantsCsv(request: FastifyRequest, format: string | undefined): boolean {
  if (format !== undefined) return format === 'csv'
  return /^text\/csv\b/i.test(request.headers.accept ?? '')
}

interface Given {
  params?: unknown
  query?: object
  body?: unknown
}

function columnsOf({ answer, rows = '' }: Operation): string[] {
  const list = (answer as TObject).properties[rows] as TArray<TObject>
  return Object.keys(list.items.properties)
}

/**
 * Answers a list as a CSV file: one page where the caller says how long it may be, otherwise all of it. Where rows are
 * left, `Link` with `rel="next"` (RFC 8288) holds the cursor.
 *
 * @param call performs the operation
 */
export async function exportAll(
  reply: FastifyReply,
  name: string,
  operation: Operation,
  input: Given,
  call: (input: Given) => Promise<unknown> | undefined,
): Promise<FastifyReply> {
  const part = operation.method === 'GET' ? 'query' : 'body'
  const given = (input[part] ?? {}) as { limit?: unknown; cursor?: string }
  const most = given.limit === undefined ? MOST_ROWS : 0
  const rows: Record<string, unknown>[] = []
  let cursor = given.cursor
  do {
    const page = cursor === undefined ? given : { ...given, cursor }
    const answer = (await call({ ...input, [part]: page })) as { next?: string }
    rows.push(...((answer as Record<string, unknown>)[operation.rows ?? ''] as typeof rows))
    cursor = answer.next
  } while (cursor !== undefined && rows.length < most)
  if (cursor !== undefined) reply.header('link', `<?cursor=${cursor}>; rel="next"`)
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .serializer((text: string) => text)
    .send(csv(columnsOf(operation), rows))
}
