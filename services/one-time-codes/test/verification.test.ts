import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { startService, wrong } from './service-fixture.ts'

const MINUTE = 60_000
const service = await startService()
after(() => service.close())
const loginGov = await service.caller('login-gov')
const other = await service.caller('sign-in')

/** An answer without what differs from request to request. */
function shape({ status, body }: { status: number; body: Record<string, unknown> }) {
  const { requestId: _own, triesLeft, ...rest } = body
  return { status, triesLeft: typeof triesLeft, ...rest }
}

test('the code that was sent is accepted, with the channel and the time', async () => {
  const { challengeId, code } = await loginGov.challenge()
  assert.match(code, /^\d{6}$/)
  const { status, body } = await loginGov.verify(challengeId, code)
  assert.equal(status, 200)
  assert.deepEqual({ ...body, verifiedAt: 0 }, { verified: true, channel: 'text', verifiedAt: 0 })
  assert.ok(Math.abs(body.verifiedAt - now()) < 5_000)
})

test('blanks around a code and a # before it do not matter', async () => {
  const { challengeId, code } = await loginGov.challenge()
  assert.equal((await loginGov.verify(challengeId, ` #${code}\t `)).status, 200)
})

test('an accepted code is refused the second time (NIST SP 800-63B-4 §3.1.3.2, ASVS 6.5.1)', async () => {
  const { challengeId, code } = await loginGov.challenge()
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
  assert.equal((await loginGov.verify(challengeId, code)).body.code, 'code_not_accepted')
})

test('of a hundred right answers at once exactly one is accepted (ASVS 6.5.1)', async () => {
  const { challengeId, code } = await loginGov.challenge()
  const answers = await Promise.all(Array.from({ length: 100 }, () => loginGov.verify(challengeId, code)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
})

test('a code is accepted 9:59 minutes after its request (NIST SP 800-63B-4 §3.1.3.2, ASVS 6.5.5)', async () => {
  const { challengeId, code } = await loginGov.challenge()
  advanceClock(10 * MINUTE - 1_000)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('a code is refused 10:01 minutes after its request (NIST SP 800-63B-4 §3.1.3.2, ASVS 6.5.5)', async () => {
  const { challengeId, code, body } = await loginGov.challenge()
  advanceClock(10 * MINUTE + 1_000)
  assert.ok(body.expiresAt <= now())
  assert.equal((await loginGov.verify(challengeId, code)).body.code, 'code_not_accepted')
})

test('a resend has another code, ends the earlier one, and starts ten new minutes', async () => {
  const { challengeId, code: earlier } = await loginGov.challenge()
  advanceClock(9 * MINUTE)
  const { body } = await loginGov.resend(challengeId)
  const code = service.carrier.newestCode()
  assert.notEqual(code, earlier)
  assert.ok(body.expiresAt > now() + 9 * MINUTE)
  assert.equal((await loginGov.verify(challengeId, earlier)).body.code, 'code_not_accepted')
  advanceClock(9 * MINUTE)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('a new challenge for the same owner and purpose ends the earlier one (ASVS 6.6.2)', async () => {
  const earlier = await loginGov.challenge()
  const asked = { owner: 'account-with-two' }
  const first = await loginGov.challenge(asked)
  const second = await loginGov.challenge(asked)
  assert.equal((await loginGov.verify(first.challengeId, first.code)).body.code, 'code_not_accepted')
  assert.equal((await loginGov.verify(second.challengeId, second.code)).status, 200)
  assert.equal((await loginGov.verify(earlier.challengeId, earlier.code)).status, 200)
})

test('a challenge for another purpose of the same owner leaves the earlier one alone', async () => {
  const asked = { owner: 'account-with-two-purposes' }
  const first = await loginGov.challenge(asked)
  const second = await loginGov.challenge({ ...asked, purpose: 'add-phone' })
  assert.equal((await loginGov.verify(first.challengeId, first.code)).status, 200)
  assert.equal((await loginGov.verify(second.challengeId, second.code)).status, 200)
})

test('a challenge of another service is unknown, for its answers as for its page', async () => {
  const { challengeId, code } = await loginGov.challenge()
  assert.equal((await other.verify(challengeId, code)).body.code, 'code_not_accepted')
  assert.equal((await other.find(challengeId)).status, 404)
  assert.equal((await other.resend(challengeId)).status, 404)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('the same owner of two services has two codes and two counts', async () => {
  const owner = 'account-of-both'
  const mine = await loginGov.challenge({ owner })
  const theirs = await other.challenge({ owner })
  await other.tryWrongly(theirs.challengeId, 5)
  assert.equal((await other.verify(theirs.challengeId, theirs.code)).body.code, 'locked_out')
  assert.equal((await loginGov.verify(mine.challengeId, mine.code)).status, 200)
})

test('eight digits are sent where eight are asked for, and not accepted where six are', async () => {
  const eight = await loginGov.challenge({ length: 8 })
  assert.match(eight.code, /^\d{8}$/)
  const six = await loginGov.challenge()
  assert.equal((await loginGov.verify(six.challengeId, eight.code)).body.code, 'code_not_accepted')
  assert.equal((await loginGov.verify(six.challengeId, `${six.code}00`)).body.code, 'code_not_accepted')
  assert.equal((await loginGov.verify(eight.challengeId, eight.code)).status, 200)
})

test('wrong, malformed, expired, used, replaced, foreign and unknown look alike (ASVS 6.3.8)', async () => {
  const wrongOne = await loginGov.challenge()
  const malformed = await loginGov.challenge()
  const used = await loginGov.challenge()
  await loginGov.verify(used.challengeId, used.code)
  const replaced = await loginGov.challenge({ owner: 'account-replaced' })
  await loginGov.challenge({ owner: 'account-replaced' })
  const foreign = await other.challenge()
  const expired = await loginGov.challenge()
  const answers = [
    await loginGov.verify(wrongOne.challengeId, wrong(wrongOne.code)),
    await loginGov.verify(malformed.challengeId, ''),
    await loginGov.verify(malformed.challengeId, `${'x'.repeat(1_000)}`),
    await loginGov.verify(used.challengeId, used.code),
    await loginGov.verify(replaced.challengeId, replaced.code),
    await loginGov.verify(foreign.challengeId, foreign.code),
    await loginGov.verify('AAAAAAAAAAAAAAAAAAAAAA', '123456'),
  ]
  advanceClock(10 * MINUTE + 1)
  answers.push(await loginGov.verify(expired.challengeId, expired.code))
  for (const answer of answers) assert.deepEqual(shape(answer), shape(answers[0]!))
  assert.equal(answers[0]!.status, 409)
  assert.equal(answers[0]!.body.code, 'code_not_accepted')
})

test('an unknown challenge counts its tries and locks out as a real one does', async () => {
  const { challengeId } = await loginGov.challenge()
  const real = await loginGov.tryWrongly(challengeId, 11)
  const unknown = await loginGov.tryWrongly('BBBBBBBBBBBBBBBBBBBBBB', 11)
  const seen = (answers: typeof real) =>
    answers.map(({ status, body }) => [status, body.code, body.triesLeft])
  assert.deepEqual(seen(unknown), seen(real))
})

test('neither a code nor a phone number is in any log line or answer', async () => {
  const asked = { phoneNumber: '+13015550177', channel: 'text' as const, length: 8 as const }
  const answers: unknown[] = []
  const first = await loginGov.challenge(asked)
  answers.push(first.body, await loginGov.verify(first.challengeId, wrong(first.code)))
  service.carrier.failWith({
    status: 400,
    code: 21211,
    message: `The 'To' number ${asked.phoneNumber} is not valid`,
  })
  answers.push(await loginGov.request(asked))
  const lost = service.carrier.newestCode()
  service.carrier.failWith()
  answers.push(await loginGov.verify(first.challengeId, first.code), await loginGov.find(first.challengeId))
  const everything = [
    ...service.logLines,
    JSON.stringify(answers),
    JSON.stringify(await service.audit()),
  ].join('\n')
  for (const secret of [first.code, wrong(first.code), lost, '3015550177']) {
    // As a number of its own: inside an instant or an id any digits may turn up.
    assert.doesNotMatch(everything, new RegExp(`(?<!\\d)1?${secret}(?!\\d)`))
  }
  // The search would find something: ids are in there.
  assert.ok(everything.includes(first.challengeId))
})

test('the tables hold neither a code nor a phone number, and the number is gone once the code is spent', async () => {
  const { challengeId, code } = await loginGov.challenge({ phoneNumber: '+13015550178' })
  const tables = ['challenges', 'liveCodes', 'deliveries', 'wrongTries', 'keyValue', 'auditEvents']
  const everything = async () =>
    JSON.stringify(
      await Promise.all(
        tables.map((table) => service.ground.database.selectFrom(table).selectAll().execute()),
      ),
    )
  const before = await everything()
  assert.ok(before.includes(challengeId))
  assert.ok(!before.includes('3015550178'))
  // Six digits alone may turn up inside an instant, so the code is looked for as a value.
  assert.ok(!before.includes(`"${code}"`) && !before.includes(`:${code},`))
  const sealed = () =>
    service.ground.database
      .selectFrom('challenges')
      .select('sealedPhoneNumber')
      .where('challengeId', '=', challengeId)
      .executeTakeFirstOrThrow()
  assert.notEqual((await sealed()).sealedPhoneNumber, '')
  await loginGov.verify(challengeId, code)
  assert.equal((await sealed()).sealedPhoneNumber, '')
})

test('what happened to a challenge is in the audit trail, with the reason of a refusal', async () => {
  const { challengeId, code } = await loginGov.challenge({ owner: 'account-audited' })
  await loginGov.verify(challengeId, wrong(code))
  await loginGov.verify(challengeId, code)
  await loginGov.verify(challengeId, code)
  const events = (await service.audit()).filter(({ subject }) => subject === 'account-audited')
  assert.deepEqual(
    events.map(({ event, outcome, actor, details }) => [event, outcome, actor, JSON.parse(details).reason]),
    [
      ['challenge.requested', 'success', 'login-gov', undefined],
      ['code.refused', 'refusal', 'login-gov', 'wrong'],
      ['code.verified', 'success', 'login-gov', undefined],
      ['code.refused', 'refusal', 'login-gov', 'not live'],
    ],
  )
  for (const { requestId } of events) assert.ok(requestId)
})

test('only services with the scope may ask for or spend codes', async () => {
  const { challengeId } = await loginGov.challenge()
  for (const [method, url] of [
    ['POST', '/challenges'],
    ['GET', `/challenges/${challengeId}`],
    ['POST', `/challenges/${challengeId}/resends`],
    ['POST', `/challenges/${challengeId}/verifications`],
    ['POST', '/owners/account-1/tries'],
    ['GET', '/owners/account-1/tries'],
    ['DELETE', '/owners/account-1/tries'],
  ] as const) {
    assert.equal((await service.app.inject({ method, url })).statusCode, 401)
    const headers = await service.as('terms', 'challenges.write')
    assert.equal((await service.app.inject({ method, url, headers })).statusCode, 403)
  }
})
