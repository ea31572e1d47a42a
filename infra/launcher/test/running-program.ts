import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const LONGEST = 60_000

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface Program {
  /** Standard output once it holds a whole line. */
  firstLine(): Promise<string>
  signal(name: NodeJS.Signals): void
  ended(): Promise<Ended>
}

/** Runs a program of the launcher. It is killed when the test ends, if it still runs then. */
export function run(
  t: TestContext,
  program: 'main' | 'service',
  args: string[],
  environment: Record<string, string> = {},
): Program {
  const file = fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  t.after(() => child.kill('SIGKILL'))
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text
    })
  }
  const closed = once(child, 'close', { signal: AbortSignal.timeout(LONGEST) })
  closed.catch(() => {})
  return {
    async firstLine() {
      const end = AbortSignal.timeout(LONGEST)
      while (!written.stdout.includes('\n')) {
        await Promise.race([once(child.stdout, 'data', { signal: end }), closed])
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${written.stderr}`)
      }
      return written.stdout
    },
    signal: (name) => void child.kill(name),
    async ended() {
      const [status] = await closed
      return { status, ...written }
    },
  }
}
