// What is kept of an account's pages, on each engine.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Engine, onEveryEngine } from '@gatehouse/storage/testing'
import { sqlAccountResets } from '../src/account-reset/store.ts'
import { sqlConsents } from '../src/consent/consents.ts'
import { sqlMailLanguages } from '../src/mail/mail-language.ts'
import { openMigrated } from './support/risc.ts'

const YEAR = 365 * 86_400_000
const reset = (accountId: string, requestedAt: number, requestId = `${accountId}-1`) => ({
  accountId,
  requestId,
  language: 'en' as const,
  requestedAt,
  cancelDigest: `cancel-${requestId}`,
  grantDigest: `grant-${requestId}`,
})

onEveryEngine((engine: Engine) => {
  async function opened(t: { after(end: () => Promise<void>): void }) {
    const database = await openMigrated(await engine.freshDatabase())
    t.after(() => database.destroy())
    return database
  }

  test('a request to delete an account takes the place of the earlier one', async (t) => {
    const resets = sqlAccountResets(await opened(t))
    await resets.put(reset('a', 1_000, 'first'))
    await resets.grant('a', 'first', 2_000)
    await resets.put(reset('a', 3_000, 'second'))
    assert.deepEqual(await resets.find('a'), {
      accountId: 'a',
      requestId: 'second',
      language: 'en',
      requestedAt: 3_000,
      grantedAt: undefined,
    })
    assert.equal(await resets.findByGrant('grant-first'), undefined)
    assert.equal((await resets.findByCancel('cancel-second'))?.accountId, 'a')
  })

  test('due are requests that are old enough and whose link was not sent', async (t) => {
    const resets = sqlAccountResets(await opened(t))
    for (const [id, at] of [
      ['late', 3_000],
      ['early', 1_000],
      ['granted', 500],
      ['edge', 2_000],
    ] as const) {
      await resets.put(reset(id, at))
    }
    await resets.grant('granted', 'granted-1', 1_500)
    // Of a request that was replaced meanwhile.
    await resets.grant('early', 'another', 1_500)
    assert.deepEqual(
      (await resets.due(2_000)).map(({ accountId }) => accountId),
      ['early', 'edge'],
    )
    await resets.removeGranted(1_499)
    assert.equal((await resets.find('granted'))?.grantedAt, 1_500)
    await resets.removeGranted(1_500)
    assert.equal(await resets.find('granted'), undefined)
    assert.deepEqual([await resets.remove('edge'), await resets.remove('edge')], [true, false])
  })

  test('consents are listed, revoked with the address that was shared, and cover what was agreed to', async (t) => {
    const consents = sqlConsents(await opened(t), YEAR)
    await consents.give('a', 'one', ['email', 'name'])
    await consents.give('a', 'two', ['email'])
    await consents.give('b', 'one', ['email'])
    await consents.shareEmail('a', 'one', 'x@example.org')
    await consents.shareEmail('a', 'one', 'y@example.org')
    assert.equal(await consents.sharedEmail('a', 'one'), 'y@example.org')
    assert.deepEqual((await consents.of('a')).map(({ clientId }) => clientId).toSorted(), ['one', 'two'])
    assert.equal(await consents.cover('a', 'one', ['name']), true)
    assert.equal(await consents.cover('a', 'one', ['name', 'phone']), false)
    const { givenAt } = (await consents.of('b'))[0] ?? assert.fail('no consent')
    assert.equal(await consents.cover('b', 'one', ['email'], givenAt), true)
    assert.equal(await consents.cover('b', 'one', ['email'], givenAt + 1), false)
    assert.deepEqual([await consents.revoke('a', 'one'), await consents.revoke('a', 'one')], [true, false])
    assert.equal(await consents.sharedEmail('a', 'one'), undefined)
    assert.equal(await consents.cover('a', 'one', ['email']), false)
    assert.equal(await consents.cover('b', 'one', ['email']), true)
  })

  test('the language of letters is the one said last', async (t) => {
    const languages = sqlMailLanguages(await opened(t))
    assert.equal(await languages.of('a'), undefined)
    await languages.set('a', 'es')
    await languages.set('a', 'en')
    await languages.set('b', 'es')
    assert.deepEqual([await languages.of('a'), await languages.of('b')], ['en', 'es'])
    await languages.remove('b')
    assert.equal(await languages.of('b'), undefined)
  })
})
