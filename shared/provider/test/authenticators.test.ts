import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { openStores } from './support/stores.ts'

const phone = (accountId: string, name = 'Phone') => ({
  accountId,
  kind: 'phone' as const,
  name,
  details: { number: '+12025550142', prefers: 'text' as const },
})

const key = (accountId: string, kind: 'security_key' | 'platform_authenticator', credentialId = 'abc') => ({
  accountId,
  kind,
  name: 'Key',
  details: { credentialId, publicKey: 'def', transports: ['usb'], isBackedUp: false },
  identifier: credentialId,
})

onEveryEngine((engine) => {
  test('an account has no more of a kind than may be, of two added at once too', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const added = await Promise.all(
      [1, 2, 3, 4].map((number) => authenticators.add(phone(maria, `Phone ${number}`), 2)),
    )
    assert.equal(added.filter(Boolean).length, 2)
    assert.equal((await authenticators.of(maria)).length, 2)
    // Another kind and another account count by themselves.
    const secret = {
      accountId: maria,
      kind: 'authenticator_app' as const,
      name: 'App',
      details: { secret: 'A' },
    }
    assert.ok(await authenticators.add(secret, 1))
    assert.ok(await authenticators.add(phone(await stores.newAccount('oliver@example.com')), 2))
  })

  test('a credential is registered once, whoever asks and whatever kind it is called (WebAuthn Level 3 §7.1)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const oliver = await stores.newAccount('oliver@example.com')
    const first = await authenticators.add(key(maria, 'security_key'))
    assert.ok(first)
    assert.equal(await authenticators.add(key(maria, 'security_key')), undefined)
    assert.equal(await authenticators.add(key(oliver, 'security_key')), undefined)
    assert.equal(await authenticators.add(key(oliver, 'platform_authenticator')), undefined)
    assert.equal((await authenticators.identified('security_key', 'abc'))?.id, first.id)
    assert.equal(await authenticators.identified('platform_authenticator', 'abc'), undefined)
    assert.equal(await authenticators.identified('security_key', 'ABC'), undefined)
    // Without an identifier nothing is compared: two people may share a phone.
    assert.ok(await authenticators.add(phone(maria)))
    assert.ok(await authenticators.add(phone(oliver)))
  })

  test('a counter only grows, and of two uses at once with the same one is a use', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const { id } = (await authenticators.add({ ...key(maria, 'security_key'), counter: 5 }))!
    assert.equal(await authenticators.use(id, 5), false)
    assert.equal(await authenticators.use(id, 4), false)
    const both = await Promise.all([authenticators.use(id, 6), authenticators.use(id, 6)])
    assert.deepEqual(both.toSorted(), [false, true])
    assert.equal((await authenticators.find(maria, id))?.counter, 6)
    // Instants and time steps do not fit in 32 bits.
    assert.equal(await authenticators.use(id, 1_800_000_000_000), true)
    assert.equal((await authenticators.find(maria, id))?.counter, 1_800_000_000_000)
    assert.equal(await authenticators.use(id), true)
    assert.equal(await authenticators.use('nothing'), false)
  })

  test('what an authenticator is known by is sealed at rest, its identifier a keyed digest', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const given = { ...key(maria, 'security_key', 'a-credential-id'), name: 'Key' }
    await authenticators.add(given)
    await authenticators.add(phone(maria))
    const details = { secret: 'GEZDGNBVGY3TQOJQ' }
    await authenticators.add({ accountId: maria, kind: 'authenticator_app', name: 'App', details })
    const kept = await stores.everythingIn('authenticators')
    for (const secret of ['a-credential-id', '2025550142', 'GEZDGNBVGY3TQOJQ']) {
      assert.ok(!kept.includes(secret), secret)
    }
    const [security] = await authenticators.ofKind(maria, 'security_key')
    assert.deepEqual(security?.details, given.details)
    const [app] = await authenticators.ofKind(maria, 'authenticator_app')
    assert.deepEqual(app?.details, details)
  })

  test('nobody renames, prefers or removes what is another account’s', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const oliver = await stores.newAccount('oliver@example.com')
    const { id } = (await authenticators.add(phone(maria)))!
    assert.equal(await authenticators.find(oliver, id), undefined)
    assert.equal(await authenticators.rename(oliver, id, 'Mine'), false)
    assert.equal(await authenticators.makeDefault(oliver, id), false)
    assert.equal(await authenticators.remove(oliver, id), false)
    assert.equal((await authenticators.find(maria, id))?.name, 'Phone')
    assert.equal(await authenticators.rename(maria, id, 'Mine'), true)
    assert.equal((await authenticators.find(maria, id))?.name, 'Mine')
    assert.equal(await authenticators.remove(maria, id), true)
    assert.deepEqual(await authenticators.of(maria), [])
  })

  test('one authenticator is the default: the one made it last', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const maria = await stores.newAccount()
    const first = (await authenticators.add(phone(maria, 'First')))!
    const second = (await authenticators.add(phone(maria, 'Second')))!
    for (const { id } of [first, second]) {
      assert.equal(await authenticators.makeDefault(maria, id), true)
      const defaults = (await authenticators.of(maria)).filter(({ isDefault }) => isDefault)
      assert.deepEqual(
        defaults.map((one) => one.id),
        [id],
      )
    }
  })

  test('those who have one of a kind are found, the newest first', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const [maria, oliver] = [await stores.newAccount(), await stores.newAccount('oliver@example.com')]
    await stores.newAccount('nobody@example.com')
    for (const accountId of [maria, maria, oliver]) {
      await authenticators.add(phone(accountId))
      advanceClock(1_000)
    }
    assert.deepEqual(await authenticators.holders('phone', 5), [oliver, maria])
    assert.deepEqual(await authenticators.holders('phone', 1), [oliver])
    assert.deepEqual(await authenticators.holders('certificate', 5), [])
  })
})
