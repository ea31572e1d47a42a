import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { freePortBase } from './free-port-base.ts'
import { run } from './running-program.ts'
import { temporaryDirectory } from './temporary-directory.ts'

test('the help tells how to start, and starts nothing', async (t) => {
  const { status, stdout } = await run(t, 'main', ['--help']).ended()
  assert.equal(status, 0)
  assert.match(stdout, /--port-base N/)
})

test('an unknown option ends with status 2 and names the option', async (t) => {
  const { status, stdout, stderr } = await run(t, 'main', ['--prot-base', '5000']).ended()
  assert.equal(status, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /--prot-base/)
})

test('a taken port is named with its service, and the status is 1', async (t) => {
  const { base, ports } = await freePortBase()
  const other = createServer().listen(ports.terms, 'localhost')
  t.after(() => other.close())
  await once(other, 'listening')
  const args = ['--data', temporaryDirectory(t), '--port-base', String(base)]
  const { status, stdout, stderr } = await run(t, 'main', args).ended()
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, new RegExp(`port ${ports.terms} \\(terms\\)`))
  assert.doesNotMatch(stderr, /sign-in|\n {4}at /)
})

test('--reset leaves a folder alone that is not the suite’s, with status 1', async (t) => {
  const data = temporaryDirectory(t)
  writeFileSync(join(data, 'thesis.txt'), 'years of work')
  const { base } = await freePortBase()
  const args = ['--reset', '--data', data, '--port-base', String(base)]
  const { status, stderr } = await run(t, 'main', args).ended()
  assert.equal(status, 1)
  assert.match(stderr, /is left alone/)
  assert.deepEqual(readdirSync(data), ['thesis.txt'])
})

test('a variable that no service can use is named, without a stack, with status 1', async (t) => {
  const { base } = await freePortBase()
  const args = ['--data', temporaryDirectory(t), '--port-base', String(base)]
  const { status, stderr } = await run(t, 'main', args, { LOG_LEVEL: 'loud' }).ended()
  assert.equal(status, 1)
  assert.match(stderr, /LOG_LEVEL/)
  assert.doesNotMatch(stderr, /loud|\n {4}at /)
})

test('with --json one line says that everything is ready, and SIGTERM ends it with status 0', async (t) => {
  const data = temporaryDirectory(t)
  const { base } = await freePortBase()
  const args = ['--json', '--data', data, '--port-base', String(base)]
  const suite = run(t, 'main', args)
  const ready = JSON.parse(await suite.firstLine())

  assert.equal(ready.ready, true)
  assert.deepEqual(Object.keys(ready.urls).toSorted(), SERVICE_NAMES.toSorted())
  assert.equal(ready.urls['sign-in'], `http://localhost:${base}`)
  const maria = ready.personas.find(({ id }: { id: string }) => id === 'maria')
  assert.deepEqual(Object.keys(maria), ['id', 'email', 'username', 'password', 'phoneNumber'])
  for (const url of Object.values(ready.urls)) assert.equal((await fetch(`${url}/health/ready`)).status, 200)

  const second = await run(t, 'main', args).ended()
  assert.equal(second.status, 1)
  assert.match(second.stderr, /is running on .* already/)

  suite.signal('SIGTERM')
  const { status, stdout, stderr } = await suite.ended()
  assert.equal(status, 0)
  assert.equal(stdout.trim().split('\n').length, 1)
  assert.equal(stderr, '')
  const log = readFileSync(join(data, 'gatehouse.log'), 'utf8').trim().split('\n')
  for (const line of log) assert.doesNotThrow(() => JSON.parse(line), line)
  assert.ok(!log.some((line) => line.includes(maria.password)))

  const again = run(t, 'main', args)
  assert.deepEqual({ ...JSON.parse(await again.firstLine()), pid: ready.pid }, ready)
  again.signal('SIGKILL')
  await again.ended()

  const fresh = run(t, 'main', [...args, '--reset'])
  const { personas } = JSON.parse(await fresh.firstLine())
  assert.notDeepEqual(personas, ready.personas)
  fresh.signal('SIGINT')
  assert.equal((await fresh.ended()).status, 0)
})

test('in plain words it says where to start, who to sign in as, where texts arrive, and how to stop', async (t) => {
  const data = temporaryDirectory(t)
  const { base, ports } = await freePortBase()
  const suite = run(t, 'main', ['--data', data, '--port-base', String(base)])
  await suite.firstLine()
  suite.signal('SIGINT')
  const { status, stdout } = await suite.ended()
  assert.equal(status, 0)
  for (const port of Object.values(ports)) assert.ok(stdout.includes(`http://localhost:${port}`))
  const { personas } = JSON.parse(readFileSync(join(data, 'personas.json'), 'utf8'))
  for (const { email, password, phoneNumber } of personas.slice(0, 2)) {
    for (const text of [email, password, phoneNumber]) assert.ok(stdout.includes(text))
  }
  assert.match(stdout, /--reset/)
  assert.match(stdout, /Ctrl-C/)
})

test('a service of no such name is refused with the list of services', async (t) => {
  const { status, stderr } = await run(t, 'service', ['tremms']).ended()
  assert.equal(status, 2)
  for (const name of SERVICE_NAMES) assert.ok(stderr.includes(name))
})

test('one service runs by itself, configured by its environment', async (t) => {
  const data = temporaryDirectory(t)
  const { ports } = await freePortBase()
  const terms = run(t, 'service', ['terms'], {
    DATA_DIR: data,
    PORT: String(ports.terms),
    TERMS_URL: `http://localhost:${ports.terms}`,
    LOG_LEVEL: 'info',
  })
  await terms.firstLine()
  const answer = await fetch(`http://localhost:${ports.terms}/health/ready`)
  assert.deepEqual(await answer.json(), { status: 'ready' })
  assert.ok(existsSync(join(data, 'terms', 'terms.sqlite')))
  terms.signal('SIGTERM')
  assert.equal((await terms.ended()).status, 0)
})

test('a service whose configuration cannot be used says which variable, without a stack', async (t) => {
  const { status, stderr } = await run(t, 'service', ['cbsv'], { DATA_DIR: temporaryDirectory(t) }).ended()
  assert.equal(status, 1)
  assert.match(stderr, /^cbsv: .*NUMIDENT_FILE/)
  assert.doesNotMatch(stderr, /\n {4}at /)
})
