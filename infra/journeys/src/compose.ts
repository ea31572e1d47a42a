// What docker-compose.yml says, run without a container engine: each service as a process of its own, with the
// environment that its container would have. Only places differ: host names become loopback, paths a folder.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SERVICE_NAMES, SERVICE_PORTS, type ServiceUrls, urlVariable } from '@gatehouse/contracts/services'
import { portsOf } from '@gatehouse/launcher/addresses'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const READY_MILLISECONDS = 60_000

interface ComposeFile {
  services: Record<string, { environment: Record<string, string>; command?: string[] }>
}

export interface Places {
  urls: ServiceUrls
  databaseUrl: string
  /** Without it the services that can do without Redis do. */
  redisUrl?: string | undefined
  dataDirectory: string
  /** The variables that the file `.env` would give. */
  given: Record<string, string>
}

/** The environment of one container with its places moved here. From inside, services stay at another origin. */
function environmentOf(compose: ComposeFile, name: string, places: Places): Record<string, string> {
  const { urls, databaseUrl, redisUrl, dataDirectory, given } = places
  const ports = portsOf(urls)
  const moved = (value: string) =>
    SERVICE_NAMES.reduce(
      (text, service) =>
        text
          .replaceAll(`http://${service}:`, 'http://127.0.0.1:')
          .replaceAll(new RegExp(`:${SERVICE_PORTS[service]}\\b`, 'g'), `:${ports[service]}`),
      value.replace(/^\/data/, dataDirectory),
    ).replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_match, variable: string) => given[variable] ?? '')
  const environment = compose.services[name]?.environment ?? {}
  return {
    ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, moved(value)])),
    ...(environment.DATABASE_URL ? { DATABASE_URL: databaseUrl } : {}),
    // An empty variable counts as absent.
    ...(environment.REDIS_URL ? { REDIS_URL: redisUrl ?? '' } : {}),
    ...Object.fromEntries(SERVICE_NAMES.map((service) => [urlVariable(service), urls[service]])),
  }
}

function run(file: string, environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [file], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_MILLISECONDS
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.status === 200) return
    await pause(100)
  }
  throw new Error(`${url} was not ready in time`)
}

/**
 * Does what `docker compose up` would do: first-start to its end, then every service.
 *
 * @returns ends all of them
 */
export async function composeUp(places: Places): Promise<() => Promise<void>> {
  const compose: ComposeFile = parse(readFileSync(`${ROOT}/docker-compose.yml`, 'utf8'), { merge: true })
  const [, program = ''] = compose.services['first-start']?.command ?? []
  const [status] = await once(run(program, environmentOf(compose, 'first-start', places)), 'exit')
  if (status !== 0) throw new Error('first-start failed')
  const ports = portsOf(places.urls)
  const running = SERVICE_NAMES.map((name) =>
    run(`services/${name}/src/main.ts`, {
      ...environmentOf(compose, name, places),
      HOST: 'localhost',
      PORT: String(ports[name]),
    }),
  )
  const stop = async () => {
    await Promise.all(
      running.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }),
    )
  }
  try {
    await Promise.all(SERVICE_NAMES.map((name) => untilReady(places.urls[name])))
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
