// The movable clock must be in place before any service loads.
import '@gatehouse/clock/shifted-date'
import { parseArgs } from 'node:util'
import { type Figure, json, table } from './figures.ts'

type Benchmark = (progress: (line: string) => void) => Promise<Figure[]>

const BENCHMARKS: Record<string, () => Promise<Benchmark>> = {
  gateway: async () => (await import('./gateway-throughput.ts')).gatewayThroughput,
  'sign-ins': async () => (await import('./sign-ins.ts')).signIns,
  start: async () => (await import('./suite-start.ts')).suiteStart,
  revocation: async () => (await import('./revocation.ts')).revocation,
  'revocation-memory': async () => (await import('./revocation-memory.ts')).revocationMemory,
}

const HELP = `npm run bench -- [NAME …] [--json]

Measures on this machine, in one run, and prints ratios against a peer or a limit.

NAME is one of: ${Object.keys(BENCHMARKS).join(', ')}; without a name all of them run (about five minutes).
  --json   one line: {"figures":[{"name","value","unit","against","ratio"}]}
`

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const unknown = positionals.find((name) => !Object.hasOwn(BENCHMARKS, name))
    if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}.`)
    return { ...values, names: positionals.length > 0 ? positionals : Object.keys(BENCHMARKS) }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`)
    process.exit(2)
  }
}

const { names, help, json: asJson } = readArguments()
if (help) {
  process.stdout.write(HELP)
} else {
  const figures: Figure[] = []
  for (const name of names) {
    const benchmark = await (BENCHMARKS[name] as () => Promise<Benchmark>)()
    figures.push(...(await benchmark((line) => process.stderr.write(`${name}: ${line}\n`))))
  }
  process.stdout.write(`${asJson ? json(figures) : table(figures)}\n`)
}
