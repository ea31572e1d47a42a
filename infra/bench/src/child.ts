import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, so that what it costs can be told apart from what the load costs. */
export interface Child {
  url: string
  pid: number
  /** CPU time of the process so far, user and system, in microseconds. */
  cpu(): Promise<number>
  /** Sends `message` and gives the next answer that has the member `name`. */
  ask<Answer>(message: unknown, name: string): Promise<Answer>
  /** Calls `listener` with everything that the process tells. */
  onMessage(listener: (message: Record<string, unknown>) => void): void
  stop(): Promise<void>
}

/**
 * Starts one of `programs/` and waits until it says where it listens.
 *
 * @param program file name in `programs/`, without `.ts`
 * @param environment replaces the environment of this process
 * @param options of Node
 */
export async function startChild(
  program: string,
  environment: Record<string, string>,
  options: string[] = [],
): Promise<Child> {
  const file = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
  const child: ChildProcess = fork(file, [], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...options],
  })
  const exited = once(child, 'exit')
  const [first] = await Promise.race([
    once(child, 'message') as Promise<[{ url: string }]>,
    exited.then(() => {
      throw new Error(`${program} ended before it listened`)
    }),
  ])
  const ended = exited.then(() => {
    throw new Error(`${program} ended while it was measured`)
  })
  // Only those who wait for an answer hear of it.
  ended.catch(() => {})

  async function ask<Answer>(message: unknown, name: string): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => {
      const listen = (told: Record<string, unknown>) => {
        if (!(name in told)) return
        child.off('message', listen)
        resolve(told[name] as Answer)
      }
      child.on('message', listen)
    })
    child.send(message as string)
    return Promise.race([answer, ended])
  }

  return {
    url: first.url,
    pid: child.pid as number,
    cpu: () => ask<number>('cpu', 'cpu'),
    ask,
    onMessage: (listener) => void child.on('message', listener),
    async stop() {
      child.kill()
      await exited
    },
  }
}
