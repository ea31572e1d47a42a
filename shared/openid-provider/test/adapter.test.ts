import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { AdapterPayload } from 'oidc-provider'
import { type OidcModelTable, sqlAdapter } from '../src/adapter.ts'
import { createOidcModels } from '../src/tables.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 5))

async function open(url: string) {
  const database = await openDatabase<OidcModelTable>(url, 'openid_provider')
  await migrate(database, { '0001_openid_provider': { up: createOidcModels } })
  return {
    database,
    of: (model: string) => sqlAdapter(database as never, secrets)(model),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

async function settled<T>(calls: Promise<T>[]) {
  const results = await Promise.allSettled(calls)
  return {
    done: results.filter(({ status }) => status === 'fulfilled').length,
    refused: results.filter(({ status }) => status === 'rejected').length,
  }
}

onEveryEngine((engine) => {
  test('what was stored is found by its id until it expires, and not from then on', async () => {
    await using store = await open(await engine.freshDatabase())
    const sessions = store.of('Session')
    await sessions.upsert('cookie-1', { jti: 'cookie-1', uid: 'uid-1', accountId: 'a' }, 60)
    assert.deepEqual(await sessions.find('cookie-1'), { jti: 'cookie-1', uid: 'uid-1', accountId: 'a' })
    assert.equal(await sessions.find('cookie-2'), undefined)
    assert.equal(await store.of('RefreshToken').find('cookie-1'), undefined)
    advanceClock(59_000)
    assert.ok(await sessions.find('cookie-1'))
    advanceClock(1_000)
    assert.equal(await sessions.find('cookie-1'), undefined)
    assert.equal(await sessions.findByUid('uid-1'), undefined)
  })

  test('a session is found by its uid without the value of its cookie', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.of('Session').upsert('cookie-1', { jti: 'cookie-1', uid: 'uid-1', accountId: 'a' }, 60)
    assert.deepEqual(await store.of('Session').findByUid('uid-1'), { uid: 'uid-1', accountId: 'a' })
  })

  test('storing again replaces, destroying removes', async () => {
    await using store = await open(await engine.freshDatabase())
    const sessions = store.of('Session')
    await sessions.upsert('cookie-1', { jti: 'cookie-1', uid: 'uid-1' }, 60)
    await sessions.upsert('cookie-1', { jti: 'cookie-1', uid: 'uid-1', accountId: 'a' }, 60)
    assert.equal((await sessions.find('cookie-1'))?.accountId, 'a')
    await sessions.destroy('cookie-1')
    assert.equal(await sessions.find('cookie-1'), undefined)
  })

  for (const model of ['AuthorizationCode', 'RefreshToken']) {
    test(`of five uses of one ${model} at once one wins, and its grant ends (RFC 9700 §4.14.2)`, async () => {
      await using store = await open(await engine.freshDatabase())
      await store.of('Grant').upsert('grant-1', { jti: 'grant-1', accountId: 'a' }, 600)
      await store.of('Grant').upsert('grant-2', { jti: 'grant-2', accountId: 'a' }, 600)
      await store.of(model).upsert('value-1', { jti: 'value-1', grantId: 'grant-1' }, 600)
      await store.of('AccessToken').upsert('value-2', { jti: 'value-2', grantId: 'grant-1' }, 600)
      const { done } = await settled([1, 2, 3, 4, 5].map(() => store.of(model).consume('value-1')))
      assert.equal(done, 1)
      assert.equal(await store.of(model).find('value-1'), undefined)
      assert.equal(await store.of('AccessToken').find('value-2'), undefined)
      assert.equal(await store.of('Grant').find('grant-1'), undefined)
      assert.ok(await store.of('Grant').find('grant-2'))
    })
  }

  test('what was consumed is found as consumed', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.of('RefreshToken').upsert('value-1', { jti: 'value-1', grantId: 'grant-1' }, 600)
    await store.of('RefreshToken').consume('value-1')
    assert.equal(typeof (await store.of('RefreshToken').find('value-1'))?.consumed, 'number')
  })

  test('the end of a grant takes its tokens along, and no interaction that knows of it', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.of('RefreshToken').upsert('value-1', { jti: 'value-1', grantId: 'grant-1' }, 600)
    await store.of('RefreshToken').upsert('value-2', { jti: 'value-2', grantId: 'grant-2' }, 600)
    await store.of('Interaction').upsert('uid-1', { jti: 'uid-1', grantId: 'grant-1' }, 600)
    await store.of('RefreshToken').revokeByGrantId('grant-1')
    assert.equal(await store.of('RefreshToken').find('value-1'), undefined)
    assert.ok(await store.of('RefreshToken').find('value-2'))
    assert.ok(await store.of('Interaction').find('uid-1'))
  })

  test('of five uses of one assertion at once one is taken, and again when it has expired (RFC 7523 §3)', async () => {
    await using store = await open(await engine.freshDatabase())
    const use = () => store.of('ReplayDetection').upsert('digest-1', { jti: 'digest-1', iss: 'terms' }, 60)
    assert.deepEqual(await settled([1, 2, 3, 4, 5].map(use)), { done: 1, refused: 4 })
    advanceClock(60_000)
    assert.deepEqual(await settled([use()]), { done: 1, refused: 0 })
  })

  test('no row holds a code, a token, a session cookie or a client secret in the clear (ASVS 11.4.1)', async () => {
    await using store = await open(await engine.freshDatabase())
    const models: [string, AdapterPayload][] = [
      ['Session', { uid: 'uid-1' }],
      ['AuthorizationCode', { grantId: 'grant-1' }],
      ['RefreshToken', { grantId: 'grant-1' }],
      ['AccessToken', { grantId: 'grant-1' }],
      ['PushedAuthorizationRequest', { request: 'a.b.c' }],
    ]
    for (const [model, payload] of models) {
      await store.of(model).upsert(`bearer-${model}`, { jti: `bearer-${model}`, ...payload }, 60)
      assert.deepEqual(await store.of(model).find(`bearer-${model}`), { jti: `bearer-${model}`, ...payload })
    }
    const session = { accountId: 'a', uid: 'uid-1', cookie: 'bearer-Session' }
    await store.of('Interaction').upsert('uid-2', { jti: 'uid-2', session }, 60)
    assert.deepEqual(await store.of('Interaction').find('uid-2'), {
      jti: 'uid-2',
      session: { accountId: 'a', uid: 'uid-1' },
    })
    const client = { client_id: 'client-1', client_secret: 'bearer-secret', scope: 'openid' }
    await store.of('Client').upsert('client-1', client)
    assert.deepEqual(await store.of('Client').find('client-1'), client)

    const rows = await store.database.selectFrom('oidcModels').selectAll().execute()
    assert.equal(rows.length, 7)
    assert.doesNotMatch(JSON.stringify(rows), /bearer-/)
  })

  test('what has expired is swept in passing', async () => {
    await using store = await open(await engine.freshDatabase())
    const codes = store.of('AuthorizationCode')
    await codes.upsert('old', { jti: 'old' }, 60)
    advanceClock(60_000)
    for (let writes = 0; writes < 500; writes += 1) await codes.upsert('new', { jti: 'new' }, 60)
    const rows = await store.database.selectFrom('oidcModels').select('id').execute()
    assert.equal(rows.length, 1)
  })
})
