// The service at an address of its own, for clients that speak HTTP and nothing else.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { startLoginGov } from './login-gov.ts'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Listens on the loopback interface; `root` is the address without a slash. */
export async function startOverHttp(environment: Record<string, string> = {}) {
  const port = await freePort()
  const root = `http://localhost:${port}`
  const idp = await startLoginGov({ LOGIN_GOV_URL: root, ...environment })
  await idp.app.listen({ host: 'localhost', port })
  return { ...idp, root }
}
