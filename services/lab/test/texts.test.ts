import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { isSigned, messagesOf, SENDER, startApplication, startLab, twilioClient } from './lab-fixture.ts'

const lab = await startLab()
after(() => lab.close())
const { client, url } = lab
const PHONE = '+12025550142'

const codeOf = (error: unknown) => (error as { code: number }).code
const refusedWith =
  (code: number, status = 400) =>
  (error: unknown) => {
    assert.equal(codeOf(error), code)
    assert.equal((error as { status: number }).status, status)
    assert.equal((error as { moreInfo: string }).moreInfo, `https://www.twilio.com/docs/errors/${code}`)
    assert.ok((error as { message: string }).message)
    return true
  }

test("Twilio's own client sends a text, reads it back and finds it delivered", async () => {
  const sent = await client.messages.create({ to: PHONE, from: SENDER, body: 'Your code is 908172.' })
  assert.match(sent.sid, /^SM[0-9a-f]{32}$/)
  assert.equal(sent.status, 'queued')
  assert.equal(sent.direction, 'outbound-api')
  assert.equal(sent.numSegments, '1')
  assert.equal(sent.errorCode, null)
  assert.ok(Math.abs(sent.dateCreated.getTime() - now()) < 60_000)
  await messagesOf(url, PHONE, '?after=0&wait=5')
  const fetched = await client.messages(sent.sid).fetch()
  assert.equal(fetched.status, 'delivered')
  assert.equal(fetched.body, 'Your code is 908172.')
})

test('statuses are reported in order, each with a signature that Twilio itself accepts', async () => {
  const application = await startApplication(() => ({ status: 204 }))
  after(() => application.close())
  const statusCallback = `${application.url}/carrier/statuses?challenge=a%20b&x=1`
  const { sid } = await client.messages.create({ to: PHONE, from: SENDER, body: 'Hello', statusCallback })
  await application.until((all) => all.length === 2)
  assert.deepEqual(
    application.all.map(({ form }) => form.MessageStatus),
    ['sent', 'delivered'],
  )
  for (const received of application.all) {
    assert.equal(received.form.MessageSid, sid)
    assert.equal(received.form.To, PHONE)
    assert.ok(isSigned(application.url, received))
    assert.ok(
      !isSigned(application.url, { ...received, form: { ...received.form, MessageStatus: 'failed' } }),
    )
  }
})

test('a callback that fails is tried again, and a callback that is refused is not', async () => {
  let failures = 1
  const application = await startApplication(({ path }) => {
    if (path === '/refuses') return { status: 403 }
    failures -= 1
    return { status: failures >= 0 ? 500 : 200 }
  })
  after(() => application.close())
  await client.messages.create({
    to: PHONE,
    from: SENDER,
    body: 'a',
    statusCallback: `${application.url}/fails`,
  })
  await application.until((all) => all.length === 3)
  assert.deepEqual(
    application.all.map(({ form }) => form.MessageStatus),
    ['sent', 'sent', 'delivered'],
  )
  await client.messages.create({
    to: PHONE,
    from: SENDER,
    body: 'b',
    statusCallback: `${application.url}/refuses`,
  })
  await application.until((all) => all.filter(({ path }) => path === '/refuses').length === 2)
})

test('the API answers while the application that gets the callbacks is down', async () => {
  const sent = await client.messages.create({
    to: PHONE,
    from: SENDER,
    body: 'x',
    statusCallback: 'http://127.0.0.1:9/nobody',
  })
  assert.equal(sent.status, 'queued')
})

const wrong = [
  { what: 'a number outside 555-0100 to 555-0199', to: '+12025550200', code: 21211 },
  { what: 'a number of another country', to: '+442079460000', code: 21211 },
  { what: 'a number that is none', to: '2025550142', code: 21211 },
  { what: 'an area code that cannot be', to: '+11025550142', code: 21211 },
  { what: 'an empty To', to: '', code: 21604 },
  { what: 'a From that is no number', from: 'nobody', code: 21212 },
  { what: 'no From', from: undefined, code: 21603 },
  { what: "a From that is not the account's", from: '+12025550196', code: 21606 },
  { what: 'no body', body: undefined, code: 21602 },
  { what: 'a body of 1601 characters', body: 'x'.repeat(1_601), code: 21617 },
  { what: 'a status callback that is no web address', statusCallback: 'ftp://example.com/', code: 21609 },
  { what: 'an opted-out phone', to: '+12025550193', code: 21610 },
  { what: 'a landline', to: '+12025550194', code: 21614 },
]
for (const { what, code, ...parameters } of wrong) {
  test(`a text with ${what} is refused with Twilio's ${code}`, async () => {
    const request = { to: PHONE, from: SENDER, body: 'x', ...parameters }
    await assert.rejects(
      client.messages.create(request as Parameters<typeof client.messages.create>[0]),
      refusedWith(code),
    )
  })
}

test('a carrier that is down answers 503 with 20503', async () => {
  await assert.rejects(
    client.messages.create({ to: '+13125550195', from: SENDER, body: 'x' }),
    refusedWith(20503, 503),
  )
})

test('a wrong auth token is refused with 20003, and an unknown SID with 20404', async () => {
  const stranger = twilioClient(url, 'f'.repeat(32))
  await assert.rejects(
    stranger.messages.create({ to: PHONE, from: SENDER, body: 'x' }),
    refusedWith(20003, 401),
  )
  await assert.rejects(client.messages(`SM${'0'.repeat(32)}`).fetch(), refusedWith(20404, 404))
  await assert.rejects(client.calls(`CA${'0'.repeat(32)}`).fetch(), refusedWith(20404, 404))
  await assert.rejects(client.conferences.list({ limit: 1 }), refusedWith(20404, 404))
})

test('a field given twice is refused with 20001, and JSON with 20415', async () => {
  const authorization = `Basic ${Buffer.from(`${client.username}:${client.password}`).toString('base64')}`
  const post = (payload: string, type: string) =>
    lab.app.inject({
      method: 'POST',
      url: `/2010-04-01/Accounts/${client.accountSid}/Messages.json`,
      headers: { authorization, 'content-type': type },
      payload,
    })
  const twice = await post(
    'To=%2B12025550142&To=%2B12025550143&From=12345&Body=x',
    'application/x-www-form-urlencoded',
  )
  assert.equal(twice.json().code, 20001)
  assert.equal((await post('{}', 'application/json')).json().code, 20415)
})

test('an undelivered text is reported with 30003 and never reaches the phone', async () => {
  const application = await startApplication(() => ({ status: 204 }))
  after(() => application.close())
  const to = '+12025550190'
  const { sid } = await client.messages.create({
    to,
    from: SENDER,
    body: 'x 111111',
    statusCallback: application.url,
  })
  await application.until((all) => all.length === 2)
  assert.equal(application.all[1]?.form.MessageStatus, 'undelivered')
  assert.equal(application.all[1]?.form.ErrorCode, '30003')
  assert.equal((await client.messages(sid).fetch()).errorCode, 30003)
  assert.deepEqual((await messagesOf(url, to)).messages, [])
})

test('what was acknowledged before the process ended is there after a restart, and cursors go on from there', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-'))
  after(() => rmSync(directory, { recursive: true }))
  const databaseUrl = `sqlite:${join(directory, 'lab.sqlite')}`
  const first = await startLab({ databaseUrl })
  const { sid } = await first.client.messages.create({ to: PHONE, from: SENDER, body: 'code 222222' })
  // Stored `queued` and not yet delivered is how a kill leaves a text.
  await first.close()
  const second = await startLab({ databaseUrl })
  after(() => second.close())
  const before = await messagesOf(second.url, PHONE, '?after=0&wait=5')
  assert.deepEqual(
    before.messages.map(({ id, code, status }) => ({ id, code, status })),
    [{ id: sid, code: '222222', status: 'delivered' }],
  )
  await second.client.messages.create({ to: PHONE, from: SENDER, body: 'code 333333' })
  const later = await messagesOf(second.url, PHONE, `?after=${before.cursor}&wait=5`)
  assert.deepEqual(
    later.messages.map(({ code }) => code),
    ['333333'],
  )
  assert.ok(later.cursor > before.cursor)
})

test('codes and the auth token stay out of the log', () => {
  const log = lab.logLines.join('')
  assert.ok(log.length > 0)
  for (const secret of ['908172', '111111', lab.ground.configuration.LAB_AUTH_TOKEN, PHONE]) {
    assert.ok(!log.includes(secret))
  }
})
