// A relying service's receiver of security events: real HTTP on loopback, answering as it is told to.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A status to answer with; or not to answer, or to break the connection. */
export type Behaviour = number | 'silence' | 'break'

export interface Receiver {
  url: string
  /** What was posted so far. */
  received: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[]
  /** How the next requests are answered, one each; 202 after that. */
  next: Behaviour[]
  /** Resolves once so many were posted in all; fails after five seconds. */
  until(count: number): Promise<void>
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Receiver['received'] = []
  const next: Behaviour[] = []
  let arrived = () => {}
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, path: url, headers, body })
      const behaviour = next.shift() ?? 202
      if (behaviour === 'break') request.socket.destroy()
      else if (behaviour !== 'silence') response.writeHead(behaviour, { location: '/elsewhere' }).end('x')
      arrived()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/events?for=tests`,
    received,
    next,
    async until(count) {
      const deadline = AbortSignal.timeout(5_000)
      while (received.length < count) {
        await new Promise<void>((resolve, reject) => {
          arrived = resolve
          deadline.addEventListener('abort', () =>
            reject(new Error(`${received.length} of ${count} events arrived`)),
          )
        })
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
