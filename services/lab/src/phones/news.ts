import { EventEmitter } from 'node:events'
import type { Message } from './messages.ts'

/** Tells whoever waits in this process that a message came or changed. The truth is in the store. */
export interface News {
  announce(message: Message): void
  /** Calls `listener` at each change until the function it gives back is called. */
  listen(listener: (message: Message) => void): () => void
  /** Aborted when the service closes, so that nobody waits on. */
  closing: AbortSignal
  close(): void
}

export function createNews(): News {
  const emitter = new EventEmitter().setMaxListeners(0)
  const end = new AbortController()
  return {
    announce: (message) => void emitter.emit('change', message),
    listen(listener) {
      emitter.on('change', listener)
      return () => void emitter.off('change', listener)
    },
    closing: end.signal,
    close: () => end.abort(),
  }
}
