import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { Value } from 'typebox/value'
import { portsFrom, urlsAt } from '../src/addresses.ts'
import { prepareFirstStart } from '../src/first-start.ts'
import { temporaryDirectory } from './temporary-directory.ts'

function start(t: TestContext) {
  const dataDirectory = temporaryDirectory(t)
  return {
    dataDirectory,
    prepare: (base = 5000, personaPassword?: string) =>
      prepareFirstStart({ dataDirectory, urls: urlsAt(portsFrom(base)), numberHolders: 5, personaPassword }),
  }
}

const contents = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  )

test('the first start makes everything that the services read, for the owner alone', async (t) => {
  const { dataDirectory, prepare } = start(t)
  const { files, personas, carrierAccount } = await prepare()
  assert.match(carrierAccount.accountSid, /^AC[0-9a-f]{32}$/)
  assert.ok(Value.Check(PersonasFile, JSON.parse(readFileSync(files.personas, 'utf8'))))
  assert.equal(readFileSync(files.numident, 'utf8').trim().split('\n').length, 5)
  assert.ok(personas.some(({ id }) => id === 'maria'))
  const made = Object.keys(contents(dataDirectory)).filter((path) => path !== files.numident)
  assert.equal(made.length, 9)
  for (const path of made) assert.equal(statSync(path).mode & 0o077, 0, path)
})

test('every persona has a password of its own, long enough for Login.gov', async (t) => {
  const { personas } = await start(t).prepare()
  const passwords = personas.map(({ password }) => password)
  assert.equal(new Set(passwords).size, personas.length)
  for (const password of passwords) assert.match(password, /^([0-9a-z]{5}-){3}[0-9a-z]{5}$/)
})

test('a second start changes nothing', async (t) => {
  const { dataDirectory, prepare } = start(t)
  const first = await prepare()
  const before = contents(dataDirectory)
  assert.deepEqual(await prepare(), first)
  assert.deepEqual(contents(dataDirectory), before)
})

test('other ports change the addresses and keep keys and passwords', async (t) => {
  const { prepare } = start(t)
  const first = await prepare(5000)
  const key = () => JSON.parse(readFileSync(first.files.loginGovClients, 'utf8'))[0].public_keys[0]
  const before = key()
  const moved = await prepare(6000)
  assert.deepEqual(moved.personas, first.personas)
  assert.deepEqual(key(), before)
  const [client] = JSON.parse(readFileSync(moved.files.loginGovClients, 'utf8'))
  const [provider] = JSON.parse(readFileSync(moved.files.providers, 'utf8'))
  assert.deepEqual(client.redirect_uris, ['http://localhost:6000/federation/login.gov/callback'])
  assert.equal(provider.issuer, 'http://localhost:6001/')
})

test('Login.gov is given the public half of the key only', async (t) => {
  const { files } = await start(t).prepare()
  const [client] = JSON.parse(readFileSync(files.loginGovClients, 'utf8'))
  const [provider] = JSON.parse(readFileSync(files.providers, 'utf8'))
  const privateKey = JSON.parse(readFileSync(provider.authentication.keyFile, 'utf8'))
  assert.deepEqual(Object.keys(client.public_keys[0]).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
  assert.equal(client.public_keys[0].n, privateKey.n)
  assert.ok(privateKey.d)
})

test('my Social Security is given the public half of the key only, and is offered to those that name it', async (t) => {
  const { files } = await start(t).prepare()
  const [client] = JSON.parse(readFileSync(files.mySsaClients, 'utf8'))
  const providers: Record<string, unknown>[] = JSON.parse(readFileSync(files.providers, 'utf8'))
  const row = providers.find(({ id }) => id === 'my-ssa') as {
    offeredTo: string
    authentication: { keyFile: string }
  }
  const privateKey = JSON.parse(readFileSync(row.authentication.keyFile, 'utf8'))
  const [publicKey] = client.jwks.keys
  assert.deepEqual(Object.keys(publicKey).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  assert.equal(publicKey.x, privateKey.x)
  assert.ok(privateKey.d)
  assert.equal(row.offeredTo, 'named')
  assert.deepEqual(client.redirect_uris, ['http://localhost:5000/federation/my-ssa/callback'])
})

test('a password given at the first start is the password of every persona, and a later one of none', async (t) => {
  const { prepare } = start(t)
  const first = await prepare(5000, 'correct horse battery')
  assert.ok(first.personas.every(({ password }) => password === 'correct horse battery'))
  assert.deepEqual(await prepare(5000, 'another one entirely'), first)
})
