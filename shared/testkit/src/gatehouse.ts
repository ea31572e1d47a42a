// The movable clock must be in place before any service loads.
import { advanceClock } from '@gatehouse/clock/shifted-date'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from '@gatehouse/contracts/services'
import { HOST, urlsAt } from '@gatehouse/launcher/addresses'
import { CannotStart } from '@gatehouse/launcher/cannot-start'
import { startSuite } from '@gatehouse/launcher/suite'

export type Persona = PersonasFile['personas'][number]

export interface GatehouseOptions {
  /** Environment variables for one service or another, before those that the suite would give it. */
  environment?: Partial<Record<ServiceName, Record<string, string>>>
  /** Keeps databases and files here, and leaves them; default: databases in memory, files removed on close. */
  dataDirectory?: string
  /** The addresses of an earlier suite on the same data directory; default: free ports. */
  urls?: ServiceUrls
  /** How many number holders there are; default 200. The documented ones are always among them. */
  numberHolders?: number
  /** Default `info`. */
  logLevel?: string
}

/** A whole suite of a test's own. */
export interface Gatehouse {
  urls: ServiceUrls
  personas: Persona[]
  dataDirectory: string
  /** The persona with this id. */
  persona(id: string): Persona
  /** Moves the time of every service, and of this process, forwards. */
  advanceClock(milliseconds: number): void
  /** Every line that the services have logged so far. */
  logLines(): Promise<string[]>
  close(): Promise<void>
}

/** How often other ports are tried when somebody took one between finding it and listening on it. */
const TRIES = 5

/** Starts an isolated suite in this process: free ports, in memory, a clock that the test moves. */
export async function startGatehouse(options: GatehouseOptions = {}): Promise<Gatehouse> {
  const ofItsOwn = options.dataDirectory === undefined
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'gatehouse-')))
  const logFile = join(dataDirectory, 'gatehouse.log')
  const tidy = () => (ofItsOwn ? rm(dataDirectory, { recursive: true, force: true }) : undefined)
  const start = async (triesLeft: number) => {
    const urls = options.urls ?? (await freeUrls())
    try {
      return await startSuite({
        dataDirectory,
        urls,
        log: { file: logFile, level: options.logLevel ?? 'info' },
        databaseUrl: ofItsOwn ? 'sqlite::memory:' : undefined,
        numberHolders: options.numberHolders ?? 200,
        overrides: options.environment,
      })
    } catch (error) {
      if (!(error instanceof CannotStart) || options.urls || triesLeft === 0) throw error
      return start(triesLeft - 1)
    }
  }
  const suite = await start(TRIES - 1).catch(async (error) => {
    await tidy()
    throw error
  })
  return {
    urls: suite.urls,
    personas: suite.personas,
    dataDirectory: suite.dataDirectory,
    persona(id) {
      const found = suite.personas.find((persona) => persona.id === id)
      if (!found) throw new Error(`there is no persona ${id}`)
      return found
    },
    advanceClock,
    async logLines() {
      const text = await readFile(logFile, 'utf8').catch(() => '')
      return text.split('\n').filter(Boolean)
    },
    async close() {
      await suite.close()
      await tidy()
    },
  }
}

/** Addresses on ports that nobody listens on. All are held until the last is found, so that none comes twice. */
async function freeUrls(): Promise<ServiceUrls> {
  const held = await Promise.all(
    SERVICE_NAMES.map(async (name) => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host: HOST, port: 0 }, resolve)
      })
      return { name, server, port: (server.address() as { port: number }).port }
    }),
  )
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return urlsAt(Object.fromEntries(held.map(({ name, port }) => [name, port])) as Record<ServiceName, number>)
}
