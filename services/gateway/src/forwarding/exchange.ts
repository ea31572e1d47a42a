import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import { clientHeaders } from './headers.ts'

const TIMEOUTS: ReadonlySet<string | undefined> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/**
 * One forwarded request: undici tells it what the upstream answers, and it passes that on as it comes, at the client's pace.
 * Ends in one of three ways: the whole answer, a refusal while nothing was sent yet, or a connection cut short, so that half
 * an answer never looks like a whole one.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #reply: FastifyReply
  readonly #response: ServerResponse
  readonly #onTokenRefused: () => void
  #controller: Dispatcher.DispatchController | undefined
  #isOver = false

  /** @param onTokenRefused called when the upstream answers 401, which is about the gateway's own token */
  constructor(reply: FastifyReply, onTokenRefused: () => void) {
    this.#reply = reply
    this.#onTokenRefused = onTokenRefused
    this.#response = reply.raw
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) this.#abort()
    })
  }

  /** Answers `refusal` in the upstream's place, or cuts the answer that has begun, and lets go of the upstream. */
  refuse(refusal: Refusal): void {
    if (this.#isOver) return
    const reply = this.#reply
    this.#abort()
    if (this.#response.headersSent) this.#response.destroy()
    else reply.send(refusal)
  }

  #abort(): void {
    this.#isOver = true
    this.#controller?.abort(new Error('the exchange is over'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // The client may have gone while the request waited for a connection.
    if (this.#isOver) controller.abort(new Error('the exchange is over'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200 || this.#isOver) return
    // A challenge is about the gateway's own token. The client's was checked here and is not what failed.
    if (status === 401) this.#onTokenRefused()
    if (status === 401 || headers['www-authenticate'] !== undefined) {
      this.refuse(upstreamFailure(new Error('the upstream did not accept the token of the gateway')))
      return
    }
    // In this order: what Node will not write (it throws) can still be answered as a failure of the upstream.
    this.#response.writeHead(status, clientHeaders(headers))
    this.#reply.hijack()
    // An answer of unknown length may be a stream of events: its beginning is not held back for the first byte.
    if (headers['content-length'] === undefined) this.#response.flushHeaders()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver || this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#response.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    this.refuse(upstreamFailure(error))
  }
}

function upstreamFailure(cause: Error & { code?: string }): Refusal {
  const refusal = new Refusal(TIMEOUTS.has(cause.code) ? 'upstream_timeout' : 'upstream_failed')
  refusal.cause = cause
  return refusal
}
