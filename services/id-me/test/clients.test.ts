// The register of relying services: the file, and the API for whoever has the operator's token.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { readClientFile } from '@gatehouse/provider/clients/client-file'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { entryProblems, NewClientEntry } from '../src/clients/client-entry.ts'
import { sqlClients } from '../src/clients/store.ts'
import { migrations } from '../src/migrations.ts'
import {
  AGENCY,
  authorizeUrl,
  CLIENTS,
  codeFor,
  configurationFiles,
  type IdMe,
  OPERATOR_TOKEN,
  postToken,
  startIdMe,
  tokenParameters,
} from './support/id-me.ts'

const entry = {
  client_id: '0123456789abcdef0123456789abcdef',
  client_secret: 'fedcba9876543210fedcba9876543210',
  name: 'New',
  redirect_uris: ['https://new.example.com/callback'],
  policies: ['login'],
}

const problemsOf = (redirect_uris: string[]) => ({ redirect_uris })
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const ownKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

const rows: { what: object; field: string; rule: string }[] = [
  { what: problemsOf(['https://a.example/*']), field: 'redirect_uris.0', rule: 'has a wildcard' },
  { what: problemsOf(['https://a.example/#x']), field: 'redirect_uris.0', rule: 'has a fragment' },
  { what: problemsOf(['/callback']), field: 'redirect_uris.0', rule: 'is not an absolute URI' },
  { what: problemsOf(['https://a.example/ b']), field: 'redirect_uris.0', rule: 'is not an absolute URI' },
  {
    what: problemsOf(['javascript:alert(1)']),
    field: 'redirect_uris.0',
    rule: 'has a scheme that is not allowed',
  },
  { what: { policies: ['profile'] }, field: 'policies.0', rule: 'is not a policy of ID.me' },
  { what: { policies: ['login', 'login'] }, field: 'policies.1', rule: 'is there twice' },
  {
    what: { userinfo_encryption_key: { kty: 'RSA', n: 'AQ' } },
    field: 'userinfo_encryption_key',
    rule: 'is not a JWK of a public RSA key',
  },
  {
    what: { userinfo_encryption_key: weak },
    field: 'userinfo_encryption_key',
    rule: 'has fewer than 2048 bits',
  },
  {
    what: { userinfo_encryption_key: ownKey },
    field: 'userinfo_encryption_key',
    rule: 'holds a private key',
  },
]

describe('the file', () => {
  const readFile = (path: string) => readClientFile(path, NewClientEntry, entryProblems)

  async function read(clients: unknown) {
    const files = configurationFiles({ clients })
    return readFile(files.environment.CLIENTS_FILE).finally(files.remove)
  }

  test('names the entry, the field and the rule of what cannot be used, and never the value', async () => {
    for (const { what, field, rule } of rows) {
      await assert.rejects(read([entry, { ...entry, client_id: 'second', ...what }]), (error: Error) => {
        assert.ok(error instanceof ConfigurationError)
        assert.equal(error.message, `CLIENTS_FILE is not usable: [1].${field} ${rule}`)
        return true
      })
    }
  })

  test('is refused when it is no array, holds no secret, a short one, an unknown field or a client twice', async () => {
    const { client_secret: _secret, ...without } = entry
    const refusals: [unknown, RegExp][] = [
      ['{', /JSON array/],
      [{}, /JSON array/],
      [[null], /\[0\]/],
      [[without], /\[0\].*client_secret/],
      [[{ ...entry, client_secret: 'short' }], /\[0\]\.client_secret/],
      [[{ ...entry, redirect_uris: [`https://a.example/${'a'.repeat(250)}`] }], /\[0\]\.redirect_uris\.0/],
      [[{ ...entry, secret: 'x' }], /\[0\].*secret/],
      [[entry, entry], /\[1\]\.client_id is registered twice/],
    ]
    for (const [clients, message] of refusals) await assert.rejects(read(clients), message)
    await assert.rejects(readFile('/nowhere'), /cannot be read/)
  })
})

describe('the API', () => {
  let idMe: IdMe
  before(async () => {
    idMe = await startIdMe()
  })
  after(() => idMe.app.close())

  const call = (
    method: 'GET' | 'PUT' | 'DELETE',
    id: string,
    payload?: object,
    token: string | undefined = OPERATOR_TOKEN,
  ) =>
    idMe.app.inject({
      method,
      url: `/api/clients${id}`,
      headers: { authorization: `Bearer ${token}` },
      ...(payload ? { payload } : {}),
    })
  const id = `/${entry.client_id}`

  test('is for the operator alone (ASVS 4.1.1)', async () => {
    for (const token of ['', 'x', AGENCY.client_secret]) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', id],
        ['PUT', id],
        ['DELETE', id],
      ] as const) {
        const answer = await call(method, path, method === 'PUT' ? entry : undefined, token)
        assert.equal(answer.statusCode, 401)
      }
    }
  })

  test('registers, changes and removes a client at once, and never shows its secret', async () => {
    const asks = authorizeUrl({
      client_id: entry.client_id,
      redirect_uri: entry.redirect_uris[0],
      scope: 'openid login',
    })
    const redeem = async (client_secret: string) => {
      const code = await codeFor(idMe, 'maria', asks).catch(() => 'none')
      const change = { ...entry, name: undefined, redirect_uri: entry.redirect_uris[0], client_secret }
      const { policies: _policies, redirect_uris: _uris, ...parameters } = change
      return (await postToken(idMe.app, tokenParameters(code, parameters))).statusCode
    }
    assert.equal(await redeem(entry.client_secret), 400)
    const added = await call('PUT', id, entry)
    assert.equal(added.statusCode, 201)
    // The codes of a new client need the consents of its own.
    await idMe.allow('maria', entry.client_id)
    assert.equal(await redeem(entry.client_secret), 200)

    const { client_secret: secret, ...shown } = entry
    assert.deepEqual((await call('GET', id)).json(), shown)
    const all = await call('GET', '')
    assert.equal(all.json().clients.length, CLIENTS.length + 1)
    for (const { body } of [added, all]) assert.ok(!body.includes(secret))

    const renamed = await call('PUT', id, { ...shown, name: 'Newer' })
    assert.equal(renamed.statusCode, 200)
    assert.equal(await redeem(secret), 200)
    assert.equal((await call('PUT', id, { ...entry, client_secret: 'another-secret-0' })).statusCode, 200)
    assert.equal(await redeem(secret), 400)
    assert.equal(await redeem('another-secret-0'), 200)
    assert.equal((await call('PUT', id, { ...shown, active: false })).statusCode, 200)
    assert.equal(await redeem('another-secret-0'), 400)

    assert.equal((await call('DELETE', id)).statusCode, 204)
    assert.equal((await call('DELETE', id)).statusCode, 404)
    assert.equal((await call('GET', id)).statusCode, 404)
  })

  test('names the field and the rule of what cannot be used, and changes nothing', async () => {
    for (const { what, field, rule } of rows) {
      const answer = await call('PUT', id, { ...entry, ...what })
      assert.equal(answer.statusCode, 400)
      assert.deepEqual(answer.json().errors, [{ field: `body.${field}`, rule }])
    }
    const { client_secret: _secret, ...without } = entry
    assert.equal((await call('PUT', id, without)).json().errors[0].field, 'body.client_secret')
    assert.equal((await call('PUT', '/other', entry)).json().errors[0].field, 'body.client_id')
    assert.equal((await call('PUT', id, { ...entry, extra: 1 })).statusCode, 400)
    assert.equal((await call('GET', id)).statusCode, 404)
  })

  test('is described', async () => {
    const { paths } = (await idMe.app.inject('/openapi.json')).json()
    assert.deepEqual(Object.keys(paths['/api/clients/{client_id}']).sort(), ['delete', 'get', 'put'])
  })
})

onEveryEngine((engine) => {
  test('of two registers over one database each sees what the other changed; the file goes first', async () => {
    const database = await openDatabase<unknown>(await engine.freshDatabase(), 'id_me')
    await migrate(database, migrations)
    const digest = (text: string) => `digest of ${text.length}`
    const [one, other] = [sqlClients(database, digest), sqlClients(database, digest)]
    const { client_secret: _secret, ...shown } = entry
    assert.equal(await one.put(shown), 'secret_missing')
    assert.equal(await one.put({ ...entry, client_id: 'by-api' }), 'added')
    await one.takeFile([entry])
    await other.refresh()
    assert.deepEqual(
      other
        .entries()
        .map(({ client_id }) => client_id)
        .sort(),
      [entry.client_id, 'by-api'].sort(),
    )
    assert.equal(await one.put({ ...shown, name: 'Changed' }), 'replaced')
    assert.equal(other.find(entry.client_id)?.name, 'New')
    await other.refresh()
    assert.equal(other.find(entry.client_id)?.name, 'Changed')
    // A restart: the file says again what it says, and what it does not name any more goes.
    await other.takeFile([{ ...entry, name: 'From the file' }])
    assert.equal(other.find(entry.client_id)?.name, 'From the file')
    await other.takeFile([])
    await one.refresh()
    assert.deepEqual(
      one.entries().map(({ client_id }) => client_id),
      ['by-api'],
    )
    await database.destroy()
  })
})
