import type TwilioClient from 'twilio/lib/rest/Twilio.js'
import type { CarrierAccount } from './carrier-account.ts'

/** The carrier did not take a text or call. Holds no number, code or message text. */
export class CarrierRefused extends Error {
  readonly code: 'phone_number_not_usable' | 'delivery_failed'
  /** For the log: the carrier's status and error number, or the network's word. */
  readonly reason: { status?: number; carrierCode?: number; network?: string }

  constructor(code: CarrierRefused['code'], reason: CarrierRefused['reason']) {
    super(`the carrier did not take it: ${code}`)
    this.code = code
    this.reason = reason
  }
}

export interface Carrier {
  /**
   * @param statusCallback where the carrier reports what becomes of it
   * @returns the carrier's word for how far along it is
   * @throws CarrierRefused
   */
  text(message: {
    to: string
    body: string
    validitySeconds: number
    statusCallback: string
  }): Promise<string>
  /** @param url where the carrier asks what to say; never holds a code */
  call(call: { to: string; url: string; statusCallback: string }): Promise<string>
}

/** Below the 5 seconds that calling services wait, so that they hear what became of it. */
const TIMEOUT = 4_000

// Twilio's error numbers that are about the number, not about the sending: 21211 and 21217 not a valid number,
// 21214 cannot be called, 21610 has opted out, 21614 cannot take texts.
const NUMBER_NOT_USABLE = new Set([21211, 21214, 21217, 21610, 21614])

function refusalOf(error: unknown): CarrierRefused {
  // Only these members: the rest of such an error holds the request, with the number and the code.
  const { status, code } = error as { status?: unknown; code?: unknown }
  if (typeof code === 'number' && NUMBER_NOT_USABLE.has(code)) {
    return new CarrierRefused('phone_number_not_usable', { carrierCode: code })
  }
  return new CarrierRefused('delivery_failed', {
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof code === 'number' ? { carrierCode: code } : {}),
    ...(typeof code === 'string' ? { network: code } : {}),
  })
}

/** Sends through Twilio's own client, to Twilio or to the lab. Nothing is tried twice: a text might arrive twice. */
export function createCarrier(account: CarrierAccount): Carrier {
  let loading: Promise<TwilioClient> | undefined

  async function connect(): Promise<TwilioClient> {
    // The package's main module loads all of Twilio's products; this one loads those that are used. Even so it takes
    // 200 ms and 33 MB (axios, mostly), so it waits for the first send.
    const { default: Twilio } = await import('twilio/lib/rest/Twilio.js')
    const client = new Twilio(account.accountSid, account.authToken, { timeout: TIMEOUT })
    if (account.labUrl) client.api.baseUrl = account.labUrl
    return client
  }

  async function take(
    send: (client: TwilioClient) => Promise<{ sid: string; status: string }>,
  ): Promise<string> {
    loading ??= connect()
    const client = await loading
    const taken = await send(client).catch((error: unknown) => {
      throw refusalOf(error)
    })
    if (!taken.sid) throw new CarrierRefused('delivery_failed', {})
    return taken.status
  }

  return {
    text: ({ to, body, validitySeconds, statusCallback }) =>
      take((client) =>
        client.messages.create({
          to,
          from: account.from,
          body,
          validityPeriod: validitySeconds,
          statusCallback,
        }),
      ),
    call: ({ to, url, statusCallback }) =>
      take((client) =>
        client.calls.create({
          to,
          from: account.from,
          url,
          method: 'POST',
          statusCallback,
          statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        }),
      ),
  }
}
