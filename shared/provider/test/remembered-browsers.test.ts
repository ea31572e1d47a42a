import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { openStores } from './support/stores.ts'

onEveryEngine((engine) => {
  test('a browser is remembered for one account, since an instant', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { rememberedBrowsers } = stores
    const at = now()
    const secret = await rememberedBrowsers.remember('maria')
    advanceClock(86_400_000)
    const remembered = await rememberedBrowsers.rememberedAt(secret, 'maria')
    assert.ok(remembered && remembered >= at && remembered < at + 60_000)
    assert.equal(await rememberedBrowsers.rememberedAt(secret, 'oliver'), undefined)
    assert.equal(await rememberedBrowsers.rememberedAt('', 'maria'), undefined)
    assert.equal(await rememberedBrowsers.rememberedAt(`${secret}x`, 'maria'), undefined)
  })

  test('only the digest of the secret is kept', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const secret = await stores.rememberedBrowsers.remember('maria')
    assert.match(secret, /^[\w-]{43}$/)
    assert.ok(!(await stores.everythingIn('remembered_browsers')).includes(secret))
  })

  test('all of an account are forgotten, and nobody else’s', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { rememberedBrowsers } = stores
    const [one, two] = [
      await rememberedBrowsers.remember('maria'),
      await rememberedBrowsers.remember('maria'),
    ]
    const hers = await rememberedBrowsers.remember('oliver')
    await rememberedBrowsers.forget('maria')
    assert.equal(await rememberedBrowsers.rememberedAt(one, 'maria'), undefined)
    assert.equal(await rememberedBrowsers.rememberedAt(two, 'maria'), undefined)
    assert.ok(await rememberedBrowsers.rememberedAt(hers, 'oliver'))
  })
})
