/** The keys that a person presses during a call, handed to whoever gathers them. */
export interface KeyPresses {
  press(keys: string): void
  /** The next key, or `undefined` when none comes in `milliseconds`. Rejects when `signal` aborts. */
  next(milliseconds: number, signal: AbortSignal): Promise<string | undefined>
}

export function createKeyPresses(): KeyPresses {
  const pressed: string[] = []
  let wake: (() => void) | undefined

  return {
    press(keys) {
      pressed.push(...keys)
      wake?.()
    },
    async next(milliseconds, signal) {
      signal.throwIfAborted()
      if (pressed.length === 0) {
        await new Promise<void>((resolve, reject) => {
          const end = (settle: () => void) => {
            clearTimeout(timer)
            signal.removeEventListener('abort', abort)
            wake = undefined
            settle()
          }
          const abort = () => end(() => reject(signal.reason))
          const timer = setTimeout(() => end(resolve), milliseconds)
          signal.addEventListener('abort', abort, { once: true })
          wake = () => end(resolve)
        })
      }
      return pressed.shift()
    },
  }
}
