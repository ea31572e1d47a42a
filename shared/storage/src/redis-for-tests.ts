// A real redis-server for tests, as a child process on a free loopback port, with nothing kept. npm has none: Debian's
// package does, and without it these tests are skipped.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningRedis {
  url: string
  /** As a machine that hangs does: connections stay open, and nothing is answered. */
  hang(): void
  resume(): void
  /** Ends it without a word. */
  kill(): Promise<void>
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The program by its name, or nothing where there is none. */
export function redisProgram(): string | undefined {
  const program = 'redis-server'
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return program
  } catch {
    return undefined
  }
}

// The shell says which process it is, and outlives us just long enough to end it when we are killed.
const SCRIPT = `"$0" "$@" </dev/null & server=$!; echo "pid $server"
{ cat >/dev/null; kill -KILL $server; } <&3 2>/dev/null &
wait $server`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function startRedis(program: string): Promise<RunningRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'))
  const port = await freePort()
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '']
  let running = await start(program, settings)

  async function kill(): Promise<void> {
    running.signal('SIGKILL')
    await running.ended
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    hang: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
    kill,
    async restart() {
      running = await start(program, settings)
    },
    async stop() {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function start(program: string, settings: string[]) {
  const shell = spawn('sh', ['-c', SCRIPT, program, ...settings], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()))
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const pid = await new Promise<number>((resolve, reject) => {
    let said = ''
    shell.stdout?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000)
      const found = /^pid (\d+)$/m.exec(said)?.[1]
      if (found && said.includes('Ready to accept connections')) resolve(Number(found))
    })
    shell.once('error', reject)
    void ended.then(() => reject(new Error(`redis-server did not start: ${said}`)))
  })
  return {
    ended,
    signal(name: NodeJS.Signals) {
      if (!isOver) process.kill(pid, name)
      // The shell's other half waits for its input to end.
      if (name === 'SIGKILL') shell.stdio[3]?.destroy()
    },
  }
}
