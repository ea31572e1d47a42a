// A further gateway beside a running suite, in a process of its own, which goes on when the suite is killed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SERVICE_NAMES, type ServiceUrls, urlVariable } from '@gatehouse/contracts/services'
import { HOST } from '@gatehouse/launcher/addresses'

export interface GatewayProcess {
  /** The addresses of the suite with this gateway in place of its own. */
  urls: ServiceUrls
  /** Ends the process (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('../../../services/gateway/src/main.ts', import.meta.url))
const DEADLINE = 60_000

/** Starts it on the suite's data directory, so that it has the gateway's key, and waits until it is ready. */
export async function startGatewayProcess(
  suite: ServiceUrls,
  dataDirectory: string,
): Promise<GatewayProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: 'ignore',
    env: {
      PROFILE: 'test',
      HOST,
      PORT: String(port),
      DATA_DIR: dataDirectory,
      DATABASE_URL: 'sqlite::memory:',
      LOG_LEVEL: 'silent',
      ...Object.fromEntries(SERVICE_NAMES.map((name) => [urlVariable(name), suite[name]])),
    },
  })
  const closed = once(child, 'close')
  const urls = { ...suite, gateway: `http://${HOST}:${port}` }
  const kill = async () => {
    child.kill('SIGKILL')
    await closed
  }
  const until = performance.now() + DEADLINE
  while (performance.now() < until && child.exitCode === null) {
    const ready = await fetch(`${urls.gateway}/health/ready`).catch(() => undefined)
    if (ready?.ok) return { urls, kill }
    await ready?.body?.cancel()
    await pause(100)
  }
  await kill()
  throw new Error('the gateway was not ready within a minute')
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen({ host: HOST, port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
