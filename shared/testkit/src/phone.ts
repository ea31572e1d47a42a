import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceUrls } from '@gatehouse/contracts/services'

export type Channel = 'text' | 'call'

interface Received {
  messages: { channel: Channel; code: string | null }[]
  cursor: number
}

/** One phone of the lab, from now on: what came before is not looked at. */
export interface Phone {
  /**
   * Waits for the next code.
   *
   * @param channel how it is to come; what comes the other way is passed over
   * @throws Error when none comes within `seconds`
   */
  nextCode(channel?: Channel, seconds?: number): Promise<string>
}

/** A caller says the code a moment after the call has come. */
const BETWEEN_LOOKS = 100

/** Picks up the phone with this number (E.164) at the lab. */
export async function pickUpPhone(urls: Pick<ServiceUrls, 'lab'>, number: string): Promise<Phone> {
  const address = `${urls.lab}/phones/${encodeURIComponent(number)}/messages`
  async function read(query: Record<string, string>): Promise<Received> {
    const response = await fetch(`${address}?${new URLSearchParams(query)}`)
    if (!response.ok) throw new Error(`the lab answered ${response.status} about the messages of a phone`)
    return (await response.json()) as Received
  }

  let { cursor } = await read({})
  return {
    async nextCode(channel = 'text', seconds = 30) {
      const end = performance.now() + seconds * 1000
      for (;;) {
        const wait = Math.max(0, Math.ceil((end - performance.now()) / 1000))
        const { messages, cursor: next } = await read({ after: String(cursor), wait: String(wait) })
        const code = messages.findLast((message) => message.channel === channel && message.code)?.code
        if (code) {
          cursor = next
          return code
        }
        if (performance.now() >= end) throw new Error(`no ${channel} with a code came within ${seconds} s`)
        await pause(BETWEEN_LOOKS)
      }
    },
  }
}
