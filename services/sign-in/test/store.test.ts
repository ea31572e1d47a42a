import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OidcModelTable, sqlAdapter } from '@gatehouse/openid-provider/adapter'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { AdapterPayload } from 'oidc-provider'
import { type AccountTables, createAccounts } from '../src/accounts/accounts.ts'
import { migrations } from '../src/migrations.ts'
import { createSigningKeys, type SigningKeyTable } from '../src/openid-provider/signing-keys.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 5))

async function open(url: string) {
  const database = await openDatabase<OidcModelTable & AccountTables & SigningKeyTable>(url, 'sign_in')
  await migrate(database, migrations)
  return {
    database,
    of: (model: string) => sqlAdapter(database as never, secrets)(model),
    accounts: createAccounts(database as never, secrets.digest),
    keys: () => createSigningKeys(database as never, secrets),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const person = {
  idp: 'login.gov',
  subject: 'person-1',
  acr: undefined,
  amr: ['mfa'],
  givenName: 'Maria',
  familyName: 'Example',
  email: 'maria@example.com',
  // On their own word nobody is matched; `matching.test.ts` has those whom a provider has proofed.
  isProofed: false,
  birthdate: '1984-03-12',
  ssn: '987654325',
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

  test('an account is known by provider and subject, and follows what the provider says (ASVS 6.8.1)', async () => {
    await using store = await open(await engine.freshDatabase())
    const one = await store.accounts.recognize(person)
    const married = { ...person, givenName: 'Mary', email: 'new@example.com' }
    const again = await store.accounts.recognize(married)
    await store.accounts.describe(again.accountId, married)
    assert.equal(again.accountId, one.accountId)
    assert.deepEqual(await store.accounts.find(one.accountId), {
      accountId: one.accountId,
      givenName: 'Mary',
      familyName: 'Example',
      email: 'new@example.com',
    })
    const namesake = await store.accounts.recognize({ ...person, subject: 'person-2' })
    const elsewhere = await store.accounts.recognize({ ...person, idp: 'id.me' })
    assert.equal(new Set([one, namesake, elsewhere].map(({ accountId }) => accountId)).size, 3)
    assert.equal(await store.accounts.find('nobody'), undefined)
  })

  test('a credential that arrives for the first time five times at once gets one account', async () => {
    await using store = await open(await engine.freshDatabase())
    const accounts = await Promise.all([1, 2, 3, 4, 5].map(() => store.accounts.recognize(person)))
    assert.equal(new Set(accounts.map(({ accountId }) => accountId)).size, 1)
    const rows = await store.database.selectFrom('accounts').select('accountId').execute()
    assert.equal(rows.length, 1)
  })

  test('a session leads to its newest sign-in, and a sign-in stays with its first session', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.accounts.recognize(person)
    const keep = (authenticatedAt: number) =>
      store.accounts.keepSignIn({
        accountId,
        idp: 'login.gov',
        subject: 'person-1',
        acr: null,
        amr: ['mfa'],
        authenticatedAt,
        attestationId: `attestation-${authenticatedAt}`,
      })
    const [first, second] = [await keep(1_000), await keep(2_000)]
    await store.accounts.tieToSession(second, 'session-1')
    await store.accounts.tieToSession(first, 'session-1')
    await store.accounts.tieToSession(second, 'session-2')
    assert.equal((await store.accounts.findSignInOfSession('session-1'))?.signInId, second)
    assert.equal(await store.accounts.findSignInOfSession('session-2'), undefined)
    assert.deepEqual((await store.accounts.findSignIn(first))?.amr, ['mfa'])

    await store.accounts.keepGrantFacts('grant-1', first, {
      bsoUserId: 'MARIA7K2',
      ein: '960001012',
      services: ['CBSV'],
    })
    const facts = await store.accounts.findGrantFacts('grant-1')
    assert.equal(facts?.authenticatedAt, 1_000)
    assert.equal(facts.sessionUid, 'session-1')
    assert.deepEqual(facts.bsoServices, ['CBSV'])
    assert.equal(await store.accounts.findGrantFacts('grant-2'), undefined)
  })

  test('four starts at once make one set of signing keys, and all use it', async () => {
    await using store = await open(await engine.freshDatabase())
    const loaded = await Promise.all([1, 2, 3, 4].map(() => store.keys().load()))
    const sets = loaded.map((keys) =>
      keys
        .map(({ kid }) => kid)
        .sort()
        .join(),
    )
    assert.equal(new Set(sets).size, 1)
    assert.equal(loaded[0]?.length, 4)
    // The provider signs with the first key of an algorithm.
    const rows = await store.database.selectFrom('signingKeys').selectAll().execute()
    const current = rows.filter(({ state }) => state === 'current').map(({ kid }) => kid)
    assert.deepEqual(
      loaded[0]
        ?.slice(0, 2)
        .map(({ kid }) => kid)
        .sort(),
      current.sort(),
    )
  })

  test('two rotations at once leave one key of each state', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.keys().load()
    await settled([store.keys().rotate(), store.keys().rotate()])
    const rows = await store.database.selectFrom('signingKeys').select(['alg', 'state']).execute()
    assert.deepEqual(rows.map(({ alg, state }) => `${alg} ${state}`).sort(), [
      'ES256 current',
      'ES256 next',
      'ES256 previous',
      'RS256 current',
      'RS256 next',
      'RS256 previous',
    ])
  })

  if (!engine.lasts) return

  test('signing keys stay over a restart', async () => {
    const url = await engine.freshDatabase()
    const kids: string[][] = []
    for (let starts = 0; starts < 2; starts += 1) {
      await using store = await open(url)
      kids.push((await store.keys().load()).map(({ kid }) => String(kid)))
    }
    assert.deepEqual(kids[0], kids[1])
  })
})
