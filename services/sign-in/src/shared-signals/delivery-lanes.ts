// Gets done what waits in a table. Each receiver has a lane of its own, so that one who does not answer keeps no other
// waiting. What was begun and not noted as done when the process was killed is due again later.

import type { FastifyBaseLogger } from 'fastify'

interface LaneParts {
  /** For the log: what is delivered here. */
  what: string
  /** The lanes in which something is due. */
  dueLanes(): Promise<string[]>
  /** Does the next that is due in a lane. False: nothing is. */
  next(lane: string, closing: AbortSignal): Promise<boolean>
  /** How many in one lane at once; default 1, which keeps them in order. */
  workers?: number
  log: Pick<FastifyBaseLogger, 'error'>
}

export interface DeliveryLanes {
  /** Says that something may be due; returns at once. */
  wake(): void
  /** Does what is due, and resolves when that is done. */
  deliverDue(): Promise<void>
  /** Stops; what is on its way is cut short. */
  close(): Promise<void>
}

/** Milliseconds after which all is looked through again: for what another process left, and for a moved clock. */
const LOOK_AGAIN = 1_000

export function createDeliveryLanes({ what, dueLanes, next, workers = 1, log }: LaneParts): DeliveryLanes {
  const closing = new AbortController()
  const lanes = new Map<string, Promise<void>>()
  /** Lanes in which something came to be due while they ran: they may have looked before that. */
  const again = new Set<string>()
  let looking: Promise<void> = Promise.resolve()
  /** Somebody woke us while we looked: look once more. */
  let isAskedAgain = false
  let isLooking = false

  async function work(lane: string): Promise<void> {
    while (!closing.signal.aborted && (await next(lane, closing.signal))) {
      // The next one.
    }
  }

  function begin(lane: string): void {
    if (lanes.has(lane)) {
      again.add(lane)
      return
    }
    const running = Promise.all(Array.from({ length: workers }, () => work(lane)))
      .then(() => {})
      .catch((error: unknown) => log.error({ err: error }, `${what}: delivering failed`))
      .finally(() => {
        lanes.delete(lane)
        if (again.delete(lane) && !closing.signal.aborted) begin(lane)
      })
    lanes.set(lane, running)
  }

  async function look(): Promise<void> {
    isLooking = true
    try {
      do {
        isAskedAgain = false
        for (const lane of await dueLanes()) if (!closing.signal.aborted) begin(lane)
      } while (isAskedAgain && !closing.signal.aborted)
    } catch (error) {
      if (!closing.signal.aborted) log.error({ err: error }, `${what}: what is due cannot be read`)
    } finally {
      isLooking = false
    }
  }

  function wake(): void {
    if (closing.signal.aborted) return
    if (isLooking) isAskedAgain = true
    else looking = look()
  }

  const timer = setInterval(wake, LOOK_AGAIN).unref()

  async function settled(): Promise<void> {
    await looking
    while (lanes.size > 0) await Promise.all(lanes.values())
  }

  return {
    wake,
    async deliverDue() {
      await settled()
      wake()
      await settled()
    },
    async close() {
      closing.abort()
      clearInterval(timer)
      await settled()
    },
  }
}
