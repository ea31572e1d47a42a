import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Figure, median } from './figures.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const START = ['start', '--silent', '--', '--json']
const PORT_BASE = '24000'
const STARTS = 5
const LIMIT_SECONDS = 2
const LIMIT_MEGABYTES = 250

interface Start {
  seconds: number
  megabytes: number
}

/** The largest resident set so far of the process that serves, as the kernel counts it. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

/** From the command to the line that says ready, npm included. */
async function start(directory: string): Promise<Start> {
  const began = performance.now()
  const npm = spawn('npm', [...START, '--data', directory, '--port-base', PORT_BASE], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(npm, 'exit')
  // npm does not pass SIGTERM on, so the suite is ended by the process id that it tells.
  let pid: number | undefined
  try {
    const [line] = await Promise.race([
      once(createInterface(npm.stdout), 'line') as Promise<[string]>,
      exited.then(() => {
        throw new Error('npm start ended before it was ready')
      }),
    ])
    const seconds = (performance.now() - began) / 1000
    ;({ pid } = JSON.parse(line) as { pid: number })
    return { seconds, megabytes: await residentMegabytes(pid) }
  } finally {
    if (pid === undefined) npm.kill('SIGTERM')
    else process.kill(pid, 'SIGTERM')
    await exited
  }
}

/** Time until ready and memory of `npm start`: first start with an empty data directory, later ones with it there. */
export async function suiteStart(progress: (line: string) => void): Promise<Figure[]> {
  const parent = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const first: Start[] = []
  const later: Start[] = []
  try {
    for (let round = 1; round <= STARTS; round += 1) {
      progress(`start ${round} of ${STARTS}`)
      const directory = join(parent, String(round))
      first.push(await start(directory))
      later.push(await start(directory))
    }
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
  const seconds = (name: string, starts: Start[]): Figure => {
    const value = median(starts.map((one) => one.seconds))
    return {
      name,
      value,
      unit: 's',
      against: `the limit of ${LIMIT_SECONDS} s`,
      ratio: value / LIMIT_SECONDS,
    }
  }
  const megabytes = Math.max(...[...first, ...later].map((one) => one.megabytes))
  return [
    seconds('npm start until ready, first start', first),
    seconds('npm start until ready, later starts', later),
    {
      name: 'memory of the suite once ready, largest of all starts',
      value: megabytes,
      unit: 'MB',
      against: `the limit of ${LIMIT_MEGABYTES} MB`,
      ratio: megabytes / LIMIT_MEGABYTES,
    },
  ]
}
