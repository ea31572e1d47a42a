import { randomInt } from 'node:crypto'
import { type Ports, portsFrom, servicesWithTakenPort } from '../src/addresses.ts'

/** A port base at which every service finds its port free. Below the range from which systems take ports themselves. */
export async function freePortBase(): Promise<{ base: number; ports: Ports }> {
  for (let tries = 0; tries < 20; tries++) {
    const base = randomInt(10_000, 30_000)
    const ports = portsFrom(base)
    if ((await servicesWithTakenPort(ports)).length === 0) return { base, ports }
  }
  throw new Error('no free port base was found')
}
