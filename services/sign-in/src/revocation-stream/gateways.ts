// Which gateways there are, and what each enforces: for the administrator's answer "in force on n of n gateways". Nothing
// that a gateway lets through depends on it.

import type { Acknowledgement, GatewayEnforcement } from '@gatehouse/contracts/revocations'
import { LONGEST_SILENCE_MS } from '@gatehouse/contracts/revocations'

/** A gateway that was not heard of for so long is gone. */
export const FORGOTTEN_AFTER_MS = 10_000
/** How many acknowledgements of a gateway are remembered with their time. */
const REMEMBERED = 64

interface Gateway {
  name: string
  epoch: string
  /** By the clock of `performance.now()`. */
  heardAt: number
  /** What it acknowledged and when it first did, the newest last. */
  reached: { sequence: number; at: number }[]
}

export interface Gateways {
  /** @param heardAt by the clock of `performance.now()` */
  heard(acknowledgement: Acknowledgement, heardAt: number): void
  /**
   * Waits until every gateway that was heard of within the last second enforces the rule, and at most until the deadline.
   *
   * @param publishedAt by the clock of `performance.now()`
   * @param deadlineMs counted from `publishedAt`
   */
  enforcement(rule: RuleNumber, publishedAt: number, deadlineMs: number): Promise<GatewayEnforcement[]>
  /** Ends all waiting. */
  close(): void
}

interface RuleNumber {
  epoch: string
  sequence: number
}

export function createGateways(): Gateways {
  const gateways = new Map<string, Gateway>()
  const waiting = new Set<() => void>()
  let isClosed = false

  function forget(): void {
    for (const [id, { heardAt }] of gateways) {
      if (performance.now() - heardAt > FORGOTTEN_AFTER_MS) gateways.delete(id)
    }
  }

  /** When the gateway first acknowledged the rule or a later one, as far as remembered. */
  function reachedAt({ epoch, reached }: Gateway, rule: RuleNumber): number | undefined {
    if (epoch !== rule.epoch) return undefined
    return reached.find(({ sequence }) => sequence >= rule.sequence)?.at
  }

  return {
    heard({ gateway: id, name, epoch, sequence }, heardAt) {
      const known = gateways.get(id)
      // The same may come again, and late, by way of another process.
      const isLate = known !== undefined && heardAt < known.heardAt
      if (isLate && known.epoch !== epoch) return
      const reached = known?.epoch === epoch ? known.reached : []
      if (sequence > (reached.at(-1)?.sequence ?? -1)) reached.push({ sequence, at: heardAt })
      if (reached.length > REMEMBERED) reached.shift()
      gateways.set(id, { name, epoch, heardAt: isLate ? known.heardAt : heardAt, reached })
      forget()
      for (const look of waiting) look()
    },

    async enforcement(rule, publishedAt, deadlineMs) {
      forget()
      const asked = [...gateways.keys()]
      const isSettled = () =>
        asked.every((id) => {
          const gateway = gateways.get(id)
          if (!gateway || reachedAt(gateway, rule) !== undefined) return true
          return performance.now() - gateway.heardAt > LONGEST_SILENCE_MS
        })
      await settled(isSettled, publishedAt + deadlineMs - performance.now())
      return asked.flatMap((id): GatewayEnforcement[] => {
        const gateway = gateways.get(id)
        if (!gateway) return []
        const at = reachedAt(gateway, rule)
        const { name } = gateway
        if (at === undefined) return [{ gateway: id, name, state: 'refusing-everything', milliseconds: null }]
        return [{ gateway: id, name, state: 'in-force', milliseconds: Math.max(0, at - publishedAt) }]
      })
    },

    close() {
      isClosed = true
      for (const look of waiting) look()
    },
  }

  function settled(isSettled: () => boolean, milliseconds: number): Promise<void> {
    if (isSettled() || isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        waiting.delete(look)
        resolve()
      }
      const look = () => {
        if (isClosed || isSettled()) end()
      }
      const timer = setTimeout(end, Math.max(0, milliseconds))
      waiting.add(look)
    })
  }
}
