// The program behind `npm start`. The movable clock must be in place before anything that keeps a reference to `Date`.
import '@gatehouse/clock/shifted-date'
import { existsSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { portsFrom, urlsAt } from './addresses.ts'
import { CannotStart } from './cannot-start.ts'
import { HELP, type Options, readOptions, UsageError } from './command-line.ts'
import { holdBackHeap } from './heap-growth.ts'
import { keepLibrariesOffTheScreen } from './library-notices.ts'

const SAME_INTERRUPT_MILLISECONDS = 500

// Secrets, databases and the log are for their owner alone, whichever library makes the file.
process.umask(0o077)

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(HELP)
  else await run(options)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nTry npm start -- --help\n`)
    process.exit(2)
  }
  process.stderr.write(`${error instanceof CannotStart ? error.message : describe(error)}\n`)
  process.exit(1)
}

async function run(options: Options): Promise<void> {
  // A first start makes keys, passwords and number holders beside loading; a later one has memory to spare for speed.
  const isFirst = options.reset || !existsSync(options.dataDirectory)
  const letHeapGrow = isFirst ? holdBackHeap() : undefined
  const logFile = join(options.dataDirectory, 'gatehouse.log')
  const [{ default: closeWithGrace }, { startSuite }, { readyLine, welcome }] = await Promise.all([
    import('close-with-grace'),
    import('./suite.ts'),
    import('./welcome.ts'),
  ])
  keepLibrariesOffTheScreen(logFile)
  const starting = startSuite({
    dataDirectory: options.dataDirectory,
    urls: urlsAt(portsFrom(options.portBase)),
    reset: options.reset,
    log: { file: logFile, level: process.env.LOG_LEVEL ?? 'info' },
    inherited: process.env,
  })
  // Before the suite stands a signal ends it gracefully as well; a second one ends it at once.
  const { close } = closeWithGrace({ delay: 10_000, logger: false, skip: ['SIGINT'] }, async ({ err }) => {
    if (err) process.stderr.write(`${describe(err)}\n`)
    const suite = await starting.catch(() => undefined)
    await suite?.close()
  })
  onInterrupt(close)
  const suite = await starting
  letHeapGrow?.()
  // Written at the end of a process otherwise, which a killed one does not reach.
  flushCompileCache()
  process.stdout.write(
    options.json
      ? `${readyLine(suite)}\n`
      : welcome(suite, { realTwilio: Boolean(process.env.TWILIO_ACCOUNT_SID) }),
  )
}

/** One Ctrl-C arrives twice, from the terminal and from npm, which passes it on; only a later one is impatience. */
function onInterrupt(close: () => void): void {
  let first: number | undefined
  process.on('SIGINT', () => {
    if (first === undefined) close()
    else if (performance.now() - first > SAME_INTERRUPT_MILLISECONDS) process.exit(1)
    first ??= performance.now()
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
