import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { type AuthenticatorApp, authenticatorAppOf } from './authenticator-app.ts'

export type Channel = 'text' | 'call'

interface Received {
  messages: { channel: Channel; code: string | null }[]
  cursor: number
}

interface Asked {
  approvals: { id: string; cursor: number; state: string }[]
  cursor: number
}

/** One phone of the lab, from now on: what came before is not looked at. */
export interface Phone extends AuthenticatorApp {
  /**
   * Waits for the next code.
   *
   * @param channel how it is to come; what comes the other way is passed over
   * @throws Error when none comes within `seconds`
   */
  nextCode(channel?: Channel, seconds?: number): Promise<string>
  /**
   * Waits for the next question of a provider's app, and answers it.
   *
   * @throws Error when none comes within `seconds`, or the lab does not take the answer
   */
  approve(decision?: 'approve' | 'deny', seconds?: number): Promise<void>
}

/** A caller says the code a moment after the call has come. */
const BETWEEN_LOOKS = 100

/** Picks up the phone with this number (E.164) at the lab. */
export async function pickUpPhone(urls: Pick<ServiceUrls, 'lab'>, number: string): Promise<Phone> {
  const phone = `${urls.lab}/phones/${encodeURIComponent(number)}`
  async function read<What>(what: 'messages' | 'approvals', query: Record<string, string>): Promise<What> {
    const response = await fetch(`${phone}/${what}?${new URLSearchParams(query)}`)
    if (!response.ok) throw new Error(`the lab answered ${response.status} about the ${what} of a phone`)
    return (await response.json()) as What
  }

  const [messagesSoFar, approvalsSoFar] = await Promise.all([
    read<Received>('messages', {}),
    read<Asked>('approvals', {}),
  ])
  let { cursor } = messagesSoFar
  let asked = approvalsSoFar.cursor
  return {
    ...authenticatorAppOf(urls, number),
    async nextCode(channel = 'text', seconds = 30) {
      const end = performance.now() + seconds * 1000
      for (;;) {
        const wait = Math.max(0, Math.ceil((end - performance.now()) / 1000))
        const { messages, cursor: next } = await read<Received>('messages', {
          after: String(cursor),
          wait: String(wait),
        })
        const code = messages.findLast((message) => message.channel === channel && message.code)?.code
        if (code) {
          cursor = next
          return code
        }
        if (performance.now() >= end) throw new Error(`no ${channel} with a code came within ${seconds} s`)
        await pause(BETWEEN_LOOKS)
      }
    },
    async approve(decision = 'approve', seconds = 30) {
      const end = performance.now() + seconds * 1000
      let open: Asked['approvals'][number] | undefined
      while (!open) {
        const wait = Math.max(0, Math.ceil((end - performance.now()) / 1000))
        const { approvals } = await read<Asked>('approvals', { after: String(asked), wait: String(wait) })
        open = approvals.find(({ state }) => state === 'pending')
        asked = open?.cursor ?? approvals.at(-1)?.cursor ?? asked
        if (!open && performance.now() >= end) throw new Error(`no question came within ${seconds} s`)
      }
      const response = await fetch(`${phone}/approvals/${open.id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ decision }),
      })
      if (!response.ok) throw new Error(`the lab answered ${response.status} to ${decision}`)
    },
  }
}
