import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { newPerson, startService, wrong } from './service-fixture.ts'

const MINUTE = 60_000
const service = await startService()
after(() => service.close())
const loginGov = await service.caller('login-gov')
const other = await service.caller('sign-in')

test('the tenth wrong try at Login.gov locks out for ten minutes (NIST SP 800-63B-4 §3.2.2, ASVS 6.6.3)', async () => {
  const { challengeId, code } = await loginGov.challenge()
  const answers = await loginGov.tryWrongly(challengeId, 10)
  assert.deepEqual(
    answers.map(({ body }) => body.triesLeft),
    [9, 8, 7, 6, 5, 4, 3, 2, 1, undefined],
  )
  const last = answers.at(-1)!
  assert.equal(last.status, 429)
  assert.equal(last.body.code, 'locked_out')
  assert.ok(Math.abs(last.body.retryAt - now() - 10 * MINUTE) < 5_000)
  assert.equal((await loginGov.verify(challengeId, code)).body.code, 'locked_out')
})

test('another service locks out at the fifth', async () => {
  const { challengeId } = await other.challenge()
  const answers = await other.tryWrongly(challengeId, 5)
  assert.equal(answers[3]!.body.triesLeft, 1)
  assert.equal(answers[4]!.body.code, 'locked_out')
})

test('while locked out a right code is not looked at, and stays unspent', async () => {
  const { challengeId, code } = await other.challenge()
  await other.tryWrongly(challengeId, 5)
  assert.equal((await other.verify(challengeId, code)).body.code, 'locked_out')
  const row = await service.ground.database
    .selectFrom('liveCodes')
    .selectAll()
    .where('challengeId', '=', challengeId)
    .executeTakeFirst()
  assert.ok(row)
})

test('neither a resend nor a new challenge ends a lock-out (NIST SP 800-63B-4 §3.1.3.2)', async () => {
  const owner = 'account-locked'
  const { challengeId } = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(challengeId, 10)
  advanceClock(MINUTE)
  const resent = await loginGov.resend(challengeId)
  const requested = await loginGov.request({ owner })
  for (const { status, body } of [resent, requested]) {
    assert.deepEqual([status, body.code], [429, 'locked_out'])
    assert.ok(Math.abs(body.retryAt - now() - 9 * MINUTE) < 5_000)
  }
})

test('a lock-out holds for every challenge of its owner: another purpose, channel or length is no way round', async () => {
  const owner = 'account-locked-everywhere'
  const beside = await loginGov.challenge({ owner, purpose: 'add-phone' })
  const { challengeId } = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(challengeId, 10)
  advanceClock(MINUTE)
  const before = service.carrier.sent.length
  const answers = [
    await loginGov.verify(beside.challengeId, beside.code),
    await loginGov.resend(challengeId, 'call'),
    await loginGov.resend(beside.challengeId),
    await loginGov.request({ owner, purpose: 'change-password' }),
    await loginGov.request({ owner, channel: 'call' }),
    await loginGov.request({ owner, length: 8 }),
  ]
  assert.deepEqual(
    answers.map(({ body }) => body.code),
    answers.map(() => 'locked_out'),
  )
  assert.equal(service.carrier.sent.length, before)
})

test('neither a resend nor a new challenge gives tries back (NIST SP 800-63B-4 §3.1.3.2)', async () => {
  const owner = 'account-with-tries'
  const first = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(first.challengeId, 4)
  advanceClock(11_000)
  await loginGov.resend(first.challengeId)
  assert.equal((await loginGov.tryWrongly(first.challengeId, 1))[0]!.body.triesLeft, 5)
  const second = await loginGov.challenge({ owner })
  assert.equal((await loginGov.tryWrongly(second.challengeId, 1))[0]!.body.triesLeft, 4)
})

test('malformed and expired codes are wrong tries too', async () => {
  const { challengeId, code } = await loginGov.challenge()
  assert.equal((await loginGov.verify(challengeId, '')).body.triesLeft, 9)
  assert.equal((await loginGov.verify(challengeId, 'not even digits')).body.triesLeft, 8)
  advanceClock(10 * MINUTE + 1)
  assert.equal((await loginGov.verify(challengeId, code)).body.triesLeft, 7)
})

test('a lock-out ends by itself, and all tries are back', async () => {
  const owner = 'account-back'
  const { challengeId } = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(challengeId, 10)
  advanceClock(10 * MINUTE - 1_000)
  assert.equal((await loginGov.request({ owner })).body.code, 'locked_out')
  advanceClock(1_000)
  const again = await loginGov.challenge({ owner })
  assert.equal((await loginGov.tryWrongly(again.challengeId, 1))[0]!.body.triesLeft, 9)
  assert.equal((await loginGov.verify(again.challengeId, again.code)).status, 200)
})

test('an accepted code takes the wrong tries before it away (NIST SP 800-63B-4 §3.2.2)', async () => {
  const owner = 'account-cleared'
  const first = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(first.challengeId, 9)
  assert.equal((await loginGov.verify(first.challengeId, first.code)).status, 200)
  const second = await loginGov.challenge({ owner })
  assert.equal((await loginGov.verify(second.challengeId, wrong(second.code))).body.triesLeft, 9)
})

test('a hundred wrong tries at once look at no more codes than the limit', async () => {
  const { challengeId } = await loginGov.challenge({ owner: 'account-flooded' })
  const answers = await Promise.all(Array.from({ length: 100 }, () => loginGov.verify(challengeId, 'wrong')))
  assert.equal(answers.filter(({ body }) => body.code === 'code_not_accepted').length, 9)
  const reasons = (await service.audit())
    .filter(({ event, subject }) => event === 'code.refused' && subject === 'account-flooded')
    .map(({ details }) => JSON.parse(details).reason)
  assert.equal(reasons.filter((reason) => reason !== 'locked_out').length, 10)
})

test('a resend waits for the cool-down: 10 seconds at Login.gov, 30 elsewhere', async () => {
  for (const [service, coolDown] of [
    [loginGov, 10_000],
    [other, 30_000],
  ] as const) {
    const { challengeId, body } = await service.challenge()
    assert.ok(Math.abs(body.resendAt - now() - coolDown) < 2_000)
    const early = await service.resend(challengeId)
    assert.deepEqual([early.status, early.body.code], [429, 'resend_too_soon'])
    assert.equal(early.body.retryAt, body.resendAt)
    advanceClock(coolDown)
    assert.equal((await service.resend(challengeId)).status, 200)
  }
})

test('of resends at once one is sent', async () => {
  const { challengeId } = await loginGov.challenge()
  advanceClock(10_000)
  const before = service.carrier.sent.length
  const answers = await Promise.all(Array.from({ length: 5 }, () => loginGov.resend(challengeId)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(service.carrier.sent.length, before + 1)
})

test('the eleventh code to a number in five minutes locks out for ten', async () => {
  const asked = newPerson()
  const latest = await loginGov.challenge(asked)
  for (let n = 2; n <= 10; n += 1) {
    advanceClock(10_000)
    assert.equal((await loginGov.resend(latest.challengeId)).status, 200)
  }
  advanceClock(10_000)
  const code = service.carrier.newestCode()
  const eleventh = await loginGov.resend(latest.challengeId)
  assert.equal(eleventh.body.code, 'locked_out')
  assert.ok(Math.abs(eleventh.body.retryAt - now() - 10 * MINUTE) < 5_000)
  assert.equal((await loginGov.verify(latest.challengeId, code)).body.code, 'locked_out')
  advanceClock(10 * MINUTE + 1_000)
  assert.equal((await loginGov.request(asked)).status, 201)
})

test('codes to a number count together for all its owners, and apart for other numbers', async () => {
  const { phoneNumber } = newPerson()
  for (let n = 1; n <= 10; n += 1) assert.equal((await loginGov.request({ phoneNumber })).status, 201)
  assert.equal((await loginGov.request({ phoneNumber })).body.code, 'locked_out')
  assert.equal((await loginGov.request()).status, 201)
})

test('codes to a number count apart for each service', async () => {
  const { phoneNumber } = newPerson()
  for (let n = 1; n <= 10; n += 1) assert.equal((await loginGov.request({ phoneNumber })).status, 201)
  assert.equal((await other.request({ phoneNumber })).status, 201)
})

test('a lock-out is in the audit trail', async () => {
  const { challengeId } = await other.challenge({ owner: 'account-audited' })
  await other.tryWrongly(challengeId, 5)
  const events = (await service.audit()).filter(
    ({ event, subject }) => event === 'owner.locked-out' && subject === 'account-audited',
  )
  assert.deepEqual(
    events.map(({ details }) => JSON.parse(details)),
    [{ after: 'wrong tries' }],
  )
})
