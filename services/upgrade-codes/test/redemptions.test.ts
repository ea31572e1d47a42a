import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { endOfEasternDay } from '../src/letters/eastern-date.ts'
import { startService, wrong } from './service-fixture.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const service = await startService()
after(() => service.close())
const { mySsa } = service

/** Moves the clock to an instant ahead. */
const moveTo = (instant: number) => advanceClock(instant - now())

test('the right code is spent once, and the letter says when (NIST SP 800-63A-4 §3.1.8, OWASP ASVS 5.0 6.5.1)', async () => {
  const { owner, code, letterId } = await mySsa.letter()
  const { status, body } = await mySsa.redeem(owner, code)
  assert.equal(status, 200)
  assert.deepEqual(body, { letterId, usedAt: (await mySsa.list(owner))[0]?.at.used })
  assert.equal((await mySsa.list(owner))[0]?.state, 'used')
  const second = await mySsa.redeem(owner, code, 'enrolment-2')
  assert.deepEqual([second.status, second.body.code], [409, 'code_not_accepted'])
})

test('a repetition with the same reference is answered like the first, for a caller that was killed in between', async () => {
  const { owner, code } = await mySsa.letter()
  const first = await mySsa.redeem(owner, code, 'enrolment-9')
  advanceClock(40 * DAY)
  const again = await mySsa.redeem(owner, code, 'enrolment-9')
  assert.deepEqual([again.status, again.body], [200, first.body])
})

test('of a hundred redemptions over HTTP at once exactly one wins (OWASP ASVS 5.0 15.4.2)', async () => {
  const eager = await startService({ LETTER_POLICIES: '{"my-ssa":{"upgrade-code":{"wrongTries":100}}}' })
  after(() => eager.close())
  const { owner, code } = await eager.mySsa.letter()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => eager.mySsa.redeem(owner, code, `enrolment-${n}`)),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ body }) => body.code === 'code_not_accepted').length, 99)
})

test('spaces and hyphens in what is typed do not count, leading zeros do', async () => {
  const { owner, code } = await mySsa.letter()
  assert.equal((await mySsa.redeem(owner, String(Number(code) + 10_000_000).slice(2))).status, 409)
  const typed = ` ${code.slice(0, 3)}-${code.slice(3)} `
  assert.equal((await mySsa.redeem(owner, typed)).status, 200)
})

test('an activation code and a temporary password may be typed in small letters', async () => {
  for (const kind of ['activation-code', 'temporary-password'] as const) {
    const { owner, code } = await mySsa.letter({ kind })
    assert.equal((await mySsa.redeem(owner, code.toLowerCase(), 'r', kind)).status, 200)
  }
})

test('a code of another kind or another account is refused, as are 8 digits where 7 are asked', async () => {
  const mine = await mySsa.letter()
  const reset = await mySsa.letter({ owner: mine.owner, kind: 'reset-code' })
  const others = await mySsa.letter()
  for (const code of [reset.code, others.code, `${mine.code}0`, '', 'code']) {
    const { status, body } = await mySsa.redeem(mine.owner, code)
    if (code === 'code') assert.deepEqual([status, body.code], [429, 'locked_out'])
    else assert.deepEqual([status, body.code], [409, 'code_not_accepted'])
  }
  assert.equal((await mySsa.redeem(mine.owner, reset.code, 'r', 'reset-code')).status, 200)
})

test('the fifth wrong try locks out for a day; a new letter does not change that, and being right clears the count (NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.3.1)', async () => {
  const { owner, code } = await mySsa.letter()
  for (let left = 4; left >= 1; left -= 1) {
    assert.equal((await mySsa.redeem(owner, wrong(code))).body.triesLeft, left)
  }
  const fifth = await mySsa.redeem(owner, wrong(code))
  assert.deepEqual([fifth.status, fifth.body.code], [429, 'locked_out'])
  assert.ok(Math.abs(fifth.body.retryAt - now() - DAY) < 5_000)
  assert.ok(Number(fifth.answer.headers['retry-after']) > 23 * 3600)
  const next = await mySsa.letter({ owner })
  assert.equal((await mySsa.redeem(owner, next.code)).body.code, 'locked_out')
  moveTo(fifth.body.retryAt)
  assert.equal((await mySsa.redeem(owner, wrong(next.code))).body.triesLeft, 4)
  assert.equal((await mySsa.redeem(owner, next.code)).status, 200)
  const third = await mySsa.letter({ owner })
  assert.equal((await mySsa.redeem(owner, wrong(third.code))).body.triesLeft, 4)
})

test('wrong tries are kept when a new letter is requested (NIST SP 800-63B-4 §3.1.3.2)', async () => {
  const { owner, code } = await mySsa.letter()
  await mySsa.redeem(owner, wrong(code))
  const next = await mySsa.letter({ owner })
  assert.equal((await mySsa.redeem(owner, wrong(next.code))).body.triesLeft, 3)
})

test('an owner without any letter is refused like one with a wrong code, and locked out alike (OWASP ASVS 5.0 6.3.8)', async () => {
  const answers = []
  for (let n = 0; n < 5; n += 1) answers.push((await mySsa.redeem('nobody', '1234567')).body)
  assert.deepEqual(
    answers.map(({ code, triesLeft }) => [code, triesLeft]),
    [
      ['code_not_accepted', 4],
      ['code_not_accepted', 3],
      ['code_not_accepted', 2],
      ['code_not_accepted', 1],
      ['locked_out', undefined],
    ],
  )
})

test('a lock-out and its reason are in the audit trail', async () => {
  const { owner, code } = await mySsa.letter()
  for (let n = 0; n < 6; n += 1) await mySsa.redeem(owner, wrong(code))
  const events = (await service.audit()).filter(({ subject }) => subject === owner)
  assert.deepEqual(
    events
      .slice(-3)
      .map(({ event, details }) => [event, JSON.parse(details).reason ?? JSON.parse(details).after]),
    [
      ['code.refused', 'wrong; newest letter: delivered'],
      ['owner.locked-out', 'wrong tries'],
      ['code.refused', 'locked out'],
    ],
  )
})

/** The next `month`, on its `day`, at noon in UTC. */
function nextNoon(month: number, day: number): number {
  const year = new Date(now()).getUTCFullYear()
  const thisYear = Date.UTC(year, month - 1, day, 12)
  return thisYear > now() ? thisYear : Date.UTC(year + 1, month - 1, day, 12)
}

// The last days lie in summer, in winter, and each over a change of the clocks that lies in the thirty days before.
for (const [season, month, day] of [
  ['within daylight saving time', 6, 1],
  ['over the end of daylight saving time', 10, 20],
  ['within standard time', 1, 5],
  ['over the beginning of daylight saving time', 2, 25],
] as const) {
  test(`a code is accepted on its last day until 23:59:59 Eastern Time and refused from 00:00 on, ${season}`, async () => {
    moveTo(nextNoon(month, day))
    const kept = await mySsa.letter()
    const late = await mySsa.letter()
    assert.equal(kept.body.expiresOn, late.body.expiresOn)
    const end = endOfEasternDay(kept.body.expiresOn!)
    moveTo(end - 2_000)
    assert.equal((await mySsa.redeem(kept.owner, kept.code)).status, 200)
    moveTo(end)
    const refused = await mySsa.redeem(late.owner, late.code)
    assert.deepEqual([refused.status, refused.body.code], [409, 'code_not_accepted'])
    assert.equal((await mySsa.list(late.owner))[0]?.state, 'expired')
  })
}
