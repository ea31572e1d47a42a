import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sqlAttestationStore } from '../src/attestations/store.ts'
import { migrations } from '../src/migrations.ts'
import type { TermsText } from '../src/terms-of-service/canonical-text.ts'
import { sqlVersionStore } from '../src/terms-of-service/store.ts'
import { putInForce } from '../src/terms-of-service/versions.ts'

const text: TermsText = {
  introduction: ['Please read.'],
  conditions: [{ text: 'A condition.' }],
  agreement: 'I agree.',
}

type Tables = {
  termsVersions: { version: string; textHash: string; text: string; firstInForceAt: number }
  attestations: {
    attestationId: string
    accountId: string
    version: string
    textHash: string
    attestedAt: number
  }
}

async function open(url: string) {
  const database = await openDatabase<unknown>(url, 'terms')
  await migrate(database, migrations)
  return { database, tables: database.withTables<Tables>(), [Symbol.asyncDispose]: () => database.destroy() }
}

onEveryEngine((engine) => {
  test('a version keeps its text from its first start, and later starts find it unchanged', async () => {
    await using opened = await open(await engine.freshDatabase())
    const versions = sqlVersionStore(opened.database)
    const first = await putInForce({ version: '7', text }, versions)
    advanceClock(60_000)
    assert.deepEqual(await putInForce({ version: '7', text: structuredClone(text) }, versions), first)
    const kept = await opened.tables.selectFrom('termsVersions').selectAll().execute()
    assert.equal(kept.length, 1)
    assert.equal(kept[0]?.textHash, first.textHash)
    assert.deepEqual(JSON.parse(kept[0]?.text ?? ''), text)
    assert.ok((kept[0]?.firstInForceAt ?? 0) <= now() - 60_000, 'the instant is that of the first start')
  })

  test('a changed text with an unchanged version is refused, and what was kept stays', async () => {
    await using opened = await open(await engine.freshDatabase())
    const versions = sqlVersionStore(opened.database)
    const { textHash } = await putInForce({ version: '7', text }, versions)
    const changed = { ...text, conditions: [{ text: 'Another condition.' }] }
    await assert.rejects(
      putInForce({ version: '7', text: changed }, versions),
      /changed text needs a new version/,
    )
    const kept = await opened.tables.selectFrom('termsVersions').select('textHash').execute()
    assert.deepEqual(kept, [{ textHash }])
  })

  test('a changed text with a new version comes into force beside the one before', async () => {
    await using opened = await open(await engine.freshDatabase())
    const versions = sqlVersionStore(opened.database)
    const before = await putInForce({ version: '7', text }, versions)
    const after = await putInForce({ version: '8', text: { ...text, agreement: 'I do agree.' } }, versions)
    assert.notEqual(after.textHash, before.textHash)
    assert.deepEqual(await putInForce({ version: '7', text }, versions), before, 'and one can go back')
  })

  test('of two processes that start at once with different texts for a version, one is refused', async () => {
    const url = await engine.freshDatabase()
    await using opened = await open(url)
    const versions = sqlVersionStore(opened.database)
    const starts = await Promise.allSettled([
      putInForce({ version: '7', text }, versions),
      putInForce({ version: '7', text: { ...text, agreement: 'Yes.' } }, versions),
    ])
    assert.deepEqual(starts.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  test('an account that attests again has both attestations', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { version, textHash } = await putInForce({ version: '7', text }, sqlVersionStore(opened.database))
    const store = sqlAttestationStore(opened.database)
    const one = { attestationId: 'one', accountId: 'account-1', version, textHash, attestedAt: now() }
    const two = { ...one, attestationId: 'two', attestedAt: now() + 1 }
    await Promise.all([store.add(one), store.add(two)])
    const kept = await opened.tables.selectFrom('attestations').selectAll().orderBy('attestedAt').execute()
    assert.deepEqual(kept, [one, two])
  })

  test('an attestation is never replaced by another with its id', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { version, textHash } = await putInForce({ version: '7', text }, sqlVersionStore(opened.database))
    const store = sqlAttestationStore(opened.database)
    const one = { attestationId: 'one', accountId: 'account-1', version, textHash, attestedAt: now() }
    await store.add(one)
    await assert.rejects(store.add({ ...one, accountId: 'account-2' }))
    assert.deepEqual(await opened.tables.selectFrom('attestations').selectAll().execute(), [one])
  })

  test('an attestation to a version that was never in force cannot be kept', async () => {
    await using opened = await open(await engine.freshDatabase())
    const store = sqlAttestationStore(opened.database)
    const attestation = {
      attestationId: 'one',
      accountId: 'account-1',
      version: '7',
      textHash: '0',
      attestedAt: now(),
    }
    await assert.rejects(store.add(attestation))
  })
})
