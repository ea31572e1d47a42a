import type { PersonasFile } from '@gatehouse/contracts/personas'
import { SERVICE_NAMES, type ServiceName, type ServiceUrls } from '@gatehouse/contracts/services'
import type { RunningService } from '@gatehouse/http/running-service'
import { type Ports, portsOf, servicesWithTakenPort } from './addresses.ts'
import { CannotStart } from './cannot-start.ts'
import { holdDataDirectory } from './data-directory.ts'
import { type Environment, serviceEnvironments } from './environment.ts'
import { prepareFirstStart } from './first-start.ts'
import { serviceLoaders } from './services.ts'

export interface SuiteOptions {
  dataDirectory: string
  /** Where each service listens and is seen. */
  urls: ServiceUrls
  /** Empties the data directory first. */
  reset?: boolean
  /** Where log lines go, and from which level. */
  log: { file: string; level: string }
  /** One URL for every service, such as `sqlite::memory:`; default: a file for each under the data directory. */
  databaseUrl?: string | undefined
  /** How many number holders the Numident gets when it is made; default 10,000. */
  numberHolders?: number | undefined
  /** Environment variables that go before everything else, for one service or another. */
  overrides?: Partial<Record<ServiceName, Environment>> | undefined
  /** The environment of this process. */
  inherited?: Record<string, string | undefined>
}

/** All services, running in this process. */
export interface Suite {
  urls: ServiceUrls
  dataDirectory: string
  personas: PersonasFile['personas']
  /** Lets requests end, then closes everything and gives the data directory back. */
  close(): Promise<void>
}

/** How many number holders the Numident has unless asked otherwise. */
const NUMBER_HOLDERS = 10_000

/**
 * Starts all services in this process, in the test profile, each on its own port with its own tables.
 * `@gatehouse/clock/shifted-date` must have been imported before this module.
 *
 * @throws CannotStart when a port is taken, the data directory cannot be had, or a variable of the environment is not
 * usable; nothing runs on then
 */
export async function startSuite(options: SuiteOptions): Promise<Suite> {
  const { urls, inherited = {} } = options
  const ports = portsOf(urls)
  // Loading takes longest, and nothing that it needs has to be there yet.
  const loading = loadAll()
  loading.catch(() => {})
  const directory = await holdDataDirectory(options.dataDirectory, { reset: options.reset ?? false })
  try {
    const [firstStart, taken] = await Promise.all([
      prepareFirstStart({
        dataDirectory: directory.path,
        urls,
        numberHolders: options.numberHolders ?? NUMBER_HOLDERS,
        personaPassword: inherited.GATEHOUSE_PERSONA_PASSWORD,
      }),
      servicesWithTakenPort(ports),
    ])
    if (taken.length > 0) throw portsTaken(taken, ports)
    const environments = serviceEnvironments({
      ...options,
      dataDirectory: directory.path,
      firstStart,
      inherited,
    })
    const running = await startAll(await loading, environments, ports)
    return {
      urls,
      dataDirectory: directory.path,
      personas: firstStart.personas,
      async close() {
        await closeAll(running)
        await directory.release()
      },
    }
  } catch (error) {
    await directory.release()
    throw error
  }
}

async function loadAll() {
  const [{ startService }, { ConfigurationError }, { OtherVersionsData }, ...modules] = await Promise.all([
    import('@gatehouse/http/running-service'),
    import('@gatehouse/http/configuration'),
    import('@gatehouse/storage/database'),
    ...SERVICE_NAMES.map((name) => serviceLoaders[name]()),
  ])
  const definitions = modules.map(({ service }) => service)
  return { startService, sayable: [ConfigurationError, OtherVersionsData], definitions }
}

async function startAll(
  { startService, sayable, definitions }: Awaited<ReturnType<typeof loadAll>>,
  environments: Record<ServiceName, Environment>,
  ports: Ports,
): Promise<RunningService[]> {
  const results = await Promise.allSettled(
    definitions.map((definition) => startService(definition, environments[definition.name])),
  )
  const running = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ name: SERVICE_NAMES[index] as ServiceName, error: result.reason }] : [],
  )
  if (failed.length === 0) return running
  await closeAll(running)
  const taken = failed.filter(({ error }) => error?.code === 'EADDRINUSE').map(({ name }) => name)
  if (taken.length > 0) throw portsTaken(taken, ports)
  const [{ name, error }] = failed as [(typeof failed)[number]]
  const message = `${name} did not start: ${error?.message ?? error}`
  const isSayable = sayable.some((kind) => error instanceof kind)
  throw isSayable ? new CannotStart(message) : new Error(message, { cause: error })
}

async function closeAll(running: RunningService[]): Promise<void> {
  await Promise.allSettled(running.map((service) => service.close()))
}

function portsTaken(names: ServiceName[], ports: Ports): CannotStart {
  const which = names.map((name) => `port ${ports[name]} (${name})`).join(', ')
  return new CannotStart(
    `Taken by another program: ${which}. Stop that one, or choose other ports with --port-base.`,
  )
}
