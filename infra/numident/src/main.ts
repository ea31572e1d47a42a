import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { DEFAULT_COUNT, DEFAULT_SEED, numberHolders } from './generator.ts'
import { numberHolderLines, writeNumberHolders } from './number-holder-file.ts'

const HELP = `Makes synthetic number holders for the test Numident, one JSON object on each line.

  --count N   how many number holders (default ${DEFAULT_COUNT})
  --seed N    the same seed gives the same holders (default ${DEFAULT_SEED})
  --out FILE  write to this file instead of standard output
  --help      this text

The first three are always the documented ones, with numbers from 987-65-4320 on.
All other numbers have area 900-999 and group 01-49, which are never issued to anybody.
`

try {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: String(DEFAULT_COUNT) },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
  } else {
    const options = { count: wholeNumber('--count', values.count), seed: wholeNumber('--seed', values.seed) }
    // Bounds are checked before a file is touched.
    numberHolders(options)
    await (values.out ? writeNumberHolders(values.out, options) : print(options))
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nTry --help.\n`)
  process.exitCode = 1
}

async function print(options: { count: number; seed: number }): Promise<void> {
  try {
    await pipeline(Readable.from(numberHolderLines(options)), process.stdout)
  } catch (error) {
    // Whoever reads the output may stop early, as `head` does.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^-?\d+$/.test(text)) throw new RangeError(`${option} takes a whole number`)
  return Number(text)
}
