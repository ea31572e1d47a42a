import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plainEnvironment, temporaryTree } from './temporary-tree.ts'

const bootstrap = fileURLToPath(new URL('../', import.meta.url))
const lock = JSON.stringify({
  packages: {
    '': {},
    'node_modules/node': { version: '24.0.0' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  },
})

// Stands in for npm: notes how it was called and lays down what an install would, with this Node as the pinned one.
const npm = `#!/bin/sh
echo "$1" >> calls
echo "$PATH" > path
echo "npm talks"
case "$NPM_FAILS" in *"$1"*) exit 1;; esac
mkdir -p node_modules/node/bin
cp package-lock.json node_modules/.package-lock.json
case "$NPM_SCRIPTS_OFF" in *"$1"*) exit 0;; esac
ln -sf "${process.execPath}" node_modules/node/bin/node
`
const program = `
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), main: process.argv[1], child: process.ppid }))
process.exitCode = 7
`

/** A clone with a stand-in for npm, in which nothing is installed yet. */
function freshClone(t: TestContext, source = program) {
  const root = temporaryTree(t, { 'package-lock.json': lock, 'program.ts': source, 'bin/npm': npm })
  chmodSync(join(root, 'bin/npm'), 0o755)
  for (const file of ['installed.mjs', 'pinned-node.mjs', 'run.mjs']) {
    cpSync(join(bootstrap, file), join(root, 'infra/bootstrap', file))
  }
  const command = [join(root, 'infra/bootstrap/run.mjs'), 'program.ts', '--json', 'a b']
  function environment(more: Record<string, string> = {}) {
    return plainEnvironment({ PATH: join(root, 'bin') + delimiter + process.env.PATH, ...more })
  }
  function run(more?: Record<string, string>) {
    const options = { cwd: root, env: environment(more), encoding: 'utf8', timeout: 30_000 } as const
    const { stdout, stderr, status } = spawnSync(process.execPath, command, options)
    return { stdout, stderr, status }
  }
  function npmCalls(): string[] {
    const calls = join(root, 'calls')
    return existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
  }
  return { root, run, npmCalls, command, environment }
}

test('a fresh clone installs, runs the program with its arguments and ends with its status', (t) => {
  const { root, run, npmCalls } = freshClone(t)
  const { stdout, stderr, status } = run()
  assert.deepEqual(npmCalls(), ['install'])
  const { args, main } = JSON.parse(stdout)
  assert.deepEqual(
    { args, main, status },
    { args: ['--json', 'a b'], main: join(root, 'program.ts'), status: 7 },
  )
  assert.match(stderr, /^Installing[^\n]*\nnpm talks\n$/)
})

test('once installed, the program runs at once, in the same process, and nothing is said', (t) => {
  const { root, run, npmCalls } = freshClone(t)
  run()
  const { stdout, stderr, status } = run()
  assert.deepEqual(npmCalls(), ['install'])
  const { args, main, child } = JSON.parse(stdout)
  assert.deepEqual(
    { args, main, status },
    { args: ['--json', 'a b'], main: join(root, 'program.ts'), status: 7 },
  )
  assert.equal(child, process.pid)
  assert.equal(stderr, '')
})

test('a lock file that has moved on is installed again', (t) => {
  const { root, run, npmCalls } = freshClone(t)
  run()
  writeFileSync(join(root, 'package-lock.json'), lock.replace('24.0.0', '24.0.1'))
  run()
  assert.deepEqual(npmCalls(), ['install', 'install'])
})

test('an install that failed or was cut off does not count, and what it left is removed', (t) => {
  const { root, run, npmCalls } = freshClone(t)
  const failed = run({ NPM_FAILS: 'install' })
  assert.equal(failed.status, 1)
  assert.equal(failed.stdout, '')
  assert.match(failed.stderr, /npm install failed/)
  mkdirSync(join(root, 'node_modules/half'))
  assert.equal(run().status, 7)
  assert.equal(existsSync(join(root, 'node_modules/half')), false)
  rmSync(join(root, 'node_modules/.package-lock.json'))
  mkdirSync(join(root, 'node_modules/half'))
  assert.equal(run().status, 7)
  assert.equal(existsSync(join(root, 'node_modules/half')), false)
  assert.deepEqual(npmCalls(), ['install', 'install', 'install'])
})

test('an install that was cut off after npm wrote its lock file is done again', (t) => {
  const { root, run, npmCalls } = freshClone(t)
  run()
  writeFileSync(join(root, 'node_modules/.unfinished'), '')
  run()
  run()
  assert.deepEqual(npmCalls(), ['install', 'install'])
})

test('npm runs in the Node of the machine, not in the one that it replaces', (t) => {
  const { root, run } = freshClone(t)
  const inside = join(root, 'node_modules/.bin')
  run({ PATH: [inside, join(root, 'bin'), process.env.PATH].join(delimiter) })
  assert.ok(!readFileSync(join(root, 'path'), 'utf8').split(delimiter).includes(inside))
})

test('a pinned Node that was left out is fetched afterwards', (t) => {
  const { run, npmCalls } = freshClone(t)
  assert.equal(run({ NPM_SCRIPTS_OFF: 'install' }).status, 7)
  assert.deepEqual(npmCalls(), ['install', 'rebuild'])
})

test('without install scripts the message names the cause and the way out', (t) => {
  const { run } = freshClone(t)
  const { stdout, stderr, status } = run({ NPM_SCRIPTS_OFF: 'install rebuild' })
  assert.deepEqual({ stdout, status }, { stdout: '', status: 1 })
  assert.match(stderr, /ignore-scripts[\s\S]*npm rebuild node/)
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} reaches the program, and its status comes back`, { timeout: 30_000 }, async (t) => {
    const waits = `
      process.on('${signal}', () => { process.stdout.write('closed'); process.exit(5) })
      setInterval(() => {}, 1000)
      process.stdout.write('ready ')`
    const { root, command, environment } = freshClone(t, waits)
    const child = spawn(process.execPath, command, {
      cwd: root,
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    t.after(() => child.kill('SIGKILL'))
    const written: string[] = []
    child.stdout.on('data', (chunk) => written.push(String(chunk)))
    await once(child.stdout, 'data')
    child.kill(signal)
    const [status] = await once(child, 'close')
    assert.deepEqual([written.join(''), status], ['ready closed', 5])
  })
}
