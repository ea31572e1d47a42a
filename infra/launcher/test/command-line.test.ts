import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portsFrom, portsOf, urlsAt } from '../src/addresses.ts'
import { HELP, readOptions, UsageError } from '../src/command-line.ts'

test('without options the suite starts at port 4000 on the folder var', () => {
  assert.deepEqual(readOptions([]), {
    portBase: 4000,
    dataDirectory: 'var',
    reset: false,
    json: false,
    help: false,
  })
})

test('the help names every option', () => {
  for (const option of ['--port-base', '--data', '--reset', '--json', '--help'])
    assert.ok(HELP.includes(option))
})

test('an option that does not exist is refused, and so is a stray word', () => {
  assert.throws(() => readOptions(['--prot-base', '5000']), UsageError)
  assert.throws(() => readOptions(['5000']), UsageError)
})

test('a port base that leaves no port for every service is refused', () => {
  for (const base of ['0', '-1', 'abc', '4000.5', '65535', ''])
    assert.throws(() => readOptions([`--port-base=${base}`]), UsageError, base)
  assert.equal(readOptions(['--port-base', '65522']).portBase, 65_522)
})

test('a port base moves the whole table of services and keeps the distances', () => {
  const ports = portsFrom(7100)
  assert.equal(ports['sign-in'], 7100)
  assert.equal(ports['login-gov'], 7101)
  assert.equal(ports.gateway, 7108)
  assert.equal(ports.lab, 7112)
  assert.equal(urlsAt(ports).bso, 'http://localhost:7110')
  assert.deepEqual(portsOf(urlsAt(ports)), ports)
})
