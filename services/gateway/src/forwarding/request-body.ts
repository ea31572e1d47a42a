import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * A request's body on its way to the upstream, read only as fast as the upstream takes it and only up to `largest` bytes.
 * It stands between undici and the client's connection, so that a failed upstream does not end the latter unanswered.
 */
export class RequestBody extends Readable {
  readonly #source: IncomingMessage
  readonly #largest: number
  readonly #onTooLarge: () => void
  #received = 0

  constructor(source: IncomingMessage, largest: number, onTooLarge: () => void) {
    super()
    this.#source = source
    this.#largest = largest
    this.#onTooLarge = onTooLarge
    source.on('data', this.#take).on('end', this.#finish).on('close', this.#abandon)
    source.pause()
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.off('data', this.#take).off('end', this.#finish).off('close', this.#abandon)
    // What still comes in is read and thrown away, so that the client gets to read the answer.
    this.#source.resume()
    done(error)
  }

  readonly #take = (chunk: Buffer) => {
    this.#received += chunk.length
    if (this.#received > this.#largest) this.#onTooLarge()
    else if (!this.push(chunk)) this.#source.pause()
  }

  readonly #finish = () => {
    this.push(null)
  }

  readonly #abandon = () => {
    if (!this.#source.complete) this.destroy(new Error('the client went away'))
  }
}
