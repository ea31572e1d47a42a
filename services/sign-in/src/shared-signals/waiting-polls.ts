// Receivers that wait for something to be told (RFC 8936 §2.1). What is put in by this process wakes them; what another
// process puts in they find when they look again.

/** Milliseconds between two looks. */
const LOOK_AGAIN = 1_000
/** Waiting at once in one stream; who is one too many is answered without waiting. */
const MOST_WAITING = 4

export function createWaitingPolls() {
  const waiting = new Map<string, Set<() => void>>()
  let isClosed = false

  return {
    /** Says that something may wait in a stream. */
    wake(streamId: string): void {
      for (const proceed of waiting.get(streamId) ?? []) proceed()
    },

    /**
     * Looks until there is something, the time is up, the receiver has gone, or the service closes.
     *
     * @param milliseconds at most, by the machine's own clock: nobody moves what a connection may last
     */
    async until<T>(
      streamId: string,
      milliseconds: number,
      gone: AbortSignal,
      look: () => Promise<T | undefined>,
    ): Promise<T | undefined> {
      const others = waiting.get(streamId) ?? new Set()
      if (others.size >= MOST_WAITING) return look()
      waiting.set(streamId, others)
      const endsAt = performance.now() + milliseconds
      let proceed = () => {}
      const awoken = () => proceed()
      others.add(awoken)
      gone.addEventListener('abort', awoken)
      try {
        for (;;) {
          // Before looking: what comes in while we look must not be slept through.
          const woken = new Promise<void>((resolve) => {
            proceed = resolve
          })
          const found = await look()
          const left = endsAt - performance.now()
          if (found !== undefined || left <= 0 || gone.aborted || isClosed) return found
          const timer = setTimeout(awoken, Math.min(left, LOOK_AGAIN))
          await woken
          clearTimeout(timer)
        }
      } finally {
        gone.removeEventListener('abort', awoken)
        others.delete(awoken)
        if (others.size === 0) waiting.delete(streamId)
      }
    },

    /** Lets all go. */
    close(): void {
      isClosed = true
      for (const streamId of waiting.keys()) this.wake(streamId)
    },
  }
}

export type WaitingPolls = ReturnType<typeof createWaitingPolls>
