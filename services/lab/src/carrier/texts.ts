// Simulated delivery of texts: queued, sent, delivered. What must always hold: a text is stored before the API answers,
// and no callback holds up an answer or another text.
import { randomBytes } from 'node:crypto'
import type { News } from '../news.ts'
import { faultOf } from '../phone-numbers.ts'
import type { Message, MessageChange } from '../phones/messages.ts'
import type { MessageStore } from '../phones/store.ts'
import type { ApplicationRequests } from './application-requests.ts'
import { API_VERSION } from './resources.ts'
import { TwilioError } from './twilio-errors.ts'

export interface NewText {
  from: string
  to: string
  body: string
  statusCallback?: string
}

interface Dependencies {
  accountSid: string
  store: MessageStore
  news: News
  requests: ApplicationRequests
  onTrouble: (error: unknown) => void
}

export interface Texts {
  /**
   * Stores the text; delivery goes on by itself.
   *
   * @throws TwilioError when the phone's fault says so
   */
  send(text: NewText): Promise<Message>
  /** Goes on with what was under way when the process ended. */
  resume(text: Message): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/** Twilio's "Unreachable destination handset". */
const UNREACHABLE = 30003

export function createTexts({ accountSid, store, news, requests, onTrouble }: Dependencies): Texts {
  const underWay = new Set<Promise<void>>()

  async function deliver(text: Message): Promise<void> {
    const { statusCallback } = text.application
    let reports = Promise.resolve()
    function report({ status, errorCode }: Message): void {
      if (!statusCallback) return
      const parameters = {
        AccountSid: accountSid,
        ApiVersion: API_VERSION,
        From: text.from,
        MessageSid: text.id,
        MessageStatus: status,
        SmsSid: text.id,
        SmsStatus: status,
        To: text.to,
        ...(errorCode === null ? {} : { ErrorCode: String(errorCode) }),
      }
      // In order, one after the other; delivery itself does not wait for them.
      reports = reports.then(() => requests.report(statusCallback, 'POST', parameters))
    }
    async function step(change: MessageChange, how: 'change' | 'arrive' = 'change'): Promise<void> {
      const changed = await store[how](text.id, change)
      news.announce(changed)
      report(changed)
    }
    if (text.status === 'queued') await step({ status: 'sent' })
    if (faultOf(text.to) === 'undelivered') await step({ status: 'undelivered', errorCode: UNREACHABLE })
    else await step({ status: 'delivered' }, 'arrive')
    await reports
  }

  function start(text: Message): void {
    // What breaks off here is unfinished in the store, and the next start resumes it.
    const delivery = deliver(text)
      .catch(onTrouble)
      .finally(() => underWay.delete(delivery))
    underWay.add(delivery)
  }

  return {
    async send({ from, to, body, statusCallback }) {
      const fault = faultOf(to)
      if (fault === 'carrier-down') throw new TwilioError(20503)
      if (fault === 'opted-out') throw new TwilioError(21610)
      if (fault === 'landline') throw new TwilioError(21614)
      const application = statusCallback ? { statusCallback } : {}
      const id = `SM${randomBytes(16).toString('hex')}`
      const text = await store.add({ id, channel: 'text', from, to, body, application })
      news.announce(text)
      start(text)
      return text
    },
    resume: start,
    settled: async () => void (await Promise.allSettled(underWay)),
  }
}
