// The whole suite in a process of its own, as `npm start` runs it, for journeys that kill it.

import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { portsFrom, servicesWithTakenPort } from '@gatehouse/launcher/addresses'
import type { Persona } from '@gatehouse/testkit/gatehouse'

export interface SuiteProcess {
  urls: ServiceUrls
  personas: Pick<Persona, 'id' | 'email' | 'password' | 'phoneNumber'>[]
  /** Ends the process at once, in the middle of whatever it does (SIGKILL), and waits until it is gone. */
  kill(): Promise<void>
}

const PROGRAM = fileURLToPath(import.meta.resolve('@gatehouse/launcher/main'))
const DEADLINE = 60_000

/** Starts a suite and waits until it is ready. @throws Error with what it wrote when it is not within a minute */
export async function startSuiteProcess(dataDirectory: string, portBase: number): Promise<SuiteProcess> {
  const args = [PROGRAM, '--json', '--data', dataDirectory, '--port-base', String(portBase)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  try {
    const signal = AbortSignal.timeout(DEADLINE)
    const line = once(createInterface(child.stdout), 'line', { signal })
    line.catch(() => {})
    const [ready] = await Promise.race([line, closed])
    if (typeof ready !== 'string') throw new Error(`the suite ended with ${ready}: ${complaint}`)
    return {
      ...JSON.parse(ready),
      async kill() {
        child.kill('SIGKILL')
        await closed
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** A port base at which every service finds its port free, below the range from which systems take ports themselves. */
export async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const base = randomInt(10_000, 30_000)
    if ((await servicesWithTakenPort(portsFrom(base))).length === 0) return base
  }
  throw new Error('no free port base was found')
}
