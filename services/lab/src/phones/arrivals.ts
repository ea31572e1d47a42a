// Waiting for what reaches a phone: a test asks once and is answered the moment something comes.
import type { Message } from './messages.ts'
import type { News } from './news.ts'
import type { MessageStore } from './store.ts'

/** How many messages one answer holds. */
const PAGE = 100

interface Wanted {
  /** E.164. */
  number: string
  /** Only what came after this; left out: the last that came, without waiting for more when there are any. */
  after?: number
  /** Milliseconds. */
  wait: number
  /** Aborted when whoever asked has gone. */
  gone: AbortSignal
}

export interface Arrivals {
  /** What reached the phone, oldest first; empty when nothing did in time. */
  await(wanted: Wanted): Promise<Message[]>
}

export function createArrivals(store: MessageStore, news: News): Arrivals {
  return {
    async await({ number, after, wait, gone }) {
      const read = () =>
        after === undefined ? store.lastArrived(number, PAGE) : store.arrivedAfter(number, after, PAGE)
      const end = AbortSignal.any([AbortSignal.timeout(wait), gone, news.closing])
      // Listening starts before the first look, so that nothing can come unnoticed in between.
      let changed = Promise.withResolvers<void>()
      const stop = news.listen((message) => {
        if (message.to === number) changed.resolve()
      })
      end.addEventListener('abort', () => changed.resolve(), { once: true })
      try {
        for (;;) {
          const messages = await read()
          if (messages.length > 0 || end.aborted || wait === 0) return messages
          await changed.promise
          changed = Promise.withResolvers<void>()
          if (end.aborted) return gone.aborted ? [] : await read()
        }
      } finally {
        stop()
      }
    },
  }
}
