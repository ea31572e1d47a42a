import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import type { TermsText } from '@gatehouse/contracts/terms'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sqlAttestationStore } from '../src/attestations/store.ts'
import { migrations } from '../src/migrations.ts'
import type { Tables } from '../src/tables.ts'
import { sqlVersionStore } from '../src/terms-of-service/store.ts'
import { bringAlong, createVersions } from '../src/terms-of-service/versions.ts'

const text: TermsText = {
  introduction: ['Please read.'],
  conditions: [{ text: 'A condition.' }],
  agreement: 'I agree.',
}

async function open(url: string) {
  const database = await openDatabase<Tables>(url, 'terms')
  await migrate(database, migrations)
  const store = sqlVersionStore(database)
  return {
    database,
    store,
    attestations: sqlAttestationStore(database),
    versions: createVersions(store),
    start: (version: string, ofText = text) => bringAlong({ version, text: ofText }, store),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const otherText = (agreement: string): TermsText => ({ ...text, agreement })
const order = (version: string, agreement = `I agree to ${version}.`) => ({
  version,
  text: otherText(agreement),
  by: 'rosa',
  reason: 'a new law',
})
const attestation = (accountId: string, version: string, attestationId = `${accountId} ${version}`) => ({
  attestationId,
  accountId,
  version,
  textHash: 'f'.repeat(64),
  attestedAt: now(),
})

onEveryEngine((engine) => {
  test('a version keeps its text from its first start, and later starts find it unchanged', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('7')
    const first = await service.versions.current()
    advanceClock(60_000)
    await service.start('7', structuredClone(text))
    assert.deepEqual(await service.versions.current(), first)
    const kept = await service.database.selectFrom('termsVersions').selectAll().execute()
    assert.equal(kept.length, 1)
    assert.equal(kept[0]?.textHash, first.textHash)
    assert.deepEqual(JSON.parse(kept[0]?.text ?? ''), text)
    assert.ok((kept[0]?.firstInForceAt ?? 0) <= now() - 60_000, 'the instant is that of the first start')
  })

  test('a changed text with an unchanged version is refused, and what was kept stays', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('7')
    const first = await service.versions.current()
    const changed = { ...text, conditions: [{ text: 'Another condition.' }] }
    await assert.rejects(service.start('7', changed), /changed text needs a new version/)
    assert.deepEqual(await service.versions.current(), first)
  })

  test('a program that brings a new version puts it in force; one that brings a former version does not', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('7')
    await service.start('8', otherText('I do agree.'))
    const newest = await service.versions.current()
    assert.deepEqual([newest.version, newest.agreement], ['8', 'I do agree.'])
    await service.start('7')
    assert.deepEqual(await service.versions.current(), newest)
  })

  test('what an administrator publishes is in force at once, and stays so over a start of the program', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('1')
    const published = await service.versions.publish(order('2'))
    const current = await service.versions.current()
    assert.deepEqual([current.version, current.agreement], ['2', 'I agree to 2.'])
    assert.equal(current.textHash, published.textHash)
    await service.start('1')
    assert.equal((await service.versions.current()).version, '2')
  })

  test('a name is never published twice, whatever the text, and of ten at once one is', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('1')
    const refused = (error: unknown) => error instanceof Refusal && error.code === 'terms_version_exists'
    await assert.rejects(service.versions.publish(order('1')), refused)
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, (_, number) => service.versions.publish(order('2', `Text ${number}.`))),
    )
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
    const won = tries.find((one) => one.status === 'fulfilled')
    assert.equal((await service.versions.current()).textHash, won?.value.textHash)
  })

  test('versions are listed newest first, page by page, also those of one instant', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('1')
    for (const version of ['2', '3', '4']) await service.versions.publish(order(version))
    const names = (rows: { version: string }[]) => rows.map(({ version }) => version)
    const page = await service.store.list(undefined, 3)
    assert.deepEqual(names(page), ['4', '3', '2'])
    const last = page[2]
    assert.ok(last)
    assert.deepEqual(names(await service.store.list([last.firstInForceAt, '2'], 3)), ['1'])
    assert.equal((await service.store.before(last))?.version, '1')
  })

  test('accounts count once, and not again when they have attested to the newer version', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('1')
    for (const account of ['a', 'b', 'c']) await service.attestations.add(attestation(account, '1'))
    await service.attestations.add(attestation('a', '1', 'once more'))
    assert.equal(await service.attestations.accountsBetween('1', undefined), 3)
    await service.versions.publish(order('2'))
    assert.equal(await service.attestations.accountsBetween('1', '2'), 3)
    await service.attestations.add(attestation('b', '2'))
    assert.equal(await service.attestations.accountsBetween('1', '2'), 2)
    assert.deepEqual(
      (await service.store.list(undefined, 9)).map(({ version, accounts }) => [version, accounts]),
      [
        ['2', 1],
        ['1', 3],
      ],
    )
  })

  test('of two processes that start at once with different texts for a version, one is refused', async () => {
    await using service = await open(await engine.freshDatabase())
    const starts = await Promise.allSettled([service.start('7'), service.start('7', otherText('Yes.'))])
    assert.deepEqual(starts.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  test('an account that attests again has both attestations, newest first, page by page', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('7')
    const one = attestation('account-1', '7', 'one')
    const two = { ...one, attestationId: 'two', attestedAt: one.attestedAt + 1 }
    const three = { ...two, attestationId: 'three' }
    await Promise.all([one, two, three].map((each) => service.attestations.add(each)))
    await service.attestations.add(attestation('account-2', '7'))
    assert.deepEqual(await service.attestations.ofAccount('account-1', undefined, 2), [two, three])
    const rest = await service.attestations.ofAccount('account-1', [three.attestedAt, 'three'], 2)
    assert.deepEqual(rest, [one])
  })

  test('an attestation is never replaced by another with its id', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.start('7')
    const one = attestation('account-1', '7', 'one')
    await service.attestations.add(one)
    await assert.rejects(service.attestations.add({ ...one, accountId: 'account-2' }))
    assert.deepEqual(await service.database.selectFrom('attestations').selectAll().execute(), [one])
  })

  test('an attestation to a version that was never in force cannot be kept', async () => {
    await using service = await open(await engine.freshDatabase())
    await assert.rejects(service.attestations.add(attestation('account-1', '7')))
  })
})
