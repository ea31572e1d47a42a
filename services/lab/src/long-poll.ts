// Waiting for what comes to a phone or a tray: a test asks once and is answered the moment something does.
import type { FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Change, News } from './news.ts'

/** How many items one answer holds. */
const PAGE = 100

export const WaitQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,15}$', description: 'the cursor of an earlier answer' }),
    ),
    wait: Type.Optional(Type.String({ pattern: '^([0-5]?[0-9]|60)$', description: 'seconds, 60 at most' })),
  },
  { additionalProperties: false },
)

interface Wanted<Item> {
  news: News
  /** Whether a change may bring something new. */
  concerns(change: Change): boolean
  /** At most `limit` items that came after `cursor`, oldest first. */
  after(cursor: number, limit: number): Promise<Item[]>
  /** The last items, oldest first: the answer to whoever has no cursor yet. */
  last(limit: number): Promise<Item[]>
}

/** What came after the cursor of the query; empty when nothing does in time, or the one who asked has gone. */
export async function longPoll<Item>(
  reply: FastifyReply,
  { after, wait = '0' }: Static<typeof WaitQuery>,
  wanted: Wanted<Item>,
): Promise<Item[]> {
  reply.header('cache-control', 'no-store')
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const milliseconds = Number(wait) * 1_000
  const read = () => (after === undefined ? wanted.last(PAGE) : wanted.after(Number(after), PAGE))
  const end = AbortSignal.any([AbortSignal.timeout(milliseconds), gone.signal, wanted.news.closing])
  // Listening starts before the first look, so that nothing can come unnoticed in between.
  let changed = Promise.withResolvers<void>()
  const stop = wanted.news.listen((change) => {
    if (wanted.concerns(change)) changed.resolve()
  })
  end.addEventListener('abort', () => changed.resolve(), { once: true })
  try {
    for (;;) {
      const items = await read()
      if (items.length > 0 || end.aborted || milliseconds === 0) return items
      await changed.promise
      changed = Promise.withResolvers<void>()
      if (end.aborted) return gone.signal.aborted ? [] : await read()
    }
  } finally {
    stop()
  }
}
