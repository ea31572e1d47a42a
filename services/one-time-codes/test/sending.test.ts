import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { labAccount, newPerson, startService } from './service-fixture.ts'

const service = await startService({ ONE_TIME_CODES_URL: 'https://codes.example' })
after(() => service.close())
const { carrier } = service
const loginGov = await service.caller()
beforeEach(() => carrier.failWith())

test('a text goes to the account of the carrier, with basic authentication and a status callback', async () => {
  const asked = newPerson()
  const { body } = await loginGov.request(asked)
  const { path, authorization, form } = carrier.sent.at(-1)!
  assert.equal(path, `/2010-04-01/Accounts/${labAccount.sid}/Messages.json`)
  const credentials = Buffer.from(`${labAccount.sid}:${labAccount.token}`).toString('base64')
  assert.equal(authorization, `Basic ${credentials}`)
  assert.equal(form.get('To'), asked.phoneNumber)
  assert.equal(form.get('From'), '+12025550100')
  assert.equal(form.get('ValidityPeriod'), '600')
  assert.match(form.get('StatusCallback')!, /^https:\/\/codes\.example\/twilio\/status\/[\w-]{22}$/)
  assert.equal(body.delivery, 'queued')
  assert.equal(body.phoneNumberEnding, '0142')
})

test('a text names its sender, the code and ten minutes, and nothing else without an origin', async () => {
  await loginGov.challenge({ sender: 'Login.gov' })
  assert.equal(
    carrier.sent.at(-1)!.form.get('Body'),
    `Login.gov: Your one-time code is ${carrier.newestCode()}. It expires in 10 minutes. ` +
      "Don't share this code with anyone.",
  )
})

test('with an origin the last line of a text binds the code to it (WebOTP)', async () => {
  await loginGov.challenge({ origin: 'login.example' })
  const lines = carrier.sent.at(-1)!.form.get('Body')!.split('\n')
  assert.deepEqual(lines.slice(1), ['', `@login.example #${carrier.newestCode()}`])
})

test('a text is in Spanish where that is asked for', async () => {
  await loginGov.challenge({ language: 'es' })
  assert.match(
    carrier.sent.at(-1)!.form.get('Body')!,
    /código de un solo uso es \d{6}\. Vence en 10 minutos\./,
  )
})

test('a call is placed with an address that holds no code', async () => {
  const { status, body } = await loginGov.request({ channel: 'call' })
  assert.deepEqual([status, body.channel], [201, 'call'])
  const { path, form } = carrier.sent.at(-1)!
  assert.equal(path, `/2010-04-01/Accounts/${labAccount.sid}/Calls.json`)
  assert.match(form.get('Url')!, /^https:\/\/codes\.example\/twilio\/calls\/[\w-]{22}$/)
  assert.deepEqual(form.getAll('StatusCallbackEvent'), ['initiated', 'ringing', 'answered', 'completed'])
})

test('a resend may take the other channel', async () => {
  const { challengeId } = await loginGov.challenge()
  advanceClock(10_000)
  const { body } = await loginGov.resend(challengeId, 'call')
  assert.equal(body.channel, 'call')
  assert.ok(carrier.sent.at(-1)!.path.endsWith('/Calls.json'))
  assert.equal((await loginGov.find(challengeId)).body.channel, 'call')
})

for (const code of [21211, 21214, 21217, 21610, 21614]) {
  test(`the carrier's error ${code} means that the number cannot be used`, async () => {
    carrier.failWith({ status: 400, code, message: 'no' })
    const { status, body } = await loginGov.request()
    assert.deepEqual([status, body.code], [422, 'phone_number_not_usable'])
  })
}

test('any other error of the carrier means that nothing was delivered', async () => {
  for (const failure of [
    { status: 401, code: 20003, message: 'Authenticate' },
    { status: 429, code: 20429, message: 'Too Many Requests' },
    { status: 500, code: 20500, message: 'Internal Server Error' },
  ]) {
    carrier.failWith(failure)
    const { status, body } = await loginGov.request()
    assert.deepEqual([status, body.code], [502, 'delivery_failed'])
  }
})

test('a challenge whose text the carrier did not take is not kept, and the one before it still counts', async () => {
  const asked = newPerson()
  const earlier = await loginGov.challenge(asked)
  carrier.failWith({ status: 500, code: 20500, message: 'no' })
  await loginGov.request(asked)
  const lost = carrier.newestCode()
  const kept = await service.ground.database
    .selectFrom('challenges')
    .select('challengeId')
    .where('owner', '=', asked.owner)
    .execute()
  assert.deepEqual(kept, [{ challengeId: earlier.challengeId }])
  assert.equal((await loginGov.verify(earlier.challengeId, lost)).status, 409)
  assert.equal((await loginGov.verify(earlier.challengeId, earlier.code)).status, 200)
})

test('a request that a newer one overtook at the carrier is refused, and its code never counts', {
  timeout: 10_000,
}, async () => {
  const asked = newPerson()
  const hold = carrier.holdNext()
  const overtaken = loginGov.request(asked)
  await hold.arrived
  const lost = carrier.newestCode()
  advanceClock(1)
  const newer = await loginGov.challenge(asked)
  hold.release()
  const { status, body } = await overtaken
  assert.deepEqual([status, body.code], [409, 'overtaken'])
  // The newer challenge may be another session's and is not handed to this one.
  assert.doesNotMatch(JSON.stringify(body), new RegExp(newer.challengeId))
  assert.equal((await loginGov.verify(newer.challengeId, lost)).status, 409)
  assert.equal((await loginGov.verify(newer.challengeId, newer.code)).status, 200)
  const events = (await service.audit()).filter(({ subject }) => subject === asked.owner)
  const sent = events.filter(({ event }) => event.startsWith('challenge.'))
  assert.deepEqual(sent.map(({ event }) => event).sort(), ['challenge.refused', 'challenge.requested'])
  const refused = sent.find(({ event }) => event === 'challenge.refused')
  assert.equal(JSON.parse(refused!.details).reason, 'overtaken')
})

test('of requests of one owner at once one stays open, and each of the others was sent or says that it was overtaken', async () => {
  const { owner } = newPerson()
  // Different numbers, so that the limit of codes to one number stays out of it.
  const requests = Array.from({ length: 8 }, () => loginGov.request({ ...newPerson(), owner }))
  const answers = await Promise.all(requests)
  const told = new Set(answers.map(({ status, body }) => (status === 201 ? 'sent' : body.code)))
  assert.ok(told.has('sent'))
  assert.deepEqual(
    [...told].filter((each) => each !== 'sent' && each !== 'overtaken'),
    [],
  )
  const open = await Promise.all(
    answers.filter(({ status }) => status === 201).map(({ body }) => loginGov.find(body.challengeId)),
  )
  assert.equal(open.filter(({ status }) => status === 200).length, 1)
})

test('a resend that a newer request overtook at the carrier finds its challenge replaced', {
  timeout: 10_000,
}, async () => {
  const asked = newPerson()
  const { challengeId } = await loginGov.challenge(asked)
  advanceClock(10_000)
  const hold = carrier.holdNext()
  const overtaken = loginGov.resend(challengeId)
  await hold.arrived
  const lost = carrier.newestCode()
  advanceClock(1)
  const newer = await loginGov.challenge(asked)
  hold.release()
  assert.deepEqual([(await overtaken).status, (await overtaken).body.code], [404, 'not_found'])
  assert.equal((await loginGov.verify(challengeId, lost)).status, 409)
  assert.equal((await loginGov.verify(newer.challengeId, newer.code)).status, 200)
  const last = (await service.audit()).filter(({ subject }) => subject === asked.owner)
  assert.ok(last.every(({ event }) => event !== 'challenge.resent'))
})

test('a resend that a later resend overtook is answered with the challenge as it is, and the later code counts', {
  timeout: 10_000,
}, async () => {
  const { challengeId } = await loginGov.challenge()
  advanceClock(10_000)
  const hold = carrier.holdNext()
  const overtaken = loginGov.resend(challengeId)
  await hold.arrived
  const lost = carrier.newestCode()
  advanceClock(10_000)
  const later = await loginGov.resend(challengeId, 'text')
  const code = carrier.newestCode()
  hold.release()
  assert.deepEqual(await overtaken, later)
  assert.equal((await loginGov.verify(challengeId, lost)).status, 409)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('a resend that the carrier did not take leaves the earlier code as it was', async () => {
  const { challengeId, code, body } = await loginGov.challenge()
  advanceClock(10_000)
  carrier.failWith({ status: 500, code: 20500, message: 'no' })
  assert.equal((await loginGov.resend(challengeId)).body.code, 'delivery_failed')
  const lost = carrier.newestCode()
  assert.notEqual(lost, code)
  assert.equal((await loginGov.find(challengeId)).body.expiresAt, body.expiresAt)
  assert.equal((await loginGov.verify(challengeId, lost)).status, 409)
  assert.equal((await loginGov.verify(challengeId, code)).status, 200)
})

test('after a resend that was lost the next code is a new one', async () => {
  const { challengeId } = await loginGov.challenge()
  advanceClock(10_000)
  carrier.failWith({ status: 500, code: 20500, message: 'no' })
  await loginGov.resend(challengeId)
  const lost = carrier.newestCode()
  carrier.failWith()
  advanceClock(10_000)
  await loginGov.resend(challengeId)
  assert.notEqual(carrier.newestCode(), lost)
  assert.equal((await loginGov.verify(challengeId, carrier.newestCode())).status, 200)
})

test('a number of no number plan is refused before anything is sent', async () => {
  const before = carrier.sent.length
  for (const phoneNumber of ['+12021234567', '+1202555010', '+19005551234', '+447700900123']) {
    const { status, body } = await loginGov.request({ phoneNumber })
    assert.deepEqual([status, body.code], [422, 'phone_number_not_usable'])
  }
  assert.equal(carrier.sent.length, before)
})

test('a number outside the North American plan gets texts but no calls', async () => {
  const { status, body } = await loginGov.request({ phoneNumber: '+442079460958' })
  assert.equal(status, 201)
  assert.equal((await loginGov.request({ phoneNumber: '+442079460959', channel: 'call' })).status, 422)
  advanceClock(10_000)
  assert.equal((await loginGov.resend(body.challengeId, 'call')).body.code, 'phone_number_not_usable')
})

test('a carrier that does not answer is given up within the five seconds a caller waits', {
  timeout: 10_000,
}, async () => {
  carrier.failWith('no answer')
  const began = performance.now()
  assert.equal((await loginGov.request()).body.code, 'delivery_failed')
  assert.ok(performance.now() - began < 5_000)
})

test('a carrier that cannot be reached delivers nothing, and no log line holds the message', async () => {
  const gone = await startService()
  after(() => gone.close())
  await gone.carrier.close()
  const { status, body } = await (await gone.caller()).request()
  assert.deepEqual([status, body.code], [502, 'delivery_failed'])
  assert.match(gone.logLines.join(''), /ECONNREFUSED/)
  assert.doesNotMatch(gone.logLines.join(''), /one-time code is|Basic /)
})
