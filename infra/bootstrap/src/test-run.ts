// Runs test files, each in a process of its own, and gives one result for each as it ends.

import { join } from 'node:path'
import { run } from 'node:test'
import { type Tally, type TestEvent, tallyOf } from './tally.ts'

export interface FileResult extends Tally {
  /** Relative to the root. */
  file: string
  seconds: number
  /** What the file's process wrote, to be shown where something failed. */
  written: string
}

interface Options {
  root: string
  /** How many run at a time. */
  atOnce: number
  /** A file that has not ended after this many milliseconds is stopped and has failed. */
  limit: number
  /** See `tallyOf`. */
  requireAll: boolean
}

/** Calls `each` with every file's result, in the order in which they end. */
export async function runTestFiles(
  files: string[],
  { root, atOnce, limit, requireAll }: Options,
  each: (result: FileResult) => void,
): Promise<void> {
  const waiting = [...files]
  async function lane() {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const started = performance.now()
      const events = await eventsOf(join(root, file), limit)
      each({
        file,
        seconds: (performance.now() - started) / 1000,
        written: events.map(outputOf).join(''),
        ...tallyOf(events, {
          requireAll,
          tooSlow: `it had not ended after ${limit / 1000} s and was stopped`,
        }),
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/**
 * One `run` per file, because only its signal ends a file that hangs: the runner's own timeout leaves alone both an
 * endless loop and a process kept alive by what a test forgot to close.
 */
async function eventsOf(file: string, limit: number): Promise<TestEvent[]> {
  const events: TestEvent[] = []
  for await (const event of run({ files: [file], signal: AbortSignal.timeout(limit) })) {
    events.push(event as unknown as TestEvent)
  }
  return events
}

/** What the process wrote, and what node:test has to say of an error outside any test. */
function outputOf({ type, data: { message = '' } }: TestEvent): string {
  if (type === 'test:diagnostic') return /^(Error|Warning): /.test(message) ? `${message}\n` : ''
  return type === 'test:stdout' || type === 'test:stderr' ? message : ''
}
