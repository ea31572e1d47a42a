// What is kept of extra security and of resets, on every engine, with several at once.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { extraSecurityMigration } from '../src/extra-security/migration.ts'
import { sqlExtraSecurity } from '../src/extra-security/store.ts'
import { sqlPhoneResets } from '../src/lost-phone/store.ts'

const OLD = '+12025550148'
const NEW = '+14085550161'

async function open(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the tests read all of the tables
  const database = await openDatabase<any>(url, 'my_ssa')
  await migrate(database, extraSecurityMigration)
  const secrets = deriveSecrets(randomBytes(32))
  return {
    database,
    store: sqlExtraSecurity(database, secrets),
    resets: sqlPhoneResets(database, secrets),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const enrolment = (id: string, letterId = 'one', phone = OLD) => ({
  id,
  accountId: 'ruth',
  letterId,
  phone,
  confirmedAt: 1,
})

onEveryEngine((engine) => {
  test('off, requested, off again, requested, on, off: each step only from the one before', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store } = kept
    assert.equal((await store.find('ruth')).state, 'off')
    assert.equal(await store.cancel('ruth'), false)
    assert.equal(await store.turnOff('ruth'), false)
    assert.equal(await store.changePhone('ruth', NEW), false)
    assert.equal(await store.turnOn(enrolment('none')), false)
    assert.equal(await store.request('ruth'), true)
    assert.equal(await store.request('ruth'), false)
    assert.equal(await store.turnOn(enrolment('none')), false, 'no enrolment')
    assert.equal((await store.find('ruth')).state, 'requested')
    await store.addEnrolment(enrolment('first'))
    assert.equal(await store.cancel('ruth'), true)
    assert.equal(await store.turnOn(enrolment('first')), false, 'taken back')
    assert.equal(await store.request('ruth'), true)
    assert.equal(await store.turnOn(enrolment('first')), false, 'of the request before')
    await store.addEnrolment(enrolment('second'))
    assert.equal(await store.turnOn(enrolment('second')), true)
    assert.deepEqual(await store.find('ruth'), { state: 'on', phone: OLD, letterId: undefined })
    assert.equal(await store.request('ruth'), false)
    assert.equal(await store.cancel('ruth'), false)
    assert.equal(await store.changePhone('ruth', NEW), true)
    assert.equal((await store.find('ruth')).phone, NEW)
    assert.equal(await store.turnOff('ruth'), true)
    assert.deepEqual(await store.find('ruth'), { state: 'off', phone: undefined, letterId: undefined })
  })

  test('twenty enrolments at once: one turns it on, with its own phone, and none is left', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store, database } = kept
    await store.request('ruth')
    const all = Array.from({ length: 20 }, (_, index) =>
      enrolment(`e${index}`, 'one', `+140855501${10 + index}`),
    )
    await Promise.all(all.map((one) => store.addEnrolment(one)))
    const outcomes = await Promise.all(all.map((one) => store.turnOn(one)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.equal((await store.find('ruth')).phone, all[outcomes.indexOf(true)]?.phone)
    assert.deepEqual(await database.selectFrom('enrolments').selectAll().execute(), [])
  })

  test('taken back and met at once: it is on or off, never both', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store } = kept
    for (let round = 0; round < 10; round += 1) {
      await store.request('ruth')
      await store.addEnrolment(enrolment(`e${round}`))
      const [on, off] = await Promise.all([store.turnOn(enrolment(`e${round}`)), store.cancel('ruth')])
      assert.equal(on, !off)
      assert.equal((await store.find('ruth')).state, on ? 'on' : 'off')
      await store.turnOff('ruth')
    }
  })

  test('the enrolment that was used last is found again, of the newest letter only', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store } = kept
    await store.request('ruth')
    await store.addEnrolment(enrolment('first'))
    await store.addEnrolment({ ...enrolment('second'), confirmedAt: 2 })
    assert.equal((await store.newestEnrolment('ruth', 'one'))?.id, 'second')
    advanceClock(1_000)
    await store.touchEnrolment('first')
    assert.equal((await store.newestEnrolment('ruth', 'one'))?.id, 'first')
    await store.addEnrolment(enrolment('third', 'two'))
    assert.equal(await store.newestEnrolment('ruth', 'one'), undefined)
    assert.equal(await store.findEnrolment('ruth', 'first'), undefined)
    assert.equal(await store.findEnrolment('daniel', 'third'), undefined)
  })

  test('a made-up person begins in a state once, also when several processes start', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store } = kept
    await Promise.all([1, 2, 3].map(() => store.seed('daniel', 'on', OLD)))
    await store.turnOff('daniel')
    await store.seed('daniel', 'on', OLD)
    assert.equal((await store.find('daniel')).state, 'off')
  })

  test('a reset puts the new phone in the place of the old one once, or changes nothing', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store, resets } = kept
    await store.seed('ruth', 'on', OLD)
    await resets.begin({ id: 'r', accountId: 'ruth', phone: NEW })
    await resets.noteLetter('r', 'letter')
    const reset = await resets.find('ruth')
    assert.deepEqual(reset, { id: 'r', accountId: 'ruth', phone: NEW, letterId: 'letter' })
    assert.equal(await resets.complete({ ...reset, phone: OLD }), false, 'corrected meanwhile')
    assert.equal(await resets.complete({ ...reset, id: 'other' }), false)
    assert.equal((await store.find('ruth')).phone, OLD)
    const outcomes = await Promise.all([1, 2, 3].map(() => resets.complete(reset)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.equal((await store.find('ruth')).phone, NEW)
    assert.equal(await resets.find('ruth'), undefined)
    await resets.begin({ id: 's', accountId: 'ruth', phone: OLD })
    await store.turnOff('ruth')
    const second = await resets.find('ruth')
    assert.ok(second)
    assert.equal(await resets.complete(second), false, 'removed meanwhile')
    assert.equal((await store.find('ruth')).phone, undefined)
  })

  test('no table holds a phone number (OWASP ASVS 5.0 14.2.4)', async () => {
    await using kept = await open(await engine.freshDatabase())
    const { store, resets, database } = kept
    await store.seed('daniel', 'on', OLD)
    await store.request('ruth')
    await store.addEnrolment(enrolment('first'))
    await resets.begin({ id: 'r', accountId: 'ruth', phone: NEW })
    for (const table of ['extraSecurity', 'enrolments', 'phoneResets']) {
      const rows = JSON.stringify(await database.selectFrom(table).selectAll().execute())
      assert.ok(rows.includes('ruth'), table)
      assert.doesNotMatch(rows, /5550148|5550161/)
    }
  })
})
