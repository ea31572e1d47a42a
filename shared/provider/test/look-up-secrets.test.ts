import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { openStores } from './support/stores.ts'

describe('look-up secrets (NIST SP 800-63B-4 §3.1.2)', () => {
  onEveryEngine((engine) => {
    test('are as many and as long as asked for, in an alphabet that cannot be misread', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const codes = await lookUpSecrets.issue(maria, 'backup_code', { count: 10, groups: 3 })
      assert.equal(new Set(codes).size, 10)
      for (const code of codes) assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4})(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
      assert.equal(await lookUpSecrets.left(maria, 'backup_code'), 10)
      const [key] = await lookUpSecrets.issue(maria, 'personal_key', { count: 1, groups: 4 })
      assert.equal(key?.length, 19)
    })

    test('are good for one use each, of two at once too', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const [first = '', second = ''] = await lookUpSecrets.issue(maria, 'backup_code', {
        count: 2,
        groups: 3,
      })
      const use = (text: string) => lookUpSecrets.use(maria, 'backup_code', text)
      assert.deepEqual((await Promise.all([use(first), use(first)])).toSorted(), [false, true])
      assert.equal(await use(first), false)
      assert.equal(await lookUpSecrets.left(maria, 'backup_code'), 1)
      assert.equal(await use(second), true)
      assert.equal(await lookUpSecrets.left(maria, 'backup_code'), 0)
    })

    test('are read as people copy them', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const written: ((code: string) => string)[] = [
        (code) => code.toLowerCase(),
        (code) => code.replaceAll('-', ''),
        (code) => ` ${code.replaceAll('-', ' ')}\n`,
        (code) => code.replaceAll('-', '–'),
        (code) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
        (code) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
      ]
      const codes = await lookUpSecrets.issue(maria, 'backup_code', { count: written.length, groups: 8 })
      for (const [index, write] of written.entries()) {
        assert.equal(await lookUpSecrets.use(maria, 'backup_code', write(codes[index]!)), true, String(write))
      }
    })

    test('are one person’s, and for one purpose', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const oliver = await stores.newAccount('oliver@example.com')
      const [code = ''] = await lookUpSecrets.issue(maria, 'backup_code', { count: 1, groups: 3 })
      assert.equal(await lookUpSecrets.use(oliver, 'backup_code', code), false)
      assert.equal(await lookUpSecrets.use(maria, 'personal_key', code), false)
      assert.equal(await lookUpSecrets.use(maria, 'recovery_code', code), false)
      assert.equal(await lookUpSecrets.use(maria, 'backup_code', code), true)
    })

    test('of an older set are worth nothing, of two made at once one set counts', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const [old = ''] = await lookUpSecrets.issue(maria, 'backup_code', { count: 10, groups: 3 })
      await lookUpSecrets.issue(maria, 'personal_key', { count: 1, groups: 4 })
      const sets = await Promise.all(
        [1, 2, 3, 4, 5].map(() => lookUpSecrets.issue(maria, 'backup_code', { count: 10, groups: 3 })),
      )
      assert.equal(await lookUpSecrets.left(maria, 'backup_code'), 10)
      assert.equal(await lookUpSecrets.use(maria, 'backup_code', old), false)
      const uses = await Promise.all(sets.map(([code = '']) => lookUpSecrets.use(maria, 'backup_code', code)))
      assert.equal(uses.filter(Boolean).length, 1)
      assert.equal(await lookUpSecrets.left(maria, 'personal_key'), 1)
      await lookUpSecrets.remove(maria, 'backup_code')
      assert.equal(await lookUpSecrets.left(maria, 'backup_code'), 0)
      assert.equal(await lookUpSecrets.left(maria, 'personal_key'), 1)
    })

    test('are kept as keyed digests only, another for each account (§3.1.2.2)', async () => {
      await using stores = await openStores(await engine.freshDatabase())
      const { lookUpSecrets } = stores
      const maria = await stores.newAccount()
      const codes = await lookUpSecrets.issue(maria, 'backup_code', { count: 5, groups: 3 })
      const kept = await stores.everythingIn('look_up_secrets')
      for (const code of codes) {
        for (const form of [code, code.replaceAll('-', ''), code.slice(0, 4)]) {
          assert.ok(!kept.includes(`"${form}`), form)
        }
      }
    })
  })

  test('refuse whatever else is entered, without an error', async () => {
    await using stores = await openStores('sqlite::memory:')
    const { lookUpSecrets } = stores
    const maria = await stores.newAccount()
    await lookUpSecrets.issue(maria, 'backup_code', { count: 10, groups: 3 })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 2000 }), async (text) => {
        assert.equal(await lookUpSecrets.use(maria, 'backup_code', text), false)
      }),
      { numRuns: 200 },
    )
  })
})
