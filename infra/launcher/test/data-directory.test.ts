import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CannotStart } from '../src/cannot-start.ts'
import { holdDataDirectory } from '../src/data-directory.ts'
import { temporaryDirectory } from './temporary-directory.ts'

test('a folder that is not there is made for its owner alone', async (t) => {
  const path = join(temporaryDirectory(t), 'new', 'var')
  const held = await holdDataDirectory(path)
  t.after(() => held.release())
  assert.equal(statSync(path).mode & 0o777, 0o700)
})

test('a folder that holds something else is neither used nor emptied', async (t) => {
  const path = temporaryDirectory(t)
  writeFileSync(join(path, 'thesis.txt'), 'years of work')
  await assert.rejects(holdDataDirectory(path), CannotStart)
  await assert.rejects(holdDataDirectory(path, { reset: true }), CannotStart)
  assert.deepEqual(readdirSync(path), ['thesis.txt'])
})

test('a folder in which services ran by themselves is taken over', async (t) => {
  const path = temporaryDirectory(t)
  mkdirSync(join(path, 'cbsv'))
  const held = await holdDataDirectory(path)
  await held.release()
  assert.ok(existsSync(join(path, 'cbsv')))
})

test('a folder that only has the names of services in it is not emptied before a suite has run on it', async (t) => {
  const path = temporaryDirectory(t)
  mkdirSync(join(path, 'lab'))
  writeFileSync(join(path, 'lab', 'results.txt'), 'years of work')
  await assert.rejects(holdDataDirectory(path, { reset: true }), CannotStart)
  assert.ok(existsSync(join(path, 'lab', 'results.txt')))
})

test('what the file system or SQLite refuses is said with the path and the reason', async (t) => {
  const path = temporaryDirectory(t)
  const file = join(path, 'file')
  writeFileSync(file, '')
  const says = (reason: RegExp) => (error: Error) => {
    assert.ok(error instanceof CannotStart)
    assert.ok(error.message.startsWith(path))
    return reason.test(error.message)
  }
  await assert.rejects(holdDataDirectory(file), says(/EEXIST/))
  await assert.rejects(holdDataDirectory(join(file, 'below')), says(/ENOTDIR/))
  mkdirSync(join(path, 'unusable', 'lock'), { recursive: true })
  await assert.rejects(holdDataDirectory(join(path, 'unusable')), says(/unable to open/))
})

test('a reset empties the folder of Gatehouse', async (t) => {
  const path = temporaryDirectory(t)
  await (await holdDataDirectory(path)).release()
  mkdirSync(join(path, 'sign-in'))
  writeFileSync(join(path, 'sign-in', 'secret'), 'old')
  writeFileSync(join(path, 'personas.json'), '{}')
  const held = await holdDataDirectory(path, { reset: true })
  t.after(() => held.release())
  assert.equal(existsSync(join(path, 'sign-in')), false)
  assert.equal(existsSync(join(path, 'personas.json')), false)
})

test('two suites never share a folder, and a reset does not get around that', async (t) => {
  const path = temporaryDirectory(t)
  const first = await holdDataDirectory(path)
  writeFileSync(join(path, 'personas.json'), '{}')
  await assert.rejects(holdDataDirectory(path), (error: Error) => {
    assert.ok(error instanceof CannotStart)
    return error.message.includes(`process ${process.pid}`)
  })
  await assert.rejects(holdDataDirectory(path, { reset: true }), CannotStart)
  assert.ok(existsSync(join(path, 'personas.json')))
  await first.release()
  await (await holdDataDirectory(path)).release()
})

test('a process that was killed leaves the folder free', async (t) => {
  const path = temporaryDirectory(t)
  const program = `
    const { holdDataDirectory } = await import(${JSON.stringify(import.meta.resolve('../src/data-directory.ts'))})
    await holdDataDirectory(${JSON.stringify(path)})
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => holder.kill('SIGKILL'))
  await once(holder.stdout, 'data', { signal: AbortSignal.timeout(20_000) })
  await assert.rejects(holdDataDirectory(path), CannotStart)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  await (await holdDataDirectory(path)).release()
})
