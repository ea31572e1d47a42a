import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, so that what it costs can be told apart from what the load costs. */
export interface Child {
  url: string
  /** CPU time of the process so far, user and system, in microseconds. */
  cpu(): Promise<number>
  stop(): Promise<void>
}

/**
 * Starts one of `programs/` and waits until it says where it listens.
 *
 * @param program file name in `programs/`, without `.ts`
 * @param environment replaces the environment of this process
 */
export async function startChild(program: string, environment: Record<string, string>): Promise<Child> {
  const file = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
  const child: ChildProcess = fork(file, [], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const [first] = await Promise.race([
    once(child, 'message') as Promise<[{ url: string }]>,
    exited.then(() => {
      throw new Error(`${program} ended before it listened`)
    }),
  ])
  return {
    url: first.url,
    async cpu() {
      child.send('cpu')
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }]
      return cpu
    },
    async stop() {
      child.kill()
      await exited
    },
  }
}
