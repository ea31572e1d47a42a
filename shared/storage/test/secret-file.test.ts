import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { promisify } from 'node:util'
import { secretFile } from '@gatehouse/storage/secrets'

const directories: string[] = []
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-secrets-'))
  directories.push(directory)
})
after(() => {
  for (const path of directories) rmSync(path, { recursive: true, force: true })
})

test('a secret is made once and read from then on', () => {
  const path = join(directory, 'secret')
  assert.equal(
    secretFile(path, () => 'first'),
    'first',
  )
  const second = secretFile(path, () => assert.fail('it is there already'))
  assert.equal(second, 'first')
})

test('only the owner may read a secret and enter its new folders', () => {
  const before = process.umask(0)
  try {
    const path = join(directory, 'new', 'folder', 'secret')
    secretFile(path, () => 'content')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(statSync(join(directory, 'new')).mode & 0o777, 0o700)
    assert.equal(statSync(join(directory, 'new', 'folder')).mode & 0o777, 0o700)
  } finally {
    process.umask(before)
  }
})

test('nothing but the secret is left in its folder', () => {
  secretFile(join(directory, 'secret'), () => 'content')
  secretFile(join(directory, 'secret'), () => 'other')
  assert.deepEqual(readdirSync(directory), ['secret'])
})

test('when making the content fails there is no file, and the next attempt makes it', () => {
  const path = join(directory, 'secret')
  const failing = () => {
    throw new Error('no entropy')
  }
  assert.throws(() => secretFile(path, failing), /no entropy/)
  assert.deepEqual(readdirSync(directory), [])
  assert.equal(
    secretFile(path, () => 'content'),
    'content',
  )
})

test('somebody who was faster wins, whole', () => {
  const path = join(directory, 'secret')
  const content = secretFile(path, () => {
    writeFileSync(path, 'of the faster one')
    return 'of the slower one'
  })
  assert.equal(content, 'of the faster one')
  assert.equal(readFileSync(path, 'utf8'), 'of the faster one')
  assert.deepEqual(readdirSync(directory), ['secret'])
})

test('a path that cannot be read is an error and not a new secret', () => {
  assert.throws(() => secretFile(directory, () => 'content'), { code: 'EISDIR' })
})

test('processes that start at once agree on one whole secret', async () => {
  const path = join(directory, 'secret')
  // Making the content takes long enough for all to be in it together.
  const program = `
    import { secretFile } from '@gatehouse/storage/secrets'
    const content = secretFile(${JSON.stringify(path)}, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
      return 'secret of ' + process.pid
    })
    process.stdout.write(content)`
  const start = promisify(execFile)
  const runs = Array.from({ length: 4 }, () =>
    start(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      timeout: 30_000,
    }),
  )
  const contents = (await Promise.all(runs)).map(({ stdout }) => stdout)
  assert.match(contents[0] ?? '', /^secret of \d+$/)
  assert.equal(new Set(contents).size, 1, contents.join(', '))
  assert.equal(readFileSync(path, 'utf8'), contents[0])
})
