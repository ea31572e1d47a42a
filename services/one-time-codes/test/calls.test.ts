import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { labAccount, startService } from './service-fixture.ts'

const PUBLIC = 'https://codes.example'
const service = await startService({ ONE_TIME_CODES_URL: PUBLIC })
after(() => service.close())
const loginGov = await service.caller()

type Fields = Record<string, string | string[]>

/** A request as Twilio makes it; `signature` replaces the right one. */
function twilio(path: string, fields: Fields = {}, signature?: string | null) {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const each of [value].flat()) form.append(name, each)
  const right = getExpectedTwilioSignature(labAccount.token, PUBLIC + path, fields)
  return service.app.inject({
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(signature === null ? {} : { 'x-twilio-signature': signature ?? right }),
    },
    payload: form.toString(),
  })
}

async function placeCall(asked: { language?: 'en' | 'es'; length?: 6 | 8 } = {}) {
  const { body } = await loginGov.request({ channel: 'call', ...asked })
  const { pathname } = new URL(service.carrier.sent.at(-1)!.form.get('Url')!)
  return {
    challengeId: body.challengeId as string,
    path: pathname,
    statusPath: pathname.replace('/calls/', '/status/'),
  }
}

/** The digits as they are heard: each said alone. */
function spokenDigits(document: string): string {
  return [...document.matchAll(/<Say[^>]*>(\d)<\/Say>/g)].map(([, digit]) => digit).join('')
}

test('a call says the code twice, digit by digit with pauses, and it is the right one', async () => {
  const { challengeId, path } = await placeCall()
  const answer = await twilio(path, { CallSid: 'CA1' })
  assert.equal(answer.statusCode, 200)
  assert.match(answer.headers['content-type'] as string, /^text\/xml/)
  assert.equal(answer.headers['cache-control'], 'no-store')
  const digits = spokenDigits(answer.body)
  assert.equal(digits.length, 12)
  assert.equal(digits.slice(0, 6), digits.slice(6))
  assert.equal(answer.body.match(/<Pause length="1"\/>/g)?.length, 12)
  assert.equal((await loginGov.verify(challengeId, digits.slice(0, 6))).status, 200)
})

test('a call says eight digits where eight are asked for', async () => {
  const { path } = await placeCall({ length: 8 })
  assert.equal(spokenDigits((await twilio(path)).body).length, 16)
})

test('a call speaks the language that was asked for', async () => {
  const { path } = await placeCall({ language: 'es' })
  const { body } = await twilio(path)
  assert.match(body, /language="es-US">Hola\. Le llama Login\.gov\./)
  assert.doesNotMatch(body, /en-US/)
})

test('key 1 says the code again, three times at most; another key ends the call', async () => {
  const { path } = await placeCall()
  const first = await twilio(path)
  assert.ok(first.body.includes(`<Gather numDigits="1" action="${PUBLIC}${path}/keys" method="POST"`))
  assert.equal(spokenDigits((await twilio(`${path}/keys`, { Digits: '2' })).body), '')
  for (let repeat = 1; repeat <= 3; repeat += 1) {
    const { body } = await twilio(`${path}/keys`, { Digits: '1' })
    assert.equal(spokenDigits(body), spokenDigits(first.body))
    assert.equal(body.includes('<Gather'), repeat < 3)
  }
  const fifth = await twilio(`${path}/keys`, { Digits: '1' })
  assert.equal(spokenDigits(fifth.body), '')
  assert.match(fifth.body, /Goodbye/)
})

test('a spent code is not said, only that it is no longer valid', async () => {
  const { challengeId, path } = await placeCall()
  const code = spokenDigits((await twilio(path)).body).slice(0, 6)
  await loginGov.verify(challengeId, code)
  const { body } = await twilio(`${path}/keys`, { Digits: '1' })
  assert.equal(spokenDigits(body), '')
  assert.match(body, /no longer valid/)
})

test('an expired code is not said', async () => {
  const { path } = await placeCall()
  advanceClock(600_001)
  const { body } = await twilio(path)
  assert.equal(spokenDigits(body), '')
  assert.match(body, /no longer valid/)
})

test('a replaced code is not said, and the new one is', async () => {
  const { challengeId, path } = await placeCall({ language: 'es' })
  advanceClock(10_000)
  await loginGov.resend(challengeId)
  const { body } = await twilio(path)
  assert.equal(spokenDigits(body), '')
  assert.match(body, /ya no es válido/)
  advanceClock(10_000)
  await loginGov.resend(challengeId, 'call')
  const newest = new URL(service.carrier.sent.at(-1)!.form.get('Url')!).pathname
  assert.equal(spokenDigits((await twilio(newest)).body).length, 12)
})

test('a call of which nothing is known says that the code is no longer valid', async () => {
  const { body } = await twilio('/twilio/calls/AAAAAAAAAAAAAAAAAAAAAA')
  assert.match(body, /no longer valid/)
})

test('the address of a text says nothing to a caller', async () => {
  await loginGov.challenge()
  const { pathname } = new URL(service.carrier.sent.at(-1)!.form.get('StatusCallback')!)
  assert.equal(spokenDigits((await twilio(pathname.replace('/status/', '/calls/'))).body), '')
})

test('without a valid signature nothing is said and nothing is taken over', async () => {
  const { challengeId, path, statusPath } = await placeCall()
  const fields = { CallStatus: 'completed' }
  const stranger = getExpectedTwilioSignature('not-the-token', PUBLIC + statusPath, fields)
  const otherAddress = getExpectedTwilioSignature(
    labAccount.token,
    `http://elsewhere.example${statusPath}`,
    fields,
  )
  const otherFields = getExpectedTwilioSignature(labAccount.token, PUBLIC + statusPath, {
    CallStatus: 'ringing',
  })
  for (const signature of [null, '', 'AAAA', stranger, otherAddress, otherFields]) {
    const answer = await twilio(statusPath, fields, signature)
    assert.equal(answer.statusCode, 403)
    assert.equal(answer.json().code, 'signature_not_valid')
    for (const each of [path, `${path}/keys`]) {
      const refused = await twilio(each, { Digits: '1' }, signature)
      assert.equal(refused.statusCode, 403)
      assert.doesNotMatch(refused.body, /Say/)
    }
  }
  assert.equal((await loginGov.find(challengeId)).body.delivery, 'queued')
})

test('a body that is no form is not understood, signed or not', async () => {
  const { path } = await placeCall()
  const answer = await service.app.inject({
    method: 'POST',
    url: path,
    headers: { 'x-twilio-signature': getExpectedTwilioSignature(labAccount.token, PUBLIC + path, {}) },
    payload: { Digits: '1' },
  })
  assert.equal(answer.statusCode, 415)
})

test('a signed report without a body changes nothing', async () => {
  const { statusPath } = await placeCall()
  const signature = getExpectedTwilioSignature(labAccount.token, PUBLIC + statusPath, {})
  const headers = { 'x-twilio-signature': signature }
  assert.equal((await service.app.inject({ method: 'POST', url: statusPath, headers })).statusCode, 204)
})

test('forms are understood on the carrier’s paths only', async () => {
  const answer = await service.app.inject({
    method: 'POST',
    url: '/challenges',
    headers: {
      ...(await service.as('login-gov', 'challenges.write')),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: 'owner=a',
  })
  assert.equal(answer.statusCode, 415)
})

test('reports of a text only ever go forward, and a duplicate changes nothing', async () => {
  const { challengeId } = await loginGov.challenge()
  const { pathname } = new URL(service.carrier.sent.at(-1)!.form.get('StatusCallback')!)
  const seen: string[] = []
  for (const status of ['sent', 'sending', 'made-up', 'delivered', 'delivered', 'sent', 'failed']) {
    const answer = await twilio(pathname, { MessageSid: 'SM1', MessageStatus: status, SmsStatus: status })
    assert.equal(answer.statusCode, 204)
    seen.push((await loginGov.find(challengeId)).body.delivery)
  }
  assert.deepEqual(seen, ['sent', 'sent', 'sent', 'delivered', 'delivered', 'delivered', 'delivered'])
})

test('reports of a call are taken over, also with a repeated field, as Twilio signs it', async () => {
  const { challengeId, statusPath } = await placeCall()
  for (const status of ['ringing', 'in-progress', 'completed']) {
    const fields = { CallSid: 'CA1', CallStatus: status, Extra: ['b', 'a', 'b'] }
    assert.equal((await twilio(statusPath, fields)).statusCode, 204)
    assert.equal((await loginGov.find(challengeId)).body.delivery, status)
  }
})

test('a report about a call changes nothing at a text, nor the other way round', async () => {
  const text = await loginGov.challenge()
  const { pathname } = new URL(service.carrier.sent.at(-1)!.form.get('StatusCallback')!)
  const call = await placeCall()
  assert.equal((await twilio(pathname, { CallStatus: 'completed' })).statusCode, 204)
  assert.equal((await twilio(call.statusPath, { MessageStatus: 'delivered' })).statusCode, 204)
  assert.equal((await loginGov.find(text.challengeId)).body.delivery, 'queued')
  assert.equal((await loginGov.find(call.challengeId)).body.delivery, 'queued')
})

test('a report about a delivery that is not known is taken without effect', async () => {
  assert.equal(
    (await twilio('/twilio/status/AAAAAAAAAAAAAAAAAAAAAA', { MessageStatus: 'sent' })).statusCode,
    204,
  )
})
