/**
 * Messages between the processes of one service, for speed alone. They may be lost, come late, twice or out of order, and
 * whoever can write to the medium can make some up: a message is a reason to look into the database, never a fact.
 */
export interface Broadcast {
  /** Sends a JSON value to all subscribers, those of this process among them. Never waits and never fails. */
  publish(message: unknown): void
  /** @returns how to stop listening */
  subscribe(listener: (message: unknown) => void): () => void
  close(): Promise<void>
}

/** For a service that runs as one process. */
export function localBroadcast(): Broadcast {
  const listeners = new Set<(message: unknown) => void>()
  return {
    publish(message) {
      // Later, and as a copy, as it would be with other processes.
      const copy = structuredClone(message)
      setImmediate(() => {
        for (const listener of listeners) listener(copy)
      })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
    },
  }
}
