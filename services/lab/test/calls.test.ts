import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { converse } from '../src/carrier/conversation.ts'
import { createKeyPresses } from '../src/carrier/key-presses.ts'
import type { TranscriptLine } from '../src/phones/messages.ts'
import { isSigned, messagesOf, type Received, SENDER, startApplication, startLab } from './lab-fixture.ts'

const lab = await startLab()
after(() => lab.close())
const { client, url } = lab

const twiml = (content: string) => ({
  body: `<?xml version="1.0" encoding="UTF-8"?><Response>${content}</Response>`,
})
const statuses = (all: Received[]) =>
  all.filter(({ path }) => path === '/status').map(({ form }) => form.CallStatus)
const isOver = (all: Received[]) => statuses(all).includes('completed')

/** An application that talks; the call is placed and everything it asked is kept. */
async function placeCall(
  to: string,
  answer: (received: Received) => { status?: number; body?: string },
  more = {},
) {
  const application = await startApplication((received) =>
    received.path === '/status' ? {} : answer(received),
  )
  after(() => application.close())
  const call = await client.calls.create({
    to,
    from: SENDER,
    url: `${application.url}/speech?c=1`,
    statusCallback: `${application.url}/status`,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    ...more,
  })
  return { application, call }
}

const press = (to: string, id: string, keys: string) =>
  lab.app.inject({ method: 'POST', url: `/phones/${to}/calls/${id}/keys`, payload: { keys } })

test('a call speaks its TwiML, and the code is picked out of digits spoken one by one', async () => {
  const to = '+12025550110'
  const { application, call } = await placeCall(to, () =>
    twiml(
      '<Say>Your code is</Say><Pause length="1"/><Say>4. 0. 7. 1. 9. 2.</Say><Play digits="1w2"/><Hangup/>',
    ),
  )
  assert.match(call.sid, /^CA[0-9a-f]{32}$/)
  assert.equal(call.status, 'queued')
  const { messages } = await messagesOf(url, to, '?after=0&wait=5')
  assert.deepEqual(
    messages.map(({ id, channel, code, body }) => ({ id, channel, code, body })),
    [{ id: call.sid, channel: 'call', code: '407192', body: 'Your code is 4. 0. 7. 1. 9. 2.' }],
  )
  await application.until(isOver)
  assert.deepEqual(statuses(application.all), ['initiated', 'ringing', 'in-progress', 'completed'])
  for (const received of application.all) assert.ok(isSigned(application.url, received))
  const fetched = await client.calls(call.sid).fetch()
  assert.equal(fetched.status, 'completed')
  assert.equal(fetched.toFormatted, '(202) 555-0110')
  assert.ok(Number(fetched.duration) >= 1)
})

test('without StatusCallbackEvent only the end of the call is reported', async () => {
  const { application } = await placeCall('+12025550111', () => twiml('<Say>Hi</Say>'), {
    statusCallbackEvent: undefined,
  })
  await application.until(isOver)
  assert.deepEqual(statuses(application.all), ['completed'])
})

test('a Gather waits for a key, posts it to its action, and the call goes on from there', async () => {
  const to = '+12025550112'
  const { application, call } = await placeCall(to, ({ path, form }) =>
    path === '/again'
      ? twiml(
          form.Digits === '1'
            ? '<Say>Again: 1, 2, 3, 4, 5, 6, 7, 8</Say>'
            : '<Redirect>/speech?c=1</Redirect>',
        )
      : twiml(
          '<Gather numDigits="1" action="/again"><Say>1, 2, 3, 4, 5, 6, 7, 8</Say></Gather><Say>Bye</Say>',
        ),
  )
  const waiting = await messagesOf(url, to, '?after=0&wait=5')
  assert.equal(waiting.messages[0]?.status, 'in-progress')
  assert.equal(waiting.messages[0]?.code, '12345678')

  assert.equal((await press(to, call.sid, 'x')).statusCode, 400)
  assert.equal((await press('+12025550113', call.sid, '1')).statusCode, 404)
  // 9 leads back to the start and its Gather; the 1 after it is kept for that one.
  assert.equal((await press(to, call.sid, '91')).statusCode, 204)
  await application.until(isOver)
  assert.deepEqual(
    application.all.filter(({ path }) => path === '/again').map(({ form }) => form.Digits),
    ['9', '1'],
  )
  for (const received of application.all) assert.ok(isSigned(application.url, received))
  const ended = await messagesOf(url, to)
  assert.equal(ended.messages.length, 1)
  assert.match(ended.messages[0]?.body ?? '', /Again: 1/)
  assert.equal((await press(to, call.sid, '1')).json().code, 'call_ended')
  assert.equal((await press(to, call.sid, '1')).statusCode, 409)
})

test('the key that finishes a Gather is not one of its digits, and alone it goes past the Gather', async () => {
  const to = '+12025550114'
  const speech = () => twiml('<Gather action="/digits"><Say>Go</Say></Gather><Say>Nothing came</Say>')
  const { application, call } = await placeCall(to, ({ path }) => (path === '/digits' ? twiml('') : speech()))
  await messagesOf(url, to, '?after=0&wait=5')
  await press(to, call.sid, '42#')
  await application.until(isOver)
  const { form } = application.all.find(({ path }) => path === '/digits') as Received
  assert.equal(form.Digits, '42')
  assert.equal(form.FinishedOnKey, '#')

  const other = await placeCall('+12025550115', speech)
  await messagesOf(url, '+12025550115', '?after=0&wait=5')
  await press('+12025550115', other.call.sid, '#')
  await other.application.until(isOver)
  assert.match((await messagesOf(url, '+12025550115')).messages[0]?.body ?? '', /Nothing came/)
})

test('GET is honoured for TwiML, and its signature covers the whole address', async () => {
  const { application } = await placeCall('+12025550116', () => twiml('<Say>Hi</Say>'), { method: 'GET' })
  await application.until(isOver)
  const asked = application.all.find(({ method }) => method === 'GET') as Received
  assert.match(asked.path, /^\/speech\?c=1&.*CallSid=CA/)
  assert.ok(isSigned(application.url, asked))
})

const broken = [
  { what: 'an error', answer: { status: 500 } },
  { what: 'no XML', answer: { body: 'hello' } },
  { what: 'XML that is cut off', answer: { body: '<Response><Say>Hi</Response>' } },
  {
    what: 'a document type with an entity',
    answer: {
      body: '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><Response><Say>&e;</Say></Response>',
    },
  },
  { what: 'a document above 64 KB', answer: twiml(`<Say>${'x'.repeat(65_537)}</Say>`) },
  { what: 'itself without end', answer: twiml('<Redirect/>') },
]
for (const [index, { what, answer }] of broken.entries()) {
  test(`a call whose application answers with ${what} ends, and its transcript says why`, async () => {
    const to = `+1303555012${index}`
    const { application } = await placeCall(to, () => answer)
    await application.until(isOver)
    const page = await lab.app.inject({ url: `/phones/${to}` })
    assert.match(page.body, /Trouble: an application error has occurred/)
    assert.ok(!page.body.includes('root:'))
  })
}

for (const { ending, status } of [
  { ending: '0191', status: 'busy' },
  { ending: '0192', status: 'no-answer' },
  { ending: '0190', status: 'failed' },
]) {
  test(`a call to 555-${ending} ends as ${status} and is never answered`, async () => {
    const to = `+1303555${ending}`
    const { application, call } = await placeCall(to, () => twiml('<Say>1 2 3 4 5 6</Say>'))
    await application.until((all) => statuses(all).includes(status))
    assert.deepEqual(statuses(application.all), ['initiated', 'ringing', status])
    assert.ok(!application.all.some(({ path }) => path.startsWith('/speech')))
    assert.equal((await client.calls(call.sid).fetch()).duration, '0')
    assert.deepEqual((await messagesOf(url, to)).messages, [])
  })
}

const wrong = [
  { what: 'a number outside the range', parameters: { to: '+12025551142' }, code: 21211 },
  { what: 'no url', parameters: { url: undefined }, code: 21205 },
  { what: 'a url that is none', parameters: { url: 'speech' }, code: 21205 },
  { what: 'a From that is no number', parameters: { from: 'x' }, code: 21212 },
  { what: "a From that is not the account's", parameters: { from: '+12025550196' }, code: 21210 },
  { what: 'an unknown event', parameters: { statusCallbackEvent: ['answered', 'bored'] }, code: 21626 },
  { what: 'a callback that is none', parameters: { statusCallback: 'x' }, code: 21502 },
]
for (const { what, parameters, code } of wrong) {
  test(`a call with ${what} is refused with Twilio's ${code}`, async () => {
    const request = { to: '+12025550117', from: SENDER, url: 'http://127.0.0.1:9/speech', ...parameters }
    await assert.rejects(client.calls.create(request), (error: { code: number; status: number }) => {
      assert.equal(error.code, code)
      assert.equal(error.status, 400)
      return true
    })
  })
}

test('a restart ends the call that it cut off, with what was said until then', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-calls-'))
  after(() => rmSync(directory, { recursive: true }))
  const databaseUrl = `sqlite:${join(directory, 'lab.sqlite')}`
  const to = '+12025550118'
  const first = await startLab({ databaseUrl })
  const { sid } = await first.client.calls.create({
    to,
    from: SENDER,
    twiml: '<Response><Gather><Say>9 8 7 6 5 4</Say></Gather></Response>',
  })
  const waiting = await messagesOf(first.url, to, '?after=0&wait=5')
  assert.equal(waiting.messages[0]?.code, '987654')
  assert.equal(waiting.messages[0]?.status, 'in-progress')
  await first.close()

  const second = await startLab({ databaseUrl })
  after(() => second.close())
  const ended = await messagesOf(second.url, to)
  assert.deepEqual(
    ended.messages.map(({ id, code, cursor }) => ({ id, code, cursor })),
    [{ id: sid, code: '987654', cursor: waiting.cursor }],
  )
  assert.equal((await second.client.calls(sid).fetch()).status, 'completed')
})

test('a Gather that nobody answers goes on after it in the end', async () => {
  const shown: TranscriptLine[][] = []
  const transcript = await converse({
    start: { twiml: '<Response><Gather><Say>Press 1</Say></Gather><Say>Goodbye</Say></Response>' },
    fetchTwiml: async () => '',
    keys: createKeyPresses(),
    keyWait: 1,
    show: async (soFar) => void shown.push(soFar),
    closing: new AbortController().signal,
  })
  assert.deepEqual(
    transcript.map(({ kind }) => kind),
    ['said', 'said', 'ended'],
  )
  assert.equal(shown[0]?.at(-1)?.kind, 'waiting')
})
