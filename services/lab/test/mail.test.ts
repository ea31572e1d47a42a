import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { html as escapeHtml } from 'ghtml'
import { linksIn, textParts } from '../src/mail/mails.ts'
import { startLab } from './lab-fixture.ts'

const lab = await startLab()
after(() => lab.close())
const { app, url } = lab

const LETTER = {
  from: 'Login.gov',
  subject: 'Confirm your email',
  text: 'Thanks for creating an account.\n\nhttp://localhost:4001/confirm?token=one-of-a-kind&locale=en\n\nThis link expires in 24 hours.',
}

async function send(mail: Record<string, unknown>) {
  return app.inject({
    method: 'POST',
    url: '/mail',
    headers: await lab.as('login-gov', 'mail.write'),
    payload: { ...LETTER, ...mail },
  })
}

interface Tray {
  messages: {
    id: string
    cursor: number
    from: string
    to: string
    subject: string
    text: string
    links: string[]
    receivedAt: string
  }[]
  cursor: number
}

async function trayOf(address: string, query = ''): Promise<Tray> {
  const response = await fetch(`${url}/mail/${encodeURIComponent(address)}/messages${query}`, {
    signal: AbortSignal.timeout(10_000),
  })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  return (await response.json()) as Tray
}

test('a waiting test is answered the moment a mail comes to its tray, with the links picked out', async () => {
  const address = 'new.person@example.com'
  const { messages: none, cursor } = await trayOf(address)
  assert.deepEqual(none, [])
  const waiting = trayOf(address, `?after=${cursor}&wait=9`)
  // Mail to another address does not wake it up with nothing.
  await send({ to: 'somebody.else@example.com' })
  const accepted = await send({ to: address })
  assert.equal(accepted.statusCode, 201)
  const { messages, cursor: next } = await waiting
  const [mail] = messages
  assert.equal(messages.length, 1)
  assert.ok(mail)
  assert.equal(mail.id, accepted.json().messageId)
  assert.equal(mail.cursor, next)
  assert.equal(mail.from, LETTER.from)
  assert.equal(mail.to, address)
  assert.equal(mail.subject, LETTER.subject)
  assert.equal(mail.text, LETTER.text)
  assert.deepEqual(mail.links, ['http://localhost:4001/confirm?token=one-of-a-kind&locale=en'])
  assert.ok(!Number.isNaN(Date.parse(mail.receivedAt)))
  assert.deepEqual((await trayOf(address, `?after=${next}`)).messages, [])
})

test('addresses that differ in upper and lower case only are one tray, and the mail says how it was written', async () => {
  await send({ to: 'Mixed.Case@Example.COM' })
  const { messages } = await trayOf('mixed.case@EXAMPLE.com')
  assert.deepEqual(
    messages.map(({ to }) => to),
    ['Mixed.Case@Example.COM'],
  )
})

test('without a cursor the answer is what came so far, oldest first, and a page of it can be gone on from', async () => {
  const to = 'three@example.com'
  for (const subject of ['one', 'two', 'three']) await send({ to, subject })
  const { messages } = await trayOf(to)
  assert.deepEqual(
    messages.map(({ subject }) => subject),
    ['one', 'two', 'three'],
  )
  const later = await trayOf(to, `?after=${messages[0]?.cursor}`)
  assert.deepEqual(
    later.messages.map(({ subject }) => subject),
    ['two', 'three'],
  )
})

test('a wait in which no mail comes ends with an empty list and the same cursor', async () => {
  assert.deepEqual(await trayOf('nobody@example.com', '?after=7&wait=1'), { messages: [], cursor: 7 })
})

test('only services that may send mail can: no token 401, another scope or another service 403', async () => {
  const payload = { ...LETTER, to: 'a@example.com' }
  const post = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/mail', headers, payload })
  assert.equal((await post({})).statusCode, 401)
  assert.equal((await post(await lab.as('login-gov', 'approvals.write'))).statusCode, 403)
  assert.equal((await post(await lab.as('cbsv', 'mail.write'))).statusCode, 403)
  assert.deepEqual((await trayOf('a@example.com')).messages, [])
})

const refused: [string, Record<string, unknown>][] = [
  ['to', { to: 'no address' }],
  ['to', { to: 'two@example.com,three@example.com' }],
  ['to', { to: 'a@example.com\r\nbcc: b@example.com' }],
  ['to', { to: `${'a'.repeat(250)}@example.com` }],
  ['to', { to: ['a@example.com'] }],
  ['subject', { subject: '' }],
  ['subject', { subject: 'two\nlines' }],
  ['from', { from: 'nul\u0000' }],
  ['text', { text: 'nul\u0000' }],
  ['text', { text: 'x'.repeat(10_001) }],
  ['bcc', { bcc: 'b@example.com' }],
]
for (const [field, change] of refused) {
  test(`a mail with ${JSON.stringify(change).slice(0, 60)} is refused by a problem that names ${field}, not the value`, async () => {
    const answer = await send({ to: 'refused@example.com', ...change })
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(
      [...new Set(answer.json().errors.map((error: { field: string }) => error.field))],
      [`body.${field}`],
    )
    assert.ok(!answer.body.includes('example.com'))
  })
}

test('a tray that cannot be one is refused, and an address that only was never written to is empty', async () => {
  for (const path of ['/mail/maria', '/mail/a%00@example.com', '/mail/events?address=maria']) {
    assert.equal((await app.inject({ url: path })).statusCode, 400, path)
  }
  const page = await app.inject({ url: '/mail/never@example.com' })
  assert.equal(page.statusCode, 200)
  assert.match(page.body, /Nothing yet in this tray/)
})

test('a tray shows subject, sender, the whole text and its links as links, and nothing of a mail becomes markup', async () => {
  const to = 'page@example.com'
  const subject = '<img src=x>'
  await send({
    to,
    from: 'A <b>provider</b>',
    subject,
    text: 'Click <a href="javascript:alert(1)">here</a>\n\nhttps://login.example/x?a=1&b="2\njavascript:alert(2)',
  })
  for (const path of ['/mail', `/mail/${encodeURIComponent(to)}`, '/mail/PAGE@example.com']) {
    const { body, statusCode } = await app.inject({ url: path })
    assert.equal(statusCode, 200)
    assert.ok(!/<img|<b>|href="javascript/.test(body), path)
    assert.ok(body.includes(`>${escapeHtml`${subject}`}</h`), path)
    const link = escapeHtml`${'https://login.example/x?a=1&b='}`
    assert.ok(body.includes(`<a href="${link}">${link}</a>`), path)
    assert.match(body, /Click &#60;a/)
    assert.match(body, /<noscript><a href="">Reload<\/a>/)
  }
})

test('all trays are listed, the newest mail first', async () => {
  for (const to of ['old@example.com', 'new@example.com', 'old@example.com']) await send({ to })
  const { body } = await app.inject({ url: '/mail' })
  const list = /<ul class="lab-phones"[^>]*>(.*?)<\/ul>/s.exec(body)?.[1] ?? ''
  assert.ok(list.indexOf('>old@example.com<') >= 0)
  assert.ok(list.indexOf('>old@example.com<') < list.indexOf('>new@example.com<'))
  assert.match(list, /old@example\.com<\/span>\s*<span class="lab-quiet">2 mails, newest/)
})

test('a tray shows its fifty newest mails', async () => {
  const to = 'busy@example.com'
  for (let count = 1; count <= 52; count += 1) await send({ to, subject: `number ${count}.` })
  const { body } = await app.inject({ url: `/mail/${to}` })
  assert.equal(body.match(/<article /g)?.length, 50)
  assert.match(body, /number 52\./)
  assert.doesNotMatch(body, /number 2\./)
})

test('server-sent events tell a page that a mail came to its tray, without what it says', async () => {
  const address = 'live@example.com'
  const response = await fetch(`${url}/mail/events?address=${encodeURIComponent('Live@example.com')}`, {
    signal: AbortSignal.timeout(10_000),
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('retry')) text += decoder.decode((await reader.read()).value)
  await send({ to: 'elsewhere@example.com' })
  const { messageId } = (await send({ to: address })).json()
  while (!text.includes('event: message')) text += decoder.decode((await reader.read()).value)
  assert.ok(text.includes(messageId))
  assert.ok(!text.includes('elsewhere'))
  assert.ok(!text.includes('confirm'))
  await reader.cancel()
})

test('the log holds no text, no link, no subject and no address of a mail', async () => {
  await send({ to: 'quiet@example.com' })
  await trayOf('quiet@example.com')
  await app.inject({ url: '/mail/quiet@example.com' })
  await app.inject({ url: '/mail/events?address=nobody', headers: { accept: 'text/html' } })
  const log = lab.logLines.join('\n')
  assert.ok(log.includes('"path":"/mail"'), 'there is a log')
  for (const secret of ['one-of-a-kind', 'Confirm your email', 'Thanks for', '@example.com', '%40example'])
    assert.ok(!log.includes(secret), secret)
})

const texts: { text: string; links: string[] }[] = [
  { text: 'No link here', links: [] },
  {
    text: 'https://a.example/1\nand http://b.example:4001/x?y=z#w',
    links: ['https://a.example/1', 'http://b.example:4001/x?y=z#w'],
  },
  { text: 'See (https://a.example/help).', links: ['https://a.example/help'] },
  { text: 'See https://a.example, or not', links: ['https://a.example'] },
  { text: 'ftp://a.example javascript:alert(1) //a.example', links: [] },
  { text: 'https:// http://[ https://.', links: [] },
]
for (const { text, links } of texts) {
  test(`in ${JSON.stringify(text)} the links are ${links.join(' ') || 'none'}, and no part of the text is lost`, () => {
    assert.deepEqual(linksIn(text), links)
    assert.equal(
      textParts(text)
        .map((part) => part.text)
        .join(''),
      text,
    )
  })
}
