import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Employment } from '@gatehouse/contracts/enrolments'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { type EnrolmentTable, sqlEnrolments } from '../src/enrolments/enrolments.ts'
import { migrations } from '../src/migrations.ts'

const AT_EN: Employment = { organization: 'Example Employment Network', kind: 'EN' }
const AT_VRA: Employment = { organization: 'Example State VR Agency', kind: 'VRA' }

onEveryEngine(({ freshDatabase }) => {
  async function open() {
    const database = await openDatabase<EnrolmentTable>(await freshDatabase(), 'ticket_portal')
    await migrate(database, migrations)
    return { ...sqlEnrolments(database), [Symbol.asyncDispose]: () => database.destroy() }
  }

  test('a username is found in any case', async () => {
    await using enrolments = await open()
    await enrolments.enrol('RuthTemplate79', AT_EN)
    assert.equal((await enrolments.find('RUTHTEMPLATE79'))?.username, 'ruthtemplate79')
    const { isNew } = await enrolments.enrol('ruthtemplate79', AT_VRA)
    assert.equal(isNew, false)
    assert.equal((await enrolments.list(100)).length, 1)
  })

  test('the first subject is bound, and another with the same username is not enrolled', async () => {
    await using enrolments = await open()
    const { enrolment } = await enrolments.enrol('RuthTemplate79', AT_EN)
    assert.equal(await enrolments.of('RuthTemplate79', 'ruth'), undefined, 'not before a sign-in')
    assert.deepEqual(await enrolments.admit('RuthTemplate79', 'ruth'), { kind: 'bound', id: enrolment.id })
    assert.deepEqual(await enrolments.admit('ruthTemplate79', 'ruth'), { kind: 'known', id: enrolment.id })
    assert.equal((await enrolments.admit('RuthTemplate79', 'mallory')).kind, 'another-subject')
    assert.equal((await enrolments.of('RuthTemplate79', 'ruth'))?.id, enrolment.id)
    assert.equal(await enrolments.of('RuthTemplate79', 'mallory'), undefined)
  })

  test('of twenty subjects at once, one is bound', async () => {
    await using enrolments = await open()
    await enrolments.enrol('RuthTemplate79', AT_EN)
    const subjects = Array.from({ length: 20 }, (_, index) => `subject-${index}`)
    const admissions = await Promise.all(
      subjects.map((subject) => enrolments.admit('RuthTemplate79', subject)),
    )
    const kinds = admissions.map(({ kind }) => kind)
    assert.equal(kinds.filter((kind) => kind === 'bound').length, 1)
    assert.equal(kinds.filter((kind) => kind === 'another-subject').length, 19)
    const enrolled = await Promise.all(subjects.map((subject) => enrolments.of('RuthTemplate79', subject)))
    assert.equal(
      enrolled.findIndex((enrolment) => enrolment !== undefined),
      kinds.indexOf('bound'),
    )
    assert.equal(enrolled.filter((enrolment) => enrolment !== undefined).length, 1)
  })

  test('twenty requests at once to enrol one username make one enrolment', async () => {
    await using enrolments = await open()
    const made = await Promise.all(
      Array.from({ length: 20 }, () => enrolments.enrol('RuthTemplate79', AT_EN)),
    )
    assert.equal(made.filter(({ isNew }) => isNew).length, 1)
    assert.equal(new Set(made.map(({ enrolment }) => enrolment.id)).size, 1)
  })

  test('a change of employment leaves the binding alone; enrolling anew after a removal makes a new one', async () => {
    await using enrolments = await open()
    const first = await enrolments.enrol('RuthTemplate79', AT_EN)
    await enrolments.admit('RuthTemplate79', 'ruth')
    await enrolments.enrol('RuthTemplate79', AT_VRA)
    assert.equal((await enrolments.of('RuthTemplate79', 'ruth'))?.organization, AT_VRA.organization)

    assert.equal(await enrolments.remove('RUTHtemplate79'), first.enrolment.id)
    assert.equal(await enrolments.remove('RuthTemplate79'), undefined)
    assert.equal(await enrolments.of('RuthTemplate79', 'ruth'), undefined)
    assert.deepEqual(await enrolments.admit('RuthTemplate79', 'ruth'), { kind: 'not-enrolled' })

    const second = await enrolments.enrol('RuthTemplate79', AT_EN)
    assert.equal(second.isNew, true)
    assert.equal(await enrolments.of('RuthTemplate79', 'ruth'), undefined)
    assert.equal((await enrolments.admit('RuthTemplate79', 'somebody-else')).kind, 'bound')
  })

  test('a removal and a sign-in at the same moment leave nobody enrolled', async () => {
    await using enrolments = await open()
    for (let round = 0; round < 10; round += 1) {
      await enrolments.enrol('RuthTemplate79', AT_EN)
      await Promise.all([enrolments.admit('RuthTemplate79', 'ruth'), enrolments.remove('RuthTemplate79')])
      assert.equal(await enrolments.of('RuthTemplate79', 'ruth'), undefined)
    }
  })

  test('who is enrolled once stays removed, and an enrolment of the operator comes first', async () => {
    await using enrolments = await open()
    await enrolments.enrolOnce('persona-ruth', 'RuthTemplate79', AT_EN)
    await enrolments.enrolOnce('persona-ruth', 'RuthTemplate79', AT_EN)
    assert.equal((await enrolments.list(100)).length, 1)
    await enrolments.remove('RuthTemplate79')
    await enrolments.enrolOnce('persona-ruth', 'RuthTemplate79', AT_EN)
    assert.deepEqual(await enrolments.list(100), [])

    await enrolments.enrol('DanielPattern68', AT_VRA)
    await enrolments.enrolOnce('persona-daniel', 'DanielPattern68', AT_EN)
    assert.equal((await enrolments.find('DanielPattern68'))?.kind, 'VRA')
  })

  test('instants are those of the clock', async () => {
    await using enrolments = await open()
    const { enrolment } = await enrolments.enrol('RuthTemplate79', AT_EN)
    advanceClock(86_400_000)
    await enrolments.admit('RuthTemplate79', 'ruth')
    const { boundAt, enrolledAt } = (await enrolments.find('RuthTemplate79')) ?? enrolment
    assert.ok(boundAt !== null && boundAt - enrolledAt >= 86_400_000 && boundAt - enrolledAt < 86_460_000)
  })
})

test('no text but the username itself, in any case of its ASCII letters, finds an enrolment', async () => {
  const database = await openDatabase<EnrolmentTable>('sqlite::memory:', 'ticket_portal')
  try {
    await migrate(database, migrations)
    const enrolments = sqlEnrolments(database)
    await enrolments.enrol('KimsKiosk1', AT_EN)
    // The Kelvin sign is one letter whose lower case is `k`, and long s one whose upper case is `S`.
    const near = fc
      .array(fc.constantFrom('K', 'k', '\u212a', 's', '\u017f', 'S', 'i', '\u0130', '', ' ', '%', '_'), {
        minLength: 1,
        maxLength: 4,
      })
      .map((letters) => `KimsKiosk1`.replace(/[Ks]/g, (_, at: number) => letters[at % letters.length] ?? ''))
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.string({ maxLength: 25 })), async (text) => {
        const isTheUsername = /^[\x21-\x7e]+$/.test(text) && text.toLowerCase() === 'kimskiosk1'
        assert.equal((await enrolments.find(text)) !== undefined, isTheUsername)
      }),
      { numRuns: 300 },
    )
  } finally {
    await database.destroy()
  }
})
