import { lookup } from 'node:dns/promises'
import { createServer } from 'node:net'
import {
  SERVICE_NAMES,
  SERVICE_PORTS,
  type ServiceName,
  type ServiceUrls,
} from '@gatehouse/contracts/services'

export const DEFAULT_PORT_BASE = SERVICE_PORTS['sign-in']
const LARGEST_OFFSET = Math.max(...Object.values(SERVICE_PORTS)) - DEFAULT_PORT_BASE
/** The largest base that leaves every service a port below 65536. */
const LARGEST_PORT_BASE = 65_535 - LARGEST_OFFSET

/** Where the embedded suite listens and is seen: one machine, no encryption. */
export const HOST = 'localhost'

/** The port of each service. */
export type Ports = Record<ServiceName, number>

/**
 * The port base that somebody typed.
 *
 * @throws RangeError naming the option and its rule
 */
export function readPortBase(text: string): number {
  const base = Number(text)
  if (!/^\d+$/.test(text) || base < 1 || base > LARGEST_PORT_BASE) {
    throw new RangeError(`--port-base takes a whole number from 1 to ${LARGEST_PORT_BASE}`)
  }
  return base
}

/** The default table of services, moved so that it begins at `base`. */
export function portsFrom(base: number): Ports {
  return forEachService((name) => base + SERVICE_PORTS[name] - DEFAULT_PORT_BASE)
}

/** The addresses that belong to `ports`, as a browser sees them. */
export function urlsAt(ports: Ports): ServiceUrls {
  return forEachService((name) => `http://${HOST}:${ports[name]}`)
}

/** The ports that `urls` name. */
export function portsOf(urls: ServiceUrls): Ports {
  return forEachService((name) => Number(new URL(urls[name]).port))
}

/** One value for every service. */
export function forEachService<Value>(value: (name: ServiceName) => Value): Record<ServiceName, Value> {
  return Object.fromEntries(SERVICE_NAMES.map((name) => [name, value(name)])) as Record<ServiceName, Value>
}

/** The services whose port somebody else listens on, at any of the addresses that `localhost` stands for. */
export async function servicesWithTakenPort(ports: Ports): Promise<ServiceName[]> {
  const addresses = await lookup(HOST, { all: true })
  const taken = await Promise.all(
    SERVICE_NAMES.map(async (name) => {
      const tries = await Promise.all(addresses.map(({ address }) => isTaken(ports[name], address)))
      return tries.includes(true)
    }),
  )
  return SERVICE_NAMES.filter((_, index) => taken[index])
}

function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    // An address that this machine does not have (often ::1) keeps nobody from the port.
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)))
  })
}
