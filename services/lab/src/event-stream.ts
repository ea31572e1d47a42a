import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Change, News } from './news.ts'

const HEARTBEAT = 15_000
/** A reader that takes nothing is let go; its page asks again when it comes back. */
const MAXIMUM_UNREAD_BYTES = 65_536

/**
 * Answers with server-sent events named `message` until the reader goes or the service closes.
 *
 * @param dataOf what is told of a change; `undefined` for what is not this reader's
 */
export function sendEvents(
  reply: FastifyReply,
  news: News,
  dataOf: (change: Change) => Record<string, string> | undefined,
): FastifyReply {
  const stream = new PassThrough()
  const stop = news.listen((change) => {
    const data = dataOf(change)
    if (!data) return
    if (stream.writableLength > MAXIMUM_UNREAD_BYTES) return end()
    stream.write(`event: message\ndata: ${JSON.stringify(data)}\n\n`)
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
}
