// npm test. Closes with "N passed, N failed" and ", N skipped" where any were: each static check counts as one, each
// leaf test as one, and a test file that breaks off counts as a failure.

import { inspect, parseArgs } from 'node:util'
import { staticChecks } from './static-checks.ts'
import type { Failure } from './tally.ts'
import { testFiles } from './test-files.ts'
import { type FileResult, runTestFiles } from './test-run.ts'

const help = `npm test                      every check and every test
npm test -- services/terms    only the tests whose path contains services/terms
npm test -- --limit SECONDS   how long one test file may take (default 300)
`

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string', default: '300' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const limit = Number(values.limit) * 1000
if (!(limit > 0)) {
  process.stderr.write('--limit takes a number of seconds above 0.\n')
  process.exit(2)
}

const root = process.cwd()
const total = { passed: 0, failed: 0, skipped: 0 }

if (wanted.length > 0)
  print('Only some tests: types, lint, imports and unused code are not checked in this run.')
else
  for await (const check of staticChecks(root)) {
    total[check.passed ? 'passed' : 'failed'] += 1
    print(`${check.passed ? 'ok  ' : 'FAIL'}  ${check.title}`)
    if (!check.passed) print(indent(check.output))
  }

const files = testFiles(root, wanted)
const requireAll = process.env.GATEHOUSE_REQUIRE_ALL === '1'
await runTestFiles(files, { root, atOnce: 2, limit, requireAll }, (result) => {
  total.passed += result.passed
  total.failed += result.failed
  total.skipped += result.skipped
  print(
    `${result.failed === 0 ? 'ok  ' : 'FAIL'}  ${result.file}  ${summary(result)}  ${result.seconds.toFixed(1)} s`,
  )
  if (result.failed > 0) show(result)
})
if (files.length === 0) {
  total.failed += 1
  print(`FAIL  no test file found${wanted.length > 0 ? ` with ${wanted.join(' or ')} in its path` : ''}`)
}

print(`\n${summary(total)}`)
process.exitCode = total.failed > 0 ? 1 : 0

function summary({ passed, failed, skipped }: typeof total): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function show({ failures, written }: FileResult): void {
  for (const failure of failures)
    print(indent(`${failure.title}${placeOf(failure)}\n${indent(textOf(failure.error))}`))
  if (written.trim())
    print(indent(`--- it wrote ---\n${written.trimEnd().split('\n').slice(-60).join('\n')}\n---`))
}

function placeOf({ file, line }: Failure): string {
  return file && line ? `  (${file.replace(`${root}/`, '')}:${line})` : ''
}

/** Its stack says all; what `inspect` adds to it repeats the two values. */
function isAssertion(error: unknown): error is Error & { stack: string } {
  return (
    error instanceof Error && error.stack !== undefined && 'code' in error && error.code === 'ERR_ASSERTION'
  )
}

function textOf(error: unknown): string {
  if (typeof error === 'string') return error
  const text = isAssertion(error) ? error.stack : inspect(error, { depth: 4 })
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*node:internal/.test(line))
    .join('\n')
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '      ')
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
