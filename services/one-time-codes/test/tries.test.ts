import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { CallRefused, createServiceCalls } from '@gatehouse/contracts/calls'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { newPerson, startService } from './service-fixture.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const service = await startService()
after(() => service.close())
const loginGov = await service.caller('login-gov')
const idMe = await service.caller('id-me')

const newOwner = () => newPerson().owner
const trailOf = async (owner: string) =>
  (await service.audit())
    .filter(({ subject }) => subject === owner)
    .map(({ event, outcome, actor, details }) => [event, outcome, actor, JSON.parse(details)])

test('the third try at ID.me is the last, and locks out for a day unless it was right (facts id-me §7)', async () => {
  const owner = newOwner()
  assert.deepEqual(await idMe.countTry(owner), { status: 200, body: { triesLeft: 2 } })
  assert.deepEqual(await idMe.countTry(owner), { status: 200, body: { triesLeft: 1 } })
  const { status, body: last } = await idMe.countTry(owner)
  assert.deepEqual([status, last.triesLeft], [200, 0])
  assert.ok(Math.abs(last.lockedUntil - now() - DAY) < 5_000)
  const refused = await idMe.countTry(owner)
  assert.deepEqual([refused.status, refused.body.code], [429, 'locked_out'])
  assert.equal(refused.body.retryAt, last.lockedUntil)
  advanceClock(last.lockedUntil - now() - 1_000)
  assert.equal((await idMe.countTry(owner)).body.code, 'locked_out')
  advanceClock(1_000)
  assert.deepEqual((await idMe.countTry(owner)).body, { triesLeft: 2 })
})

test('a refusal says in a header when to come again, in seconds', async () => {
  const owner = newOwner()
  for (let n = 0; n < 3; n += 1) await idMe.countTry(owner)
  const headers = await service.as('id-me', 'challenges.write')
  const answer = await service.app.inject({ method: 'POST', url: `/owners/${owner}/tries`, headers })
  const seconds = Number(answer.headers['retry-after'])
  assert.ok(seconds > DAY / 1000 - 5 && seconds <= DAY / 1000)
})

test('codes and other methods share one count (NIST SP 800-63B-4 §3.2.2, ASVS 6.6.3)', async () => {
  const owner = newOwner()
  const { challengeId, code } = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(challengeId, 4)
  assert.equal((await loginGov.countTry(owner)).body.triesLeft, 5)
  assert.equal((await loginGov.tryWrongly(challengeId, 1))[0]!.body.triesLeft, 4)
  for (let left = 3; left >= 0; left -= 1) {
    assert.equal((await loginGov.countTry(owner)).body.triesLeft, left)
  }
  assert.equal((await loginGov.verify(challengeId, code)).body.code, 'locked_out')
  assert.equal((await loginGov.request({ owner })).body.code, 'locked_out')
  advanceClock(MINUTE)
  assert.equal((await loginGov.resend(challengeId)).body.code, 'locked_out')
})

test('wrong codes lock out the other methods too', async () => {
  const owner = newOwner()
  const { challengeId } = await loginGov.challenge({ owner })
  const last = (await loginGov.tryWrongly(challengeId, 10)).at(-1)!
  const refused = await loginGov.countTry(owner)
  assert.deepEqual([refused.status, refused.body.code], [429, 'locked_out'])
  assert.equal(refused.body.retryAt, last.body.retryAt)
})

test('a right code takes the tries of other methods away', async () => {
  const owner = newOwner()
  const { challengeId, code } = await loginGov.challenge({ owner })
  for (let n = 0; n < 9; n += 1) await loginGov.countTry(owner)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
  assert.deepEqual((await loginGov.triesOf(owner)).body, { triesLeft: 10 })
})

test('being right with another method takes wrong codes away, also at the last try', async () => {
  const owner = newOwner()
  const { challengeId, code } = await loginGov.challenge({ owner })
  await loginGov.tryWrongly(challengeId, 9)
  assert.equal((await loginGov.countTry(owner)).body.triesLeft, 0)
  assert.deepEqual(await loginGov.forgetTries(owner), { status: 204, body: undefined })
  assert.deepEqual((await loginGov.triesOf(owner)).body, { triesLeft: 10 })
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('a recovery ends a lock-out, and to forget what is forgotten does no harm', async () => {
  const owner = newOwner()
  for (let n = 0; n < 3; n += 1) await idMe.countTry(owner)
  assert.equal((await idMe.countTry(owner)).body.code, 'locked_out')
  for (let n = 0; n < 2; n += 1) assert.equal((await idMe.forgetTries(owner)).status, 204)
  assert.deepEqual((await idMe.countTry(owner)).body, { triesLeft: 2 })
})

test('to look at the tries counts nothing, and shows a lock-out', async () => {
  const owner = newOwner()
  await idMe.countTry(owner)
  for (let n = 0; n < 5; n += 1) assert.deepEqual((await idMe.triesOf(owner)).body, { triesLeft: 2 })
  await idMe.countTry(owner)
  const { lockedUntil } = (await idMe.countTry(owner)).body
  assert.deepEqual(await idMe.triesOf(owner), { status: 200, body: { triesLeft: 0, lockedUntil } })
  advanceClock(lockedUntil - now())
  assert.deepEqual((await idMe.triesOf(owner)).body, { triesLeft: 3 })
})

test('a lock-out by too many codes refuses the other methods as well', async () => {
  const asked = newPerson()
  for (let n = 1; n <= 10; n += 1) assert.equal((await loginGov.request(asked)).status, 201)
  const eleventh = await loginGov.request(asked)
  assert.equal(eleventh.body.code, 'locked_out')
  assert.equal((await loginGov.countTry(asked.owner)).body.code, 'locked_out')
  assert.deepEqual((await loginGov.triesOf(asked.owner)).body, {
    triesLeft: 0,
    lockedUntil: eleventh.body.retryAt,
  })
})

test('of a hundred tries at once no more are let through than the policy allows', async () => {
  const owner = newOwner()
  const { challengeId } = await loginGov.challenge({ owner })
  // Seven of another method among them: too few to use up the limit alone, so that codes are looked at too.
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      n % 16 === 0 ? loginGov.countTry(owner) : loginGov.verify(challengeId, 'wrong'),
    ),
  )
  const counted = answers.filter(({ status }) => status === 200).length
  const lookedAt = (await trailOf(owner)).filter(
    ([event, , , details]) => event === 'code.refused' && details.reason !== 'locked_out',
  ).length
  assert.equal(counted + lookedAt, 10)
})

test('tries count apart for each service and each owner', async () => {
  const owner = newOwner()
  for (let n = 0; n < 4; n += 1) await idMe.countTry(owner)
  assert.deepEqual((await loginGov.countTry(owner)).body, { triesLeft: 9 })
  assert.deepEqual((await idMe.countTry(newOwner())).body, { triesLeft: 2 })
  await loginGov.forgetTries(owner)
  assert.equal((await idMe.countTry(owner)).body.code, 'locked_out')
})

test('an owner who is called like an unknown challenge does not share its count', async () => {
  const owner = 'challenge nobody-knows'
  await loginGov.tryWrongly('nobody-knows', 3)
  assert.deepEqual((await loginGov.triesOf(owner)).body, { triesLeft: 10 })
})

test('with a stricter policy than before, an owner has one try left and not fewer', async () => {
  const strict = await startService({ CODE_POLICIES: '{"login-gov":{"wrongTries":2}}' })
  after(() => strict.close())
  const row = { caller: 'login-gov', subject: 'owner a', tries: 7, lockedUntil: 0, triedAt: now() }
  await strict.ground.database.insertInto('wrongTries').values(row).execute()
  const caller = await strict.caller('login-gov')
  assert.deepEqual((await caller.triesOf('a')).body, { triesLeft: 1 })
  assert.equal((await caller.countTry('a')).body.triesLeft, 0)
})

test('the audit trail tells of the lock-out at the last try, of tries refused, and of what was forgotten', async () => {
  const owner = newOwner()
  for (let n = 0; n < 4; n += 1) await idMe.countTry(owner)
  for (let n = 0; n < 2; n += 1) await idMe.forgetTries(owner)
  await idMe.countTry(owner)
  await idMe.forgetTries(owner)
  assert.deepEqual(await trailOf(owner), [
    ['owner.locked-out', 'refusal', 'id-me', { after: 'last try' }],
    ['try.refused', 'refusal', 'id-me', { reason: 'locked_out' }],
    ['tries.forgotten', 'success', 'id-me', { wasLockedOut: true }],
    ['tries.forgotten', 'success', 'id-me', { wasLockedOut: false }],
  ])
})

test('any owner can be named in the path that can be named in a request', async () => {
  const calls = createServiceCalls({
    urls: service.ground.urls,
    tokens: {
      token: async () => (await service.as('login-gov', 'challenges.write')).authorization.slice(7),
      refused: () => {},
    },
    fetch: async (url, init) => {
      const { pathname: path } = new URL(String(url))
      const { method, headers, body } = init as {
        method: 'POST'
        headers: Record<string, string>
        body?: string
      }
      const payload = body === undefined ? {} : { payload: body }
      const answer = await service.app.inject({ method, url: path, headers, ...payload })
      return new Response(answer.body || null, { status: answer.statusCode })
    },
    requestId: () => undefined,
  })
  const codes = oneTimeCodes(calls)
  for (const owner of ['a/b', '%2F', 'a b?c#d', '...', '¿ñ?', '\u{1F511}'.repeat(128), 'o'.repeat(128)]) {
    const { challengeId } = await codes.request({ ...newPerson(), owner })
    await assert.rejects(codes.verify(challengeId, 'wrong'), CallRefused)
    assert.deepEqual(await codes.countTry(owner), { triesLeft: 8 })
    assert.equal(await codes.forgetTries(owner), undefined)
    assert.deepEqual(await codes.triesOf(owner), { triesLeft: 10 })
  }
})

test('an owner that is none is refused, in the path and in a request, and its value is not repeated', async () => {
  const headers = await service.as('login-gov', 'challenges.write')
  const values = ['', 'o'.repeat(129), '\u{1F511}'.repeat(129), 'secret\u0000', 'secret\n', 'o'.repeat(5_000)]
  for (const owner of values) {
    assert.equal((await loginGov.request({ owner })).body.code, 'invalid_request')
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const url = `/owners/${encodeURIComponent(owner)}/tries`
      const answer = await service.app.inject({ method, url, headers })
      assert.ok([400, 404, 414].includes(answer.statusCode), `${method} gave ${answer.statusCode}`)
      assert.doesNotMatch(answer.body, /secret|oooo/)
    }
  }
  for (const owner of ['.', '..', '\ud83d']) {
    assert.equal((await loginGov.request({ owner })).body.code, 'invalid_request')
  }
  for (const path of ['%2E%2E', '%', '%zz', '%FF', '%ED%A0%80']) {
    const answer = await service.app.inject({ method: 'POST', url: `/owners/${path}/tries`, headers })
    assert.ok([400, 404].includes(answer.statusCode), `${path} gave ${answer.statusCode}`)
  }
})

test('a body that cannot be read is refused and counts nothing', async () => {
  const owner = newOwner()
  const given = { url: `/owners/${owner}/tries`, headers: await service.as('id-me', 'challenges.write') }
  for (const [type, payload, status] of [
    ['application/json', '{', 400],
    ['text/xml', '<a/>', 415],
  ] as const) {
    const headers = { ...given.headers, 'content-type': type }
    const answer = await service.app.inject({ ...given, method: 'POST', headers, payload })
    assert.equal(answer.statusCode, status)
  }
  assert.deepEqual((await idMe.triesOf(owner)).body, { triesLeft: 3 })
})
