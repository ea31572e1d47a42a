// Our own forwarder on undici's dispatch: forwarding is what the gateway exists for, and the plugins that do it had six advisories in
// 2026. It streams both ways, buffers nothing, and sends nothing twice: undici itself repeats only what never left for the upstream.

import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Dispatcher, Pool } from 'undici'
import { Exchange } from './exchange.ts'
import { RequestBody } from './request-body.ts'

export interface Forwarder {
  /**
   * Sends the request to the upstream with `headers` (flat) and the upstream's answer to the client. Failures are answered
   * through `reply`: `body_too_large`, `upstream_failed`, `upstream_timeout`; `service_unavailable` when too many wait.
   *
   * @param onTokenRefused called when the upstream answers 401 to the token in `headers`
   * @returns the exchange, unless it ended at once
   */
  forward(
    request: FastifyRequest,
    reply: FastifyReply,
    headers: string[],
    onTokenRefused: () => void,
  ): Exchange | undefined
  close(): Promise<void>
}

interface ForwarderOptions {
  /** Where the upstream is reached, scheme and authority. */
  origin: string
  /** Bytes of a request's body. */
  largestBody: number
  /** Milliseconds: until connected; from the request's end to the answer's headers; between two pieces of its body. */
  timeouts: { connect: number; headers: number; body: number }
}

/** More at once wait for a free connection. */
const LARGEST_NUMBER_OF_CONNECTIONS = 128
/** Waiting requests. undici sets no bound itself: behind an upstream that hangs they would pile up. */
const LARGEST_NUMBER_WAITING = 1_000

export function createForwarder({ origin, largestBody, timeouts }: ForwarderOptions): Forwarder {
  const pool = new Pool(origin, {
    connections: LARGEST_NUMBER_OF_CONNECTIONS,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    allowH2: false,
  })

  // Counting what waits costs a walk over the connections, and is needed only while all of them are taken.
  let isTaken = false

  return {
    forward({ raw }, reply, headers, onTokenRefused) {
      if (isTaken && pool.stats.queued >= LARGEST_NUMBER_WAITING) {
        reply.send(new Refusal('service_unavailable', undefined, {}, { 'retry-after': '1' }))
        return undefined
      }
      const exchange = new Exchange(reply, onTokenRefused)
      const length = raw.headers['content-length']
      const hasBody =
        raw.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
      const tooLarge = () => exchange.refuse(new Refusal('body_too_large'))
      if (length !== undefined && Number(length) > largestBody) {
        tooLarge()
        return undefined
      }
      isTaken = !pool.dispatch(
        {
          path: raw.url as string,
          method: raw.method as Dispatcher.HttpMethod,
          headers,
          body: hasBody ? new RequestBody(raw, largestBody, tooLarge) : null,
        },
        exchange,
      )
      return exchange
    },
    close: () => pool.destroy(),
  }
}
