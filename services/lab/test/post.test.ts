import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import type { Call, ServiceCalls } from '@gatehouse/contracts/calls'
import { type LetterDelivery, letterBoxOf } from '@gatehouse/contracts/lab'
import type { TSchema } from 'typebox'
import { startLab } from './lab-fixture.ts'
import { letterTo, PDF } from './letters.ts'

// The clock moves in every other service of this test by saying so.
const calls = { call: async (_name: string, { body }: Call<TSchema>) => body } as unknown as ServiceCalls
const lab = await startLab({ calls })
after(() => lab.close())
const { app, url } = lab
const DAY = 86_400_000

async function handIn(id: string, letter: Record<string, unknown> | LetterDelivery) {
  return app.inject({
    method: 'PUT',
    url: `/post/letters/${id}`,
    headers: await lab.as('upgrade-codes', 'letters.write'),
    payload: letter,
  })
}

interface Box {
  letters: Record<string, unknown>[]
  cursor: number
}

async function boxOf(box: string, query = ''): Promise<Box> {
  const response = await fetch(`${url}/post/${box}/letters${query}`, { signal: AbortSignal.timeout(10_000) })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  return (await response.json()) as Box
}

const page = async (path: string) => (await app.inject({ url: path, headers: { accept: 'text/html' } })).body

test('a waiting test is answered the moment a letter comes to its box, whole, and with its code', async () => {
  const box = '1-wait-street-21235'
  const { letters: none, cursor } = await boxOf(box)
  assert.deepEqual(none, [])
  const waiting = boxOf(box, `?after=${cursor}&wait=9`)
  // A letter to somebody else does not wake it up with nothing.
  await handIn('other', letterTo('1 Other Street'))
  const letter = letterTo('1 Wait Street')
  assert.equal((await handIn('waited-for', letter)).statusCode, 204)
  const { letters, cursor: next } = await waiting
  assert.equal(letters.length, 1)
  const { receivedAt, ...received } = letters[0] ?? {}
  const { pdf: _pdf, deliverAt: _deliverAt, ...contents } = letter
  assert.deepEqual(received, {
    ...contents,
    id: 'waited-for',
    cursor: next,
    pdf: '/post/letters/waited-for.pdf',
  })
  assert.ok(!Number.isNaN(Date.parse(String(receivedAt))))
  assert.deepEqual((await boxOf(box, `?after=${next}`)).letters, [])
})

test('a letter is nowhere to be read before the instant of its delivery, and everywhere from then on', async () => {
  const id = 'in-the-mail'
  const box = '2-mail-street-21235'
  const deliverAt = now() + 3 * DAY
  await handIn(id, letterTo('2 Mail Street', { deliverAt, subject: 'A secret subject', code: '9081726' }))
  const paths = ['/post', `/post/${box}`, `/post/letters/${id}`]
  // Time runs on by itself, so the last look before is a second early; the store's test has the millisecond.
  advanceClock(deliverAt - 1_000 - now())
  assert.deepEqual((await boxOf(box)).letters, [])
  assert.equal((await app.inject({ url: `/post/letters/${id}.pdf` })).statusCode, 404)
  for (const path of paths) {
    const html = await page(path)
    assert.match(html, /[Ii]n the mail/, path)
    assert.ok(html.includes(`<time datetime="${new Date(deliverAt).toISOString()}"`), path)
    assert.ok(!/9081726|secret subject|localhost:4003/.test(html), path)
  }
  advanceClock(deliverAt - now())
  const { letters } = await boxOf(box)
  assert.equal(letters[0]?.code, '9081726')
  assert.equal(letters[0]?.receivedAt, new Date(deliverAt).toISOString())
  assert.equal((await app.inject({ url: `/post/letters/${id}.pdf` })).statusCode, 200)
  for (const path of paths) assert.match(await page(path), /9081726/, path)
})

const moves: [string, (milliseconds: number) => unknown][] = [
  [
    'by the clock of the lab',
    (milliseconds) =>
      app.inject({ method: 'PUT', url: '/clock', payload: { advanceSeconds: milliseconds / 1_000 } }),
  ],
  ['in this process', advanceClock],
]
for (const [how, move] of moves) {
  test(`whoever waits while the clock is moved ${how} is answered with what was delivered by that`, async () => {
    const box = `${moves.findIndex(([name]) => name === how)}-moved-street-21235`
    const street = box.slice(0, -6)
    await handIn(`slow-${box}`, letterTo(street, { deliverAt: now() + 2 * DAY, code: '1111111' }))
    await handIn(`fast-${box}`, letterTo(street, { code: '2222222' }))
    const { letters: first, cursor } = await boxOf(box, '?after=0')
    assert.deepEqual(
      first.map(({ code }) => code),
      ['2222222'],
    )
    // The slow one was handed in first and comes after the cursor all the same.
    const waiting = boxOf(box, `?after=${cursor}&wait=9`)
    await move(2 * DAY)
    assert.deepEqual(
      (await waiting).letters.map(({ code }) => code),
      ['1111111'],
    )
  })
}

test('a letter meant for a day that is over is delivered at once, and came when it was handed in', async () => {
  const before = now()
  await handIn('late', letterTo('3 Late Street', { deliverAt: 0 }))
  const { letters } = await boxOf('3-late-street-21235')
  const receivedAt = Date.parse(String(letters[0]?.receivedAt))
  assert.ok(receivedAt >= before && receivedAt <= now())
})

test('the same letter twice is one; printed anew it comes anew, and the code before it is gone', async () => {
  const box = '4-again-street-21235'
  const letter = letterTo('4 Again Street')
  await handIn('again', letter)
  const { cursor } = await boxOf(box)
  await handIn('again', { ...letter, deliverAt: now() })
  assert.deepEqual((await boxOf(box, `?after=${cursor}`)).letters, [])
  await handIn('again', { ...letter, code: '3333333' })
  const { letters } = await boxOf(box)
  assert.deepEqual(
    letters.map(({ code }) => code),
    ['3333333'],
  )
  assert.ok(Number(letters[0]?.cursor) > cursor)
})

test('the PDF comes back byte by byte, to be shown and never to be taken for a page', async () => {
  await handIn('paper', letterTo('5 Paper Street'))
  const answer = await app.inject({ url: '/post/letters/paper.pdf' })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-type'], 'application/pdf')
  assert.match(String(answer.headers['content-disposition']), /^inline/)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.deepEqual(answer.rawPayload, PDF)
})

test('a letter at the limits of its schema is taken', async () => {
  const line = 'x'.repeat(1_000)
  const whole = letterTo('6 Large Street', {
    blocks: Array.from({ length: 60 }, () => ({
      kind: 'list',
      items: Array.from({ length: 20 }, () => line),
    })),
    pdf: `JVBERi0${'A'.repeat(700_000 - 7)}`,
  })
  assert.equal((await handIn('large', whole)).statusCode, 204)
  assert.equal((await app.inject({ url: '/post/letters/large' })).statusCode, 200)
})

test('only upgrade-codes may hand letters in: no token 401, another scope or another service 403', async () => {
  const put = (headers: Record<string, string>) =>
    app.inject({ method: 'PUT', url: '/post/letters/x', headers, payload: letterTo('7 Closed Street') })
  assert.equal((await put({})).statusCode, 401)
  assert.equal((await put(await lab.as('upgrade-codes', 'mail.write'))).statusCode, 403)
  assert.equal((await put(await lab.as('my-ssa', 'letters.write'))).statusCode, 403)
  assert.deepEqual((await boxOf('7-closed-street-21235')).letters, [])
})

const refused: [string, Record<string, unknown>][] = [
  ['subject', { subject: 'two\nlines' }],
  ['to.zipCode', { to: { ...letterTo('8 Wrong Street').to, zipCode: '2123' } }],
  ['printedOn', { printedOn: '2026-02-30' }],
  ['printedOn', { printedOn: '2026-13-01' }],
  ['pdf', { pdf: Buffer.from('<script>alert(1)</script>').toString('base64') }],
  ['pdf', { pdf: `JVBERi0${'A'.repeat(700_000)}` }],
  ['code', { code: '123' }],
  ['code', { code: '1234567\u0000' }],
  ['deliverAt', { deliverAt: 8.65e15 }],
  ['blocks', { blocks: [] }],
  ['urgent', { urgent: true }],
]
for (const [field, change] of refused) {
  test(`a letter with ${JSON.stringify(change).slice(0, 60)} is refused by a problem that names ${field}, not the value`, async () => {
    const answer = await handIn('refused', { ...letterTo('8 Wrong Street'), ...change })
    assert.equal(answer.statusCode, 400)
    const fields = answer.json().errors.map((error: { field: string }) => error.field)
    assert.deepEqual([...new Set(fields)], [`body.${field}`])
    assert.ok(!answer.body.includes('Wrong Street'))
    assert.equal((await app.inject({ url: '/post/letters/refused' })).statusCode, 404)
  })
}

const addresses: [string, string, string][] = [
  ['700 Example Street', '21235', '700-example-street-21235'],
  ['700 EXAMPLE  STREET', '21235-0001', '700-example-street-21235'],
  ['12½ Calle Peñón, Apt. #3', '00901', '121-2-calle-penon-apt-3-00901'],
  ['--', '00901', '00901'],
  [`${'long '.repeat(16)}`.trim(), '00901', `${'long-'.repeat(16)}00901`],
]
for (const [street, zipCode, box] of addresses) {
  test(`letters to ${JSON.stringify(street)} in ${zipCode} come to the box ${box}`, async () => {
    assert.equal(letterBoxOf({ street, zipCode }), box)
    assert.equal((await app.inject({ url: `/post/${box}/letters` })).statusCode, 200)
  })
}

test('a letter box that cannot be one is refused, and a letter that is none is not found', async () => {
  for (const path of [
    '/post/maria/letters',
    '/post/A-21235',
    '/post/events?box=maria',
    '/post/letters/a%20b',
  ]) {
    assert.equal((await app.inject({ url: path })).statusCode, 400, path)
  }
  for (const path of ['/post/letters/nowhere', '/post/letters/nowhere.pdf']) {
    assert.equal((await app.inject({ url: path })).statusCode, 404, path)
  }
})

test('server-sent events tell a page that a letter came to its box, without what it says', async () => {
  const response = await fetch(`${url}/post/events?box=9-live-street-21235`, {
    signal: AbortSignal.timeout(10_000),
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('retry')) text += decoder.decode((await reader.read()).value)
  await handIn('elsewhere', letterTo('9 Dead Street'))
  await handIn('live', letterTo('9 Live Street', { deliverAt: now() + DAY }))
  while (!text.includes('in-the-mail')) text += decoder.decode((await reader.read()).value)
  advanceClock(DAY)
  while (!text.includes('delivered')) text += decoder.decode((await reader.read()).value)
  assert.ok(text.includes('"id":"live"'))
  assert.ok(!text.includes('elsewhere'))
  assert.ok(!text.includes('0642030'))
  await reader.cancel()
})

test('the log holds no code, no name and no address of a letter', async () => {
  await handIn('quiet', letterTo('10 Quiet Street'))
  await boxOf('10-quiet-street-21235')
  await page('/post/10-quiet-street-21235')
  await page('/post/letters/quiet')
  await app.inject({ url: '/post/events?box=10-Quiet-Street', headers: { accept: 'text/html' } })
  const log = lab.logLines.join('\n')
  assert.ok(log.includes('"path":"/post/letters/quiet"'), 'there is a log')
  for (const secret of ['0642030', 'Ruth', 'Quiet Street', 'quiet-street'])
    assert.ok(!log.includes(secret), secret)
})
