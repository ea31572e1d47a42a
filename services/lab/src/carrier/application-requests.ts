// Requests of the carrier to the application: TwiML is fetched and statuses are reported, each signed as Twilio signs
// (https://www.twilio.com/docs/usage/security#validating-requests).
import { setTimeout as delay } from 'node:timers/promises'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { MAXIMUM_TWIML_BYTES, TwimlError } from './twiml.ts'

const DEADLINE = 5_000
/** Waits before each further attempt at a status callback, in milliseconds. */
const RETRY_AFTER = [200, 1_000, 3_000]

export type Parameters = Record<string, string>

export interface ApplicationRequests {
  /**
   * Asks the application what a call shall say.
   *
   * @throws TwimlError when there is no usable answer
   */
  twiml(url: string, method: string, parameters: Parameters): Promise<string>
  /** Reports a status: tries a few times, then gives up. Never throws. */
  report(url: string, method: string, parameters: Parameters): Promise<void>
}

interface Dependencies {
  authToken: string
  fetch: typeof fetch
  /** Ends everything under way when the service closes. */
  closing: AbortSignal
  /** Called when an attempt failed, with a reason that holds no value. */
  onFailure: (what: string, attempt: number) => void
  retryAfter?: readonly number[]
}

export function createApplicationRequests({
  authToken,
  fetch,
  closing,
  onFailure,
  retryAfter = RETRY_AFTER,
}: Dependencies): ApplicationRequests {
  function send(address: string, method: string, parameters: Parameters): Promise<Response> {
    const target = new URL(address)
    const isPost = method !== 'GET'
    if (!isPost)
      for (const [name, value] of Object.entries(parameters)) target.searchParams.append(name, value)
    // The address is signed as it was given; normalizing it would break the receiver's check.
    const signed = isPost ? address : target.href
    return fetch(target, {
      method: isPost ? 'POST' : 'GET',
      headers: {
        'x-twilio-signature': getExpectedTwilioSignature(authToken, signed, isPost ? parameters : {}),
        accept: '*/*',
        'user-agent': 'TwilioProxy/1.1 (Gatehouse lab)',
      },
      ...(isPost ? { body: new URLSearchParams(parameters) } : {}),
      redirect: 'error',
      signal: AbortSignal.any([closing, AbortSignal.timeout(DEADLINE)]),
    })
  }

  async function reported(url: string, method: string, parameters: Parameters): Promise<boolean> {
    const response = await send(url, method, parameters)
    await response.body?.cancel()
    // A refusal will be one again; only a server in trouble is worth another try.
    return response.status < 500
  }

  return {
    async twiml(url, method, parameters) {
      let text: string
      try {
        const response = await send(url, method, parameters)
        text = await response.text()
        if (!response.ok) throw new TwimlError(`status ${response.status}`)
      } catch (error) {
        if (error instanceof TwimlError) throw error
        throw new TwimlError('no answer')
      }
      if (Buffer.byteLength(text) > MAXIMUM_TWIML_BYTES) throw new TwimlError('the document is too large')
      return text
    },
    async report(url, method, parameters) {
      for (let attempt = 0; attempt <= retryAfter.length && !closing.aborted; attempt += 1) {
        if (await reported(url, method, parameters).catch(() => false)) return
        onFailure('status callback', attempt + 1)
        const wait = retryAfter[attempt]
        if (wait !== undefined) await delay(wait, undefined, { signal: closing }).catch(() => {})
      }
    },
  }
}
