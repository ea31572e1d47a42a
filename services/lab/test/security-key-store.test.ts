import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type NewAccount, readSetup } from '../src/authenticator-app/setup.ts'
import { sqlAccountStore } from '../src/authenticator-app/store.ts'
import { migrations } from '../src/migrations.ts'
import { newCredential } from '../src/security-keys/authenticator.ts'
import { type Credential, sqlSecurityKeyStore } from '../src/security-keys/store.ts'

const secrets = deriveSecrets(randomBytes(32))
const PHONE = '+12025550142'

async function openStores(url: string) {
  const database = await openDatabase<unknown>(url, 'lab')
  await migrate(database, migrations)
  return {
    keys: sqlSecurityKeyStore(database, secrets),
    accounts: sqlAccountStore(database, secrets),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const credential = (id: string, more: Partial<Credential> = {}): Credential => ({
  id,
  keyId: 'K1',
  rpId: 'localhost',
  userHandle: 'user',
  userName: 'maria@example.com',
  discoverable: false,
  attachment: 'cross-platform',
  counter: 0,
  createdAt: 1,
  ...more,
})

onEveryEngine((engine) => {
  test('of signatures made at once each is counted, and the private key is the one that was kept', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { privateKey } = newCredential()
    await stores.keys.add(credential('C1'), privateKey)
    const used = await Promise.all(Array.from({ length: 20 }, () => stores.keys.use('C1')))
    assert.deepEqual(
      used.map((one) => one?.counter ?? 0).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    assert.deepEqual(used[0]?.privateKey, privateKey)
    assert.equal(await stores.keys.use('C2'), undefined)
  })

  test('of keys made at once with one name one is made', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const made = await Promise.all(['K1', 'K2', 'K3'].map((id) => stores.keys.make(id, 'Blue')))
    assert.equal(made.filter(Boolean).length, 1)
    assert.equal((await stores.keys.all()).length, 1)
  })

  test('a discoverable credential takes the place of the same person at the same site on that key, and of no other', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { privateKey } = newCredential()
    await stores.keys.make('K1', 'Blue')
    await stores.keys.make('K2', 'Red')
    const kept = [
      credential('other key', { discoverable: true, keyId: 'K2' }),
      credential('other site', { discoverable: true, rpId: 'example.com' }),
      credential('other person', { discoverable: true, userHandle: 'else' }),
      credential('not discoverable'),
    ]
    for (const one of [credential('old', { discoverable: true }), ...kept])
      await stores.keys.add(one, privateKey)
    await stores.keys.add(credential('new', { discoverable: true }), privateKey)
    const ids = (await stores.keys.all()).flatMap(({ credentials }) => credentials.map(({ id }) => id))
    assert.deepEqual(ids.sort(), ['new', 'not discoverable', 'other key', 'other person', 'other site'])
    await stores.keys.remove('K1')
    assert.deepEqual(
      (await stores.keys.all()).map(({ id }) => id),
      ['K2'],
    )
    assert.equal(await stores.keys.use('new'), undefined)
  })

  test('accounts of an authenticator app come back as they were added, each on its own phone', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const uri = 'otpauth://totp/A%00B:joe?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=7'
    const { account } = readSetup({ uri }) as { account: NewAccount }
    await stores.accounts.add(PHONE, 'one', account)
    assert.deepEqual(await stores.accounts.of(PHONE), [{ id: 'one', ...account }])
    assert.equal(account.issuer, 'AB')
    assert.deepEqual(await stores.accounts.of('+12025550143'), [])
    assert.equal(await stores.accounts.remove('+12025550143', 'one'), false)
    const removed = await Promise.all([1, 2].map(() => stores.accounts.remove(PHONE, 'one')))
    assert.equal(removed.filter(Boolean).length, 1)
  })
})
