import { EventEmitter } from 'node:events'

/** Something came to a phone, a mail tray or a letter box, or changed there. */
export interface Change {
  id: string
  channel: 'text' | 'call' | 'approval' | 'mail' | 'letter'
  /** The phone's number (E.164), the address in lower case, or the letter box. */
  to: string
  status: string
}

/** Tells whoever waits in this process that something came or changed. The truth is in the stores. */
export interface News {
  announce(change: Change): void
  /** Calls `listener` at each change until the function it gives back is called. */
  listen(listener: (change: Change) => void): () => void
  /** Aborted when the service closes, so that nobody waits on. */
  closing: AbortSignal
  close(): void
}

export function createNews(): News {
  const emitter = new EventEmitter().setMaxListeners(0)
  const end = new AbortController()
  return {
    announce: (change) => void emitter.emit('change', change),
    listen(listener) {
      emitter.on('change', listener)
      return () => void emitter.off('change', listener)
    },
    closing: end.signal,
    close: () => end.abort(),
  }
}
