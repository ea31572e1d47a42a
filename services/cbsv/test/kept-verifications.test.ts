import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { recentVerifications } from '@gatehouse/contracts/cbsv'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { buildForTest } from '@gatehouse/http/testing'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { service } from '../src/service.ts'
import { numberHolders, writeNumident } from './number-holder-fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'cbsv-kept-'))
after(() => rm(folder, { recursive: true }))
const NUMIDENT_FILE = join(folder, 'numident.ndjson')
await writeNumident(NUMIDENT_FILE, numberHolders(20))

async function startCbsv(databaseUrl: string) {
  const cbsv = await buildForTest(service, { environment: { NUMIDENT_FILE }, databaseUrl })
  const gateway = await cbsv.as('gateway', 'cbsv.forward')
  return {
    ...cbsv,
    verify: (bsoUserId: string, ein: string, ...ssns: string[]) =>
      cbsv.app.inject({
        method: 'POST',
        url: '/cbsv/verifications',
        headers: {
          ...gateway,
          'gatehouse-client-id': 'bso',
          'gatehouse-bso-user-id': bsoUserId,
          'gatehouse-ein': ein,
        },
        payload: { requests: ssns.map((ssn) => ({ ssn, firstName: 'Avery', lastName: 'Sample' })) },
      }),
    [Symbol.asyncDispose]: async () => void (await cbsv.app.close()),
  }
}

onEveryEngine((engine) => {
  test('administrators read what a User ID verified, newest first and page by page, with masked SSNs', async () => {
    await using cbsv = await startCbsv(await engine.freshDatabase())
    await cbsv.verify('AB12CD34', '000000001', '987654320', '987654321', '987654322')
    advanceClock(1_000)
    await cbsv.verify('AB12CD34', '000000002', '987654323')
    await cbsv.verify('ZZ12CD34', '000000001', '987654324')
    const { of } = recentVerifications(callsTo(cbsv, 'admin'))

    const all = (await of({ bsoUserId: 'AB12CD34' })).verifications
    assert.deepEqual(
      all.map(({ maskedSsn, ein, result }) => [maskedSsn, ein, result]),
      [
        ['XXXXX4323', '000000002', 'No'],
        ['XXXXX4320', '000000001', 'Yes'],
        ['XXXXX4321', '000000001', 'No'],
        ['XXXXX4322', '000000001', 'No'],
      ],
    )
    const pages = []
    let cursor: string | undefined
    do {
      const page = await of({ bsoUserId: 'AB12CD34', limit: 1, cursor })
      assert.equal(page.verifications.length, 1)
      pages.push(...page.verifications)
      cursor = page.next
    } while (cursor && pages.length < 10)
    assert.deepEqual(pages, all)
    assert.equal((await of({ bsoUserId: 'AB12CD34', ein: '000000001' })).verifications.length, 3)
    assert.deepEqual(await of({ bsoUserId: 'AA00AA00' }), { verifications: [] })
    assert.doesNotMatch(JSON.stringify(all), /98765432/)
  })
})

test('nobody but the administrators’ console reads verifications, and a made-up cursor is refused', async () => {
  await using cbsv = await startCbsv('sqlite::memory:')
  const url = '/verifications?bsoUserId=AB12CD34'
  assert.equal((await cbsv.app.inject({ url })).statusCode, 401)
  for (const headers of [
    await cbsv.as('gateway', 'verifications.read'),
    await cbsv.as('admin', 'audit.read'),
    await cbsv.as('admin', 'verifications.read', { sub: 'somebody' }),
  ]) {
    assert.equal((await cbsv.app.inject({ url, headers })).statusCode, 403)
  }
  const headers = await cbsv.as('admin', 'verifications.read')
  for (const cursor of ['made-up', Buffer.from('["a",1]').toString('base64url')]) {
    assert.equal((await cbsv.app.inject({ url: `${url}&cursor=${cursor}`, headers })).statusCode, 400)
  }
  assert.equal((await cbsv.app.inject({ url: '/verifications', headers })).statusCode, 400)
})
