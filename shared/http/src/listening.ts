import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { App } from './service.ts'

/** The machine has no such address, often `::1`; then nobody can come that way either. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/**
 * Listens on every address of `host`; `localhost` often has two. Fastify would make a further HTTP server for each of them, to
 * which nothing that is set on `app.server` applies: parser errors, closing. Here the further addresses only accept connections
 * and hand them to the one server.
 *
 * @param host a name, an address, or several addresses
 * @param port 0 for any free one, the same on every address
 * @throws EADDRINUSE and what else `listen` fails with, on whichever address
 */
export async function listenOnEveryAddress(app: App, host: string | string[], port: number): Promise<void> {
  const further: Server[] = []
  let closed: Promise<unknown> = Promise.resolve()
  app.addHook('preClose', async () => {
    closed = Promise.all(further.map((server) => new Promise((resolve) => server.close(resolve))))
  })
  // Requests that came this way end before what the service stands on goes; `app.server` counts only its own connections.
  app.addHook('onClose', async () => void (await closed))

  const [first, ...others] = Array.isArray(host) ? host : await addressesOf(host)
  await app.listen({ host: first ?? 'localhost', port })
  const listening = (app.server.address() as AddressInfo).port
  for (const address of others) {
    // As an HTTP server sets up its own connections.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      app.server.emit('connection', socket)
    })
    if (await listens(server, address, listening)) further.push(server)
  }
}

async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true })
  return [...new Set(found.map(({ address }) => address))]
}

async function listens(server: Server, host: string, port: number): Promise<boolean> {
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return true
  } catch (error) {
    if (NO_SUCH_ADDRESS.has((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
