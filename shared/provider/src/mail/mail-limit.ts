import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

/** Lets one mail of a kind go to whoever it is for, and the next only after a while. */
export interface MailLimit {
  /**
   * Sends unless one has just been sent; nobody is told which.
   *
   * @param send what it throws leaves the next one free to go
   */
  once(kind: string, whom: string, send: () => Promise<void>): Promise<void>
}

/** @param everyMs milliseconds from one mail to the next */
export function createMailLimit(keyValue: KeyValue, everyMs: number): MailLimit {
  return {
    async once(kind, whom, send) {
      const place = `mail/${kind}/${whom}`
      if ((await keyValue.increment(place, now() + everyMs)) > 1) return
      try {
        await send()
      } catch (error) {
        await keyValue.remove(place)
        throw error
      }
    },
  }
}
