import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { codeIn } from '../src/phones/codes.ts'
import { messagesOf, SENDER, startLab } from './lab-fixture.ts'

const lab = await startLab()
after(() => lab.close())
const { client, url } = lab

test('a waiting test is answered the moment a text arrives, with the code picked out', async () => {
  const number = '+12025550120'
  const { cursor } = await messagesOf(url, number)
  const waiting = messagesOf(url, number, `?after=${cursor}&wait=9`)
  // A text to another phone does not wake it up with nothing.
  await client.messages.create({ to: '+12025550121', from: SENDER, body: 'code 999999' })
  await client.messages.create({
    to: number,
    from: SENDER,
    body: 'Your code is 654321.\n\n@login.example #654321',
  })
  const { messages, cursor: next } = await waiting
  assert.equal(messages.length, 1)
  assert.deepEqual(Object.keys(messages[0] ?? {}).sort(), [
    'body',
    'channel',
    'code',
    'cursor',
    'from',
    'id',
    'receivedAt',
    'status',
    'to',
  ])
  assert.equal(messages[0]?.code, '654321')
  assert.equal(messages[0]?.cursor, next)
  assert.deepEqual((await messagesOf(url, number, `?after=${next}`)).messages, [])
})

test('a wait in which nothing arrives ends with an empty list and the same cursor', async () => {
  assert.deepEqual(await messagesOf(url, '+12025550122', '?after=7&wait=1'), { messages: [], cursor: 7 })
})

test('without a cursor the answer is what came so far, oldest first', async () => {
  const number = '+12025550123'
  for (const body of ['one', 'two', 'three']) {
    const { cursor } = await messagesOf(url, number)
    await client.messages.create({ to: number, from: SENDER, body })
    await messagesOf(url, number, `?after=${cursor}&wait=5`)
  }
  const { messages } = await messagesOf(url, number)
  assert.deepEqual(
    messages.map(({ body }) => body),
    ['one', 'two', 'three'],
  )
  const cursors = messages.map(({ cursor }) => cursor)
  assert.deepEqual(
    cursors,
    [...cursors].sort((a, b) => a - b),
  )
})

test('a phone is found with a plus, with the plus encoded, and by plain digits', async () => {
  for (const written of ['+12025550123', '%2B12025550123', '12025550123', '2025550123']) {
    assert.equal((await messagesOf(url, written)).messages.length, 3)
  }
})

const invalid = [
  { path: '/phones/+12025550200/messages', field: 'params.number' },
  { path: '/phones/maria/messages', field: 'params.number' },
  { path: '/phones/+12025550120/messages?after=-1', field: 'querystring.after' },
  { path: '/phones/+12025550120/messages?after=x', field: 'querystring.after' },
  { path: '/phones/+12025550120/messages?wait=61', field: 'querystring.wait' },
  { path: '/phones/+12025550120/messages?wait=1e1', field: 'querystring.wait' },
  { path: '/phones/+12025550120/messages?since=1', field: 'querystring.since' },
  { path: '/phones/events?number=1', field: 'querystring.number' },
]
for (const { path, field } of invalid) {
  test(`${path} is refused with a problem that names ${field}`, async () => {
    const answer = await lab.app.inject({ url: path })
    assert.equal(answer.statusCode, 400)
    assert.match(String(answer.headers['content-type']), /application\/problem\+json/)
    assert.deepEqual(
      answer.json().errors.map((error: { field: string }) => error.field),
      [field],
    )
  })
}

async function nextEvent(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: RegExp): Promise<string> {
  let text = ''
  while (!wanted.test(text)) {
    const { value, done } = await reader.read()
    if (done) throw new Error('the stream ended')
    text += new TextDecoder().decode(value)
  }
  return text
}

test('server-sent events tell a page what came to its phone, without the code', async () => {
  const number = '+12025550124'
  const response = await fetch(`${url}/phones/events?number=${encodeURIComponent(number)}`, {
    signal: AbortSignal.timeout(10_000),
  })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  assert.equal(response.headers.get('access-control-allow-origin'), null)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await nextEvent(reader, /retry: 1000/)
  await client.messages.create({ to: '+12025550125', from: SENDER, body: 'elsewhere' })
  const { sid } = await client.messages.create({ to: number, from: SENDER, body: 'code 135790' })
  const text = await nextEvent(reader, /delivered/)
  assert.ok(text.includes(sid))
  assert.ok(!text.includes('135790'))
  assert.ok(!text.includes('+12025550125'))
  await reader.cancel()
})

test('the service closes at once while pages and tests wait', async () => {
  const other = await startLab()
  const waiting = messagesOf(other.url, '+12025550120', '?after=0&wait=60')
  const events = await fetch(`${other.url}/phones/events`)
  const drained = events.text()
  // The wait counts as begun once a second request has been answered after it.
  await messagesOf(other.url, '+12025550120')
  await other.close()
  assert.deepEqual((await waiting).messages, [])
  await drained
})

const texts = [
  { body: 'Login.gov: Your one-time code is 123456. It expires in 10 minutes.', code: '123456' },
  { body: '12345678 is your code', code: '12345678' },
  { body: 'Code 5551234567', code: '5551234567' },
  { body: 'Questions? 1-800-772-1213. Your code: 482910', code: '482910' },
  { body: 'See https://example.gov/123456 for help', code: undefined },
  { body: 'Only 12345 here, and 12345678901 there', code: undefined },
  { body: 'Case 111111 has code 222222\n@example.gov #222222', code: '222222' },
]
for (const { body, code } of texts) {
  test(`from "${body.replace('\n', ' ')}" the code is ${code ?? 'none'}`, () => {
    assert.equal(codeIn({ channel: 'text', body, transcript: [] }), code)
  })
}

const spoken = [
  { said: ['Your code is 1, 2, 3, 4, 5, 6.', 'Again: 1, 2, 3, 4, 5, 6.'], code: '123456' },
  { said: ['1 2 3 4 5 6', '1 2 3 4 5 6'], code: '123456' },
  { said: ['1', '2', '3', '4', '5', '6', '7', '8'], code: '12345678' },
  { said: ['Your old code is 1 1 1 1 1 1', 'Your new code is 2 2 2 2 2 2'], code: '222222' },
  { said: ['Press 1 to hear this again'], code: undefined },
]
for (const { said, code } of spoken) {
  test(`from a call that says "${said.join(' / ')}" the code is ${code ?? 'none'}`, () => {
    const transcript = said.map((text) => ({ kind: 'said' as const, text }))
    assert.equal(codeIn({ channel: 'call', body: '', transcript }), code)
  })
}
