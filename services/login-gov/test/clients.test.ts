// The register of relying services: over its API, and where file and API meet.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sqlClientRegister } from '@gatehouse/provider/clients/client-register'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type ClientEntry, clientOf } from '../src/clients/client-entry.ts'
import { migrations } from '../src/migrations.ts'
import { fakeOneTimeCodes } from './support/fake-one-time-codes.ts'
import {
  ASSERTION_TYPE,
  assertion,
  authorizeUrl,
  CLIENT,
  CLIENTS,
  clientKeys,
  configurationFiles,
  OPERATOR_TOKEN,
  redeem,
  startLoginGov,
  startOverFile,
} from './support/login-gov.ts'
import { codeFrom, type LoginGov, signedIn } from './support/signed-in.ts'
import { ACR } from './wire/row.ts'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())

const ID = 'urn:gov:gsa:openidconnect.profiles:sp:sso:new:app'
const publicKey = clientKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const entry = {
  client_id: ID,
  friendly_name: 'New',
  agency_id: 7,
  ial: 2,
  pkce: null,
  public_keys: [publicKey, clientKeys.publicKey.export({ format: 'jwk' })],
  redirect_uris: ['https://new.example/callback'],
  return_to_sp_url: 'https://new.example/',
  failure_to_proof_url: 'https://new.example/sorry',
  push_notification_url: 'https://new.example/events',
  push_audience_is_client_id: true,
  allow_prompt_login: true,
  allow_prompt_create: true,
  allow_ialmax: true,
  allow_verified_within: true,
  default_aal: 2,
  active: true,
}

function call(method: 'GET' | 'PUT' | 'DELETE', path: string, payload?: unknown, token = OPERATOR_TOKEN) {
  return idp.app.inject({
    method,
    url: `/api/clients${path}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(payload === undefined ? {} : { payload: payload as object }),
  })
}
const at = (id: string) => `/${encodeURIComponent(id)}`

describe('the API', () => {
  test('only the operator gets in (OWASP ASVS 8.2.1)', async () => {
    for (const token of ['', 'wrong', OPERATOR_TOKEN.slice(1)]) {
      for (const response of [
        await call('GET', '', undefined, token),
        await call('GET', at(CLIENT), undefined, token),
        await call('PUT', at(ID), entry, token),
        await call('DELETE', at(CLIENT), undefined, token),
      ]) {
        assert.equal(response.statusCode, 401)
        assert.equal(response.json().code, 'invalid_token')
      }
    }
    assert.equal((await call('GET', at(ID))).statusCode, 404)
    assert.equal((await call('GET', at(CLIENT))).statusCode, 200)
  })

  test('a client is registered, changed and removed, and each counts at once', async () => {
    const request = authorizeUrl({
      client_id: ID,
      redirect_uri: 'https://new.example/callback',
      acr_values: `${ACR}:auth-only`,
    })
    assert.match((await idp.app.inject(request)).body, /Bad client_id/)

    const made = await call('PUT', at(ID), entry)
    assert.equal(made.statusCode, 201, made.body)
    assert.deepEqual(made.json(), entry)
    assert.deepEqual((await call('GET', at(ID))).json(), entry)
    const code = await codeFrom(await signedIn(idp, { visited: [ID] }), request)
    const tokens = await redeem(idp.app, {
      grant_type: 'authorization_code',
      code,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion({}, clientKeys.privateKey, ID),
    })
    assert.equal(tokens.statusCode, 200, tokens.body)

    const changed = await call('PUT', at(ID), { ...entry, active: false })
    assert.equal(changed.statusCode, 200)
    assert.equal((await idp.app.inject(request)).headers.location, '/errors/service_provider_inactive')

    assert.equal((await call('DELETE', at(ID))).statusCode, 204)
    assert.equal((await call('DELETE', at(ID))).statusCode, 404)
    assert.match((await idp.app.inject(request)).body, /Bad client_id/)
    const { access_token: token } = tokens.json()
    const userInfo = await idp.app.inject({
      url: '/api/openid_connect/userinfo',
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(userInfo.statusCode, 401)
  })

  test('all are listed', async () => {
    const { clients } = (await call('GET', '')).json()
    assert.deepEqual(
      clients.map(({ client_id: id }: ClientEntry) => id).sort(),
      CLIENTS.map(({ client_id: id }) => id).sort(),
    )
  })

  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  for (const [what, changes, field, rule] of [
    ['lacks a name', { friendly_name: undefined }, 'body.friendly_name', /required/],
    ['has an assurance level that is none', { ial: 3 }, 'body.ial', /equal|constant/],
    ['has a default AAL that is none', { default_aal: 1 }, 'body.default_aal', /equal|constant/],
    ['has a field that nobody knows', { client_secret: 'x' }, 'body.client_secret', /not a known field/],
    [
      'has another id than its address',
      { client_id: 'urn:other' },
      'body.client_id',
      /not the one of the address/,
    ],
    [
      'has a redirect URI without a scheme',
      { redirect_uris: ['/a'] },
      'body.redirect_uris.0',
      /absolute URI/,
    ],
    [
      'has a push address that is none',
      { push_notification_url: 'ftp://x' },
      'body.push_notification_url',
      /pattern/,
    ],
    [
      'has a push address that cannot be read',
      { push_notification_url: 'http://[' },
      'body.push_notification_url',
      /not a web address/,
    ],
    ['has no key and needs one', { pkce: false, public_keys: [] }, 'body.public_keys', /needs a key/],
    ['has a key that is none', { public_keys: ['x'] }, 'body.public_keys.0', /neither a PEM nor a JWK/],
    [
      'has a small key (NIST SP 800-131A)',
      { public_keys: [publicKey, small.export({ format: 'jwk' })] },
      'body.public_keys.1',
      /fewer than 2048 bits/,
    ],
  ] as const) {
    test(`a registration is refused when it ${what}, and the answer names field and rule`, async () => {
      const response = await call('PUT', at(ID), { ...entry, ...changes })
      assert.equal(response.statusCode, 400)
      const { code, errors } = response.json()
      assert.equal(code, 'invalid_request')
      const found = errors.find((error: { field: string }) => error.field === field)
      assert.match(found?.rule ?? JSON.stringify(errors), rule)
      assert.equal((await call('GET', at(ID))).statusCode, 404)
    })
  }

  test('the OpenAPI document has the API with every field', async () => {
    const document = (await idp.app.inject('/openapi.json')).json()
    const body = document.paths['/api/clients/{client_id}'].put.requestBody.content['application/json'].schema
    assert.deepEqual(Object.keys(body.properties).sort(), Object.keys(entry).sort())
  })
})

test('the file goes before the API for the ids it names, and both outlive a restart', async () => {
  const { folder, remove } = configurationFiles()
  const rootSecret = randomBytes(32)
  const start = () =>
    startOverFile(`sqlite:${join(folder, 'login-gov.sqlite')}`, rootSecret, fakeOneTimeCodes())
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  const first = await start()
  const put = (id: string, payload: object) =>
    first.app.inject({ method: 'PUT', url: `/api/clients${at(id)}`, headers, payload })
  assert.equal((await put(ID, entry)).statusCode, 201)
  assert.equal((await put(CLIENT, { ...entry, client_id: CLIENT })).statusCode, 200)
  const second = await start()
  const nameOf = async (id: string) =>
    (await second.app.inject({ url: `/api/clients${at(id)}`, headers })).json().friendly_name
  assert.equal(await nameOf(ID), 'New')
  assert.equal(await nameOf(CLIENT), 'Social Security')
  // Two processes over one database: what one registers, the other knows at its next request.
  assert.equal((await put(ID, { ...entry, friendly_name: 'Newer' })).statusCode, 200)
  assert.equal(await nameOf(ID), 'Newer')
  for (const { app, database } of [first, second]) {
    await app.close()
    await database.destroy()
  }
  remove()
})

onEveryEngine(({ freshDatabase }) => {
  const one = (id: string, name = id): ClientEntry => ({
    client_id: id,
    friendly_name: name,
    agency_id: 1,
    ial: 1,
    redirect_uris: [],
  })

  async function openClients() {
    const database = await openDatabase<unknown>(await freshDatabase(), 'login_gov')
    await migrate(database, migrations)
    return { database, clients: sqlClientRegister(database, clientOf) }
  }

  test('what a file no longer names goes, what the API registered stays', async () => {
    const { database, clients } = await openClients()
    await clients.takeFile([one('a'), one('b')])
    assert.equal(await clients.put('c', () => one('c')), 'added')
    assert.equal(await clients.put('b', () => one('b', 'changed')), 'replaced')
    assert.equal(await clients.remove('a'), true)
    await clients.takeFile([one('a', 'anew')])
    assert.deepEqual(
      clients.entries().map(({ client_id: id, friendly_name: name }) => [id, name]),
      [
        ['a', 'anew'],
        ['b', 'changed'],
        ['c', 'c'],
      ],
    )
    await database.destroy()
  })

  test('changes at once all count', async () => {
    const { database, clients } = await openClients()
    const ids = Array.from({ length: 8 }, (_, index) => `client-${index}`)
    await Promise.all(ids.map((id) => clients.put(id, () => one(id))))
    await clients.refresh()
    assert.deepEqual(
      clients.all().map(({ clientId }) => clientId),
      ids,
    )
    const removed = await Promise.all([clients.remove('client-0'), clients.remove('client-0')])
    assert.deepEqual(removed.sort(), [false, true])
    assert.equal(clients.find('client-0'), undefined)
    await database.destroy()
  })
})
