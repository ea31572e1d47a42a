import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { startLab } from './lab-fixture.ts'

const lab = await startLab()
after(() => lab.close())
const { app, url } = lab
const MINUTE = 60_000

const headers = () => lab.as('id-me', 'approvals.write')

async function post(body: Record<string, unknown>) {
  return app.inject({
    method: 'POST',
    url: '/approvals',
    headers: await headers(),
    payload: { from: 'ID.me', question: 'Are you signing in?', expiresAt: now() + 5 * MINUTE, ...body },
  })
}

async function ask(phoneNumber: string, body: Record<string, unknown> = {}): Promise<string> {
  const answer = await post({ phoneNumber, ...body })
  assert.equal(answer.statusCode, 201)
  assert.equal(answer.json().state, 'pending')
  return answer.json().approvalId
}

async function stateOf(id: string): Promise<string> {
  const answer = await app.inject({ url: `/approvals/${id}`, headers: await headers() })
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(Object.keys(answer.json()).sort(), ['approvalId', 'state'])
  return answer.json().state
}

const decide = (number: string, id: string, decision: unknown = 'approve') =>
  app.inject({ method: 'POST', url: `/phones/${number}/approvals/${id}`, payload: { decision } })

interface Asked {
  approvals: { id: string; cursor: number; from: string; question: string; state: string }[]
  cursor: number
}

async function askedOn(number: string, query = ''): Promise<Asked> {
  const response = await fetch(`${url}/phones/${number}/approvals${query}`, {
    signal: AbortSignal.timeout(10_000),
  })
  return (await response.json()) as Asked
}

for (const [decision, state] of [
  ['approve', 'approved'],
  ['deny', 'denied'],
]) {
  test(`a question is pending until the person answers ${decision}, and then ${state}`, async () => {
    const number = '+12025550101'
    const id = await ask(number)
    assert.equal(await stateOf(id), 'pending')
    assert.equal((await decide('2025550101', id, decision)).statusCode, 204)
    assert.equal(await stateOf(id), state)
  })
}

test('a question is answered once: the second answer is refused and changes nothing', async () => {
  const number = '+12025550102'
  const id = await ask(number)
  await decide(number, id, 'deny')
  const second = await decide(number, id, 'approve')
  assert.equal(second.statusCode, 409)
  assert.equal(second.json().code, 'approval_decided')
  assert.equal(await stateOf(id), 'denied')
})

test('a question cannot be answered from the moment it expires, and says so', async () => {
  const number = '+12025550103'
  const expiresAt = now() + 5 * MINUTE
  const id = await ask(number, { expiresAt })
  advanceClock(expiresAt - now())
  assert.equal(await stateOf(id), 'expired')
  const late = await decide(number, id)
  assert.equal(late.statusCode, 409)
  assert.equal(late.json().code, 'approval_expired')
  assert.equal(await stateOf(id), 'expired')
  const page = await app.inject({ url: `/phones/${number}` })
  assert.match(page.body, /lab-status--failed">expired</)
  assert.doesNotMatch(page.body, /name="decision"/)
})

test('an answer that came in time stands after the expiry', async () => {
  const number = '+12025550103'
  const id = await ask(number)
  await decide(number, id)
  advanceClock(6 * MINUTE)
  assert.equal(await stateOf(id), 'approved')
  assert.equal((await decide(number, id)).json().code, 'approval_decided')
})

test('another phone cannot answer, and does not learn that there is a question', async () => {
  const id = await ask('+12025550104')
  const elsewhere = await decide('+12025550105', id)
  assert.equal(elsewhere.statusCode, 404)
  assert.equal((await decide('+12025550104', 'none')).statusCode, 404)
  assert.equal(await stateOf(id), 'pending')
})

test('a waiting test is answered the moment a question comes to its phone', async () => {
  const number = '+12025550106'
  const { cursor } = await askedOn(number)
  const waiting = askedOn(number, `?after=${cursor}&wait=9`)
  // Neither a question nor a text of somebody else wakes it up with nothing.
  await ask('+12025550107')
  await lab.client.messages.create({ to: number, from: '+12025550100', body: 'a text' })
  const id = await ask(number, { question: 'Is it you?' })
  const { approvals, cursor: next } = await waiting
  assert.deepEqual(
    approvals.map(({ id, from, question, state }) => ({ id, from, question, state })),
    [{ id, from: 'ID.me', question: 'Is it you?', state: 'pending' }],
  )
  assert.equal(approvals[0]?.cursor, next)
  assert.deepEqual(await askedOn(number, `?after=${next}`), { approvals: [], cursor: next })
})

test('a question does not end the wait for a text', async () => {
  const number = '+12025550108'
  const waiting = fetch(`${url}/phones/${number}/messages?after=0&wait=9`)
  await ask(number)
  await lab.client.messages.create({ to: number, from: '+12025550100', body: 'code 314159' })
  const { messages } = (await (await waiting).json()) as { messages: { code: string }[] }
  assert.deepEqual(
    messages.map(({ code }) => code),
    ['314159'],
  )
})

test('without JavaScript the phone offers Approve and Deny as a form, and the answer goes through', async () => {
  const to = '+12025550109'
  const id = await ask(to, { question: '<b>Sign in</b> from Baltimore?' })
  const shown = await app.inject({ url: `/phones/${to}` })
  assert.ok(!shown.body.includes('<b>'))
  assert.ok((await app.inject({ url: '/phones' })).body.includes(`id="a-${id}"`))
  const action = /action="([^"]+\/approvals\/[^"]+)"/.exec(shown.body)?.[1] ?? ''
  const csrf = /name="_csrf" value="([^"]+)"/.exec(shown.body)?.[1] ?? ''
  const press = (fields: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: action,
      headers: {
        accept: 'text/html',
        'content-type': 'application/x-www-form-urlencoded',
        cookie: shown.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      },
      payload: new URLSearchParams(fields).toString(),
    })
  assert.equal((await press({ decision: 'approve' })).statusCode, 403)
  assert.equal(await stateOf(id), 'pending')
  const pressed = await press({ decision: 'approve', _csrf: csrf })
  assert.equal(pressed.statusCode, 303)
  assert.equal(pressed.headers.location, `/phones/${to}`)
  assert.equal(await stateOf(id), 'approved')
  const again = await press({ decision: 'deny', _csrf: csrf })
  assert.equal(again.statusCode, 409)
  assert.match(again.body, /answered already/)
  const after = await app.inject({ url: `/phones/${to}` })
  assert.match(after.body, /lab-status--done">approved</)
  assert.doesNotMatch(after.body, /name="decision"/)
})

test('server-sent events tell a phone’s page that a question came and that it was answered, without the question', async () => {
  const number = '+12025550110'
  const response = await fetch(`${url}/phones/events?number=${number.slice(1)}`, {
    signal: AbortSignal.timeout(10_000),
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  const until = async (part: string) => {
    while (!text.includes(part)) text += decoder.decode((await reader.read()).value)
  }
  await until('retry')
  const id = await ask(number, { question: 'Is it you?' })
  await until('pending')
  await decide(number, id)
  await until('approved')
  assert.ok(text.includes(id))
  assert.ok(!text.includes('Is it you'))
  await reader.cancel()
})

test('only a service that may ask can ask or look: no token 401, another scope or another service 403', async () => {
  const id = await ask('+12025550111')
  for (const request of [{ method: 'POST', url: '/approvals' } as const, { url: `/approvals/${id}` }]) {
    assert.equal((await app.inject(request)).statusCode, 401)
    for (const wrong of [await lab.as('id-me', 'mail.write'), await lab.as('cbsv', 'approvals.write')]) {
      assert.equal((await app.inject({ ...request, headers: wrong })).statusCode, 403)
    }
  }
})

test('a number that is none of the lab’s is refused, and an unknown question is not found', async () => {
  const answer = await post({ phoneNumber: '+18005551234' })
  assert.equal(answer.statusCode, 422)
  assert.equal(answer.json().code, 'no_such_phone')
  assert.ok(!answer.body.includes('8005551234'))
  const unknown = await app.inject({ url: '/approvals/none', headers: await headers() })
  assert.equal(unknown.statusCode, 404)
})

const refused: [string, Record<string, unknown>][] = [
  ['phoneNumber', { phoneNumber: '2025550101' }],
  ['question', { question: '' }],
  ['question', { question: 'nul\u0000' }],
  ['from', { from: 7 }],
  ['expiresAt', { expiresAt: '2030-01-01' }],
  ['expiresAt', { expiresAt: -1 }],
  ['expiresAt', { expiresAt: 1e300 }],
  ['expiresAt', { expiresAt: 8.64e15 + 1 }],
  ['channel', { channel: 'push' }],
]
for (const [field, change] of refused) {
  test(`a question with ${JSON.stringify(change)} is refused by a problem that names ${field}`, async () => {
    const answer = await post({ phoneNumber: '+12025550101', ...change })
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(
      [...new Set(answer.json().errors.map((error: { field: string }) => error.field))],
      [`body.${field}`],
    )
  })
}

test('an instant at the end of the calendar is shown like any other', async () => {
  const number = '+12025550112'
  await ask(number, { expiresAt: 8.64e15 })
  assert.equal((await askedOn(number)).approvals.length, 1)
  assert.equal((await app.inject({ url: `/phones/${number}` })).statusCode, 200)
})

test('an answer that is neither approve nor deny is refused, and so is an odd id', async () => {
  const id = await ask('+12025550113')
  for (const decision of ['yes', true, null, '']) {
    assert.equal((await decide('+12025550113', id, decision)).statusCode, 400)
  }
  assert.equal((await decide('+12025550113', '%00')).statusCode, 400)
  assert.equal((await app.inject({ url: '/approvals/%00', headers: await headers() })).statusCode, 400)
  assert.equal(await stateOf(id), 'pending')
})

test('the log holds no number and no question', () => {
  const log = lab.logLines.join('\n')
  assert.ok(log.includes('"path":"/approvals"'), 'there is a log')
  for (const secret of ['20255501', 'Is it you', 'Are you signing in'])
    assert.ok(!log.includes(secret), secret)
})
