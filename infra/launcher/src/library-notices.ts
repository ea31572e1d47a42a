import { Console } from 'node:console'
import { appendFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { now } from '@gatehouse/clock/clock'

/**
 * What libraries write to the console, such as oidc-provider's notices, goes to the log instead: standard output is
 * for people, or holds the one line that a script reads.
 */
export function keepLibrariesOffTheScreen(logFile: string): void {
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const line = { level: 40, time: now(), name: 'console', msg: chunk.toString().trimEnd() }
      try {
        appendFileSync(logFile, `${JSON.stringify(line)}\n`)
      } catch {
        // The log is no reason to stop, and there is nowhere else to say it.
      }
      done()
    },
  })
  globalThis.console = new Console(log)
}
