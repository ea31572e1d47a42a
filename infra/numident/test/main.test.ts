import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'numident-'))
after(() => rm(folder, { recursive: true }))

function numident(...options: string[]) {
  return run(process.execPath, [command, ...options], { timeout: 20_000, maxBuffer: 2 ** 26 })
}

test('a file of a seed and a count is the same to the byte, today and tomorrow', async () => {
  const file = join(folder, 'numident.ndjson')
  await numident('--count', '1000', '--seed', '42', '--out', file)
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  assert.equal(digest, '97af53434159939329c9bb2f4a38b3e7652aca60b92023a2dd20faa50686a19c')
  assert.deepEqual(await readdir(folder), ['numident.ndjson'])
})

test('without --out one JSON object a line comes out on standard output', async () => {
  const { stdout } = await numident('--count', '1001')
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.length, 1001)
  assert.equal(JSON.parse(lines[0] as string).ssn, '987654320')
  assert.ok(stdout.endsWith('}\n'))
})

test('--help names every option', async () => {
  const { stdout } = await numident('--help')
  for (const option of ['--count', '--seed', '--out']) assert.ok(stdout.includes(option))
})

test('an option that is wrong is named, with exit status 1 and no file', async () => {
  const file = join(folder, 'refused.ndjson')
  for (const [wrong, named] of [
    [['--count', 'many'], /--count/],
    [['--count=-1'], /count/],
    [['--seed', '1e3'], /--seed/],
    [['--colour'], /--colour/],
  ] as const) {
    await assert.rejects(
      numident(...wrong, '--out', file),
      (error: Error & { code: number; stderr: string }) => {
        assert.equal(error.code, 1)
        assert.match(error.stderr, named)
        return true
      },
    )
  }
  assert.ok(!(await readdir(folder)).includes('refused.ndjson'))
})

test('a folder that is not there is reported and leaves nothing behind', async () => {
  await assert.rejects(numident('--out', join(folder, 'absent', 'numident.ndjson')), /ENOENT/)
})
