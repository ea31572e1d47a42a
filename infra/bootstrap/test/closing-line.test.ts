import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tallyOf } from '../src/tally.ts'
import { plainEnvironment, temporaryTree } from './temporary-tree.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const main = join(repository, 'infra/bootstrap/src/main.ts')
const compilerOptions =
  '{ "noEmit": true, "module": "nodenext", "allowImportingTsExtensions": true, "types": [] }'
const head = `import { before, describe, test } from 'node:test'\nimport assert from 'node:assert/strict'\n`

/** What npm test says of one test file with this text. */
function checkFile(t: TestContext, text: string, env: Record<string, string> = {}, ...args: string[]) {
  return check(temporaryTree(t, { 'services/a/test/a.test.ts': head + text }), env, 'services/a', ...args)
}

function check(root: string, env: Record<string, string>, ...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    cwd: root,
    env: plainEnvironment(env),
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { output: stdout + stderr, closingLine: stdout.trimEnd().split('\n').at(-1), status }
}

test('passing tests are counted and the status is 0', (t) => {
  const { closingLine, status } = checkFile(t, `test('a', () => {})\ntest('b', () => {})`)
  assert.deepEqual({ closingLine, status }, { closingLine: '2 passed, 0 failed', status: 0 })
})

test('one failing test makes the status 1, and its title, place and difference are shown', (t) => {
  const { output, closingLine, status } = checkFile(
    t,
    `test('a', () => {})\ntest('adds up', () => assert.deepEqual({ sum: 3 }, { sum: 4 }))`,
  )
  assert.deepEqual({ closingLine, status }, { closingLine: '1 passed, 1 failed', status: 1 })
  assert.match(output, /adds up {2}\(services\/a\/test\/a\.test\.ts:4\)/)
  assert.match(output, /\+ {3}sum: 3\n\s+- {3}sum: 4/)
})

test('suites and tests with subtests are the sum of what is in them', (t) => {
  const { closingLine } = checkFile(
    t,
    `describe('s', () => { test('a', () => {}); describe('t', () => { test('b', () => {}) }) })
     test('parent', async (t) => { await t.test('c', () => {}); await t.test('d', () => assert.fail()) })`,
  )
  assert.equal(closingLine, '3 passed, 1 failed')
})

test('a parent or a hook that fails for its own sake is a failure', (t) => {
  const { closingLine } = checkFile(
    t,
    `test('parent', async (t) => { await t.test('a', () => {}); throw new Error('own') })
     describe('s', () => { before(() => { throw new Error('hook') }); test('b', () => {}) })`,
  )
  assert.equal(closingLine, '1 passed, 3 failed')
})

test('skipped tests and those still to do are counted apart, a skipped suite as one', (t) => {
  const { closingLine, status } = checkFile(
    t,
    `test('a', () => {})
     test('b', { skip: 'not here' }, () => {})
     test('c', { todo: true }, () => assert.fail())
     describe.skip('s', () => { test('d', () => {}) })`,
  )
  assert.deepEqual({ closingLine, status }, { closingLine: '1 passed, 0 failed, 3 skipped', status: 0 })
})

test('with GATEHOUSE_REQUIRE_ALL=1 a test skipped because something was not found fails', (t) => {
  const text = `test('a', (t) => t.skip('browser not found'))\ntest('b', (t) => t.skip('another system'))`
  assert.equal(checkFile(t, text).closingLine, '0 passed, 0 failed, 2 skipped')
  const strict = checkFile(t, text, { GATEHOUSE_REQUIRE_ALL: '1' })
  assert.deepEqual([strict.closingLine, strict.status], ['0 passed, 1 failed, 1 skipped', 1])
})

test('a file that breaks off after a passing test is a failure, with what it wrote', (t) => {
  const { output, closingLine } = checkFile(
    t,
    `test('a', async () => { setTimeout(() => { process.stderr.write('last words'); process.exit(3) }, 20) })
     test('b', async () => { await new Promise((resolve) => setTimeout(resolve, 5000)) })`,
  )
  assert.equal(closingLine, '1 passed, 1 failed')
  assert.match(output, /status 3[\s\S]*last words/)
})

test('a file that cannot be parsed is a failure', (t) => {
  assert.equal(checkFile(t, 'const a: = 1').closingLine, '0 passed, 1 failed')
})

test('a file without a test is a failure, and so is one that ends its process before any result', (t) => {
  assert.equal(checkFile(t, '').closingLine, '0 passed, 1 failed')
  assert.equal(checkFile(t, `test('a', () => process.exit(0))`).closingLine, '0 passed, 1 failed')
})

test('a file that hangs, in a loop or on something left open, is stopped and has failed', (t) => {
  const loop = checkFile(t, `test('a', () => { for (;;); })`, {}, '--limit', '1')
  assert.deepEqual([loop.closingLine, loop.status], ['0 passed, 1 failed', 1])
  const open = checkFile(t, `test('a', () => { setInterval(() => {}, 1000) })`, {}, '--limit', '1')
  assert.equal(open.closingLine, '1 passed, 1 failed')
  assert.match(open.output, /had not ended after 1 s/)
})

test('a run that finds no test file fails', (t) => {
  const { closingLine, status } = check(temporaryTree(t, {}), {}, 'services/none')
  assert.deepEqual({ closingLine, status }, { closingLine: '0 passed, 1 failed', status: 1 })
})

test('each static check counts as one, passing or failing', (t) => {
  const outside = '../..'
  const root = temporaryTree(t, {
    'package.json':
      '{ "name": "fixture", "private": true, "type": "module", "workspaces": ["services/*"] }\n',
    'services/a/package.json': '{ "name": "@gatehouse/service-a", "private": true, "type": "module" }\n',
    'services/a/src/main.ts': `const port: number = 'none'\nexport { port }\n`,
    'services/a/src/unused.ts': 'export const unused = 1\n',
    'services/a/src/across.ts': `export { other } from '${outside}/b/src/other.ts'\n`,
    'services/b/src/other.ts': 'export const other = Date.now()\n',
    'services/a/test/a.test.ts': `import { test } from 'node:test'\n\ntest('a', () => {})\n`,
    'tsconfig.json': `{ "compilerOptions": ${compilerOptions}, "include": ["services/*/src"] }
`,
    'biome.json': '{ "formatter": { "enabled": false }, "assist": { "enabled": false } }\n',
    'knip.json': '{ "workspaces": { "services/*": { "entry": ["src/main.ts", "test/*.test.ts"] } } }\n',
  })
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  const { output, closingLine, status } = check(root, {})
  assert.match(output, /FAIL {2}types/)
  assert.match(output, /ok {4}format, lint/)
  assert.match(output, /FAIL {2}imports by path\n.*services\/a\/src\/across\.ts:1 imports/)
  assert.match(output, /FAIL {2}unused files[\s\S]*unused\.ts/)
  assert.deepEqual({ closingLine, status }, { closingLine: '2 passed, 3 failed', status: 1 })
})

test('a test file of which nothing at all is reported has failed', () => {
  const { passed, failed, failures } = tallyOf([], { requireAll: false, tooSlow: '' })
  assert.deepEqual([passed, failed, failures.length], [0, 1, 1])
})
