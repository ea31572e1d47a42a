// Empties the outbox. Each URL has a lane of its own, so that one receiver who does not answer keeps no other waiting.
// What was sent and not yet noted as such when the process was killed is sent again.

import { now } from '@gatehouse/clock/clock'
import type { FastifyBaseLogger } from 'fastify'
import type { Delivery, Outbox } from './outbox.ts'

export interface DelivererParts {
  outbox: Outbox
  /** Gives the status of the answer, or that there was none. */
  send(delivery: Delivery, closing: AbortSignal): Promise<number | 'unreachable'>
  rules: {
    /** Milliseconds that sending may take at most. */
    timeoutMs: number
    /** What has had no answer is sent once more, after so many milliseconds. */
    retryWaitMs: number
    /** Attempts for one URL within `windowMs`; what is more waits. */
    mostPerWindow: number
    windowMs: number
  }
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
}

export interface Deliverer {
  /** Says that there may be something to send; returns at once. */
  wake(): void
  /** Sends what is due, and resolves when that is done. */
  deliverDue(): Promise<void>
  /** Stops sending; what is on its way is given back to the outbox. */
  close(): Promise<void>
}

/** How soon what waits is looked at again: a moved clock, too, is noticed by then. Milliseconds. */
const LOOK_AGAIN = 1_000
/** Unanswered twice is given up (fact sheet 7.1). */
const MOST_FAILURES = 2

export function createDeliverer({ outbox, send, rules, log }: DelivererParts): Deliverer {
  const closing = new AbortController()
  const lanes = new Map<string, Promise<void>>()
  let looking: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  async function lane(url: string): Promise<void> {
    while (!closing.signal.aborted) {
      const at = now()
      const rate = { most: rules.mostPerWindow, since: at - rules.windowMs }
      // Longer than sending can take: whoever takes it then knows that this process is gone.
      const delivery = await outbox.take(url, at, at + 2 * rules.timeoutMs, rate)
      if (!delivery) return
      await deliver(delivery)
    }
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const { jti, clientId, eventType, failures } = delivery
    const answer = await send(delivery, closing.signal)
    if (answer === 'unreachable') {
      if (closing.signal.aborted) return outbox.giveBack(jti, now(), failures)
      const isLast = failures + 1 >= MOST_FAILURES
      log.info({ jti, clientId, eventType, isLast }, 'a security event could not be delivered')
      return isLast
        ? outbox.end(jti, { state: 'unreachable', failures: failures + 1 })
        : outbox.giveBack(jti, now() + rules.retryWaitMs, failures + 1)
    }
    const state = answer >= 200 && answer < 300 ? 'accepted' : 'refused'
    log.info({ jti, clientId, eventType, status: answer }, `security event ${state}`)
    return outbox.end(jti, { state, status: answer, failures })
  }

  async function look(): Promise<void> {
    try {
      for (const url of await outbox.dueUrls(now())) {
        if (closing.signal.aborted) return
        if (!lanes.has(url))
          lanes.set(
            url,
            watched(lane(url)).finally(() => lanes.delete(url)),
          )
      }
      if (await outbox.isWaiting()) lookAgain()
    } catch (error) {
      log.error({ err: error }, 'the outbox of security events cannot be read')
      lookAgain()
    }
  }

  /** A lane that broke leaves what it took in the outbox. */
  function watched(running: Promise<void>): Promise<void> {
    return running.catch((error: unknown) => log.error({ err: error }, 'delivering security events failed'))
  }

  function lookAgain(): void {
    if (timer || closing.signal.aborted) return
    timer = setTimeout(() => {
      timer = undefined
      wake()
    }, LOOK_AGAIN).unref()
  }

  function wake(): void {
    if (!closing.signal.aborted) looking = looking.then(look)
  }

  async function settled(): Promise<void> {
    await looking
    await Promise.all(lanes.values())
  }

  return {
    wake,
    async deliverDue() {
      wake()
      await settled()
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      await settled()
    },
  }
}
