import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { json, median, table } from '../src/figures.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...args]).catch(
    (error: { code: number; stderr: string; stdout: string }) => error,
  )

test('the middle of three rounds is not moved by a noisy one, and of two it is between them', () => {
  assert.equal(median([3, 1000, 1]), 3)
  assert.equal(median([2, 4]), 3)
})

test('programs read every figure with what it is held against and the ratio', () => {
  const figures = [
    { name: 'gateway', value: 1234.56, unit: 'per second', against: 'bare proxy', ratio: 0.87654 },
    { name: 'bare proxy', value: 1408.5, unit: 'per second', against: null, ratio: null },
  ]
  assert.deepEqual(JSON.parse(json(figures)), {
    figures: [
      { name: 'gateway', value: 1235, unit: 'per second', against: 'bare proxy', ratio: 0.877 },
      { name: 'bare proxy', value: 1409, unit: 'per second', against: null, ratio: null },
    ],
  })
})

test('people read a table whose columns line up', () => {
  const [head, rule, first, second] = table([
    { name: 'a', value: 1.5, unit: 's', against: 'the limit', ratio: 0.75 },
    { name: 'longer', value: 150, unit: 'MB', against: null, ratio: null },
  ]).split('\n') as [string, string, string, string]
  assert.equal(head.indexOf('held against'), first.indexOf('the limit'))
  assert.match(rule, /^-+ {2}-+ {2}-+ {2}-+$/)
  assert.match(first, /1\.5 s {2}0\.75 x {2}the limit$/)
  assert.match(second, /^longer .*150 MB$/)
})

test('an unknown benchmark or option is named and ends with status 2, and --help ends with 0', async () => {
  for (const wrong of ['nonsense', '--nonsense']) {
    const answer = (await run(wrong)) as { code: number; stderr: string }
    assert.equal(answer.code, 2)
    assert.match(answer.stderr, /nonsense|no benchmark/i)
  }
  const help = await run('--help')
  assert.match(help.stdout, /gateway, sign-ins, start/)
})
