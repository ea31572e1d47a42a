import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Sent {
  path: string
  authorization: string | undefined
  form: URLSearchParams
}

/** A server on a free port that answers the two operations of Twilio's API which the service uses. */
export async function startFakeTwilio() {
  const sent: Sent[] = []
  const state: { failure?: { status: number; code: number; message: string } | 'no answer' } = {}
  let held: { arrived: () => void; released: Promise<void> } | undefined
  const server = createServer(async (request: IncomingMessage, response) => {
    const form = new URLSearchParams(await text(request))
    sent.push({ path: request.url ?? '', authorization: request.headers.authorization, form })
    const hold = held
    held = undefined
    hold?.arrived()
    await hold?.released
    if (state.failure === 'no answer') return
    const isCall = request.url?.endsWith('/Calls.json')
    const body = state.failure ?? { sid: `${isCall ? 'CA' : 'SM'}${'0'.repeat(32)}`, status: 'queued' }
    response
      .writeHead(state.failure?.status ?? 201, { 'content-type': 'application/json' })
      .end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    /** From now on every request fails like this; without an argument none does. */
    failWith(failure?: (typeof state)['failure']) {
      if (failure === undefined) delete state.failure
      else state.failure = failure
    },
    /** The next request is answered only once it is released. */
    holdNext() {
      const arrival = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      held = { arrived: arrival.resolve, released: release.promise }
      return { arrived: arrival.promise, release: release.resolve }
    },
    /** The code in the newest text. */
    newestCode(): string {
      const code = sent
        .at(-1)
        ?.form.get('Body')
        ?.match(/\b(\d{8}|\d{6})\b/)?.[1]
      if (!code) throw new Error('no text with a code was sent')
      return code
    },
    async close() {
      server.closeAllConnections()
      if (server.listening) await new Promise((closed) => server.close(closed))
    },
  }
}
