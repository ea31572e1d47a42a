import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { buildSignIn } from './signing-in.ts'
import { createReceiver, newestSignIn, reachOf, revoke, startListener, until } from './support/receiver.ts'

const PUSH = 'urn:ietf:rfc:8935'
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'

const [suite, listener] = await Promise.all([buildSignIn(), startListener()])
after(async () => {
  await suite.app.close()
  await listener.close()
})
afterEach(() => {
  listener.got.length = 0
  listener.answer = () => ({ status: 202 })
})

async function pushedTo(delivery: Record<string, unknown> = {}) {
  const receiver = await createReceiver(suite)
  const stream = await receiver.stream({
    delivery: { method: PUSH, endpoint_url: `${listener.url}/events`, ...delivery },
  })
  const { stream_id } = stream
  let asked = 0
  return {
    receiver,
    stream,
    async verify(): Promise<string> {
      advanceClock(10_000)
      asked += 1
      const state = `state-${asked}`
      const answer = await receiver.call('POST', '/ssf/verifications', { stream_id, state })
      assert.equal(answer.statusCode, 204, answer.body)
      return state
    },
    status: (status: string) => receiver.call('POST', '/ssf/status', { stream_id, status }),
    async events() {
      const rows = await suite.ground.database
        .selectFrom('ssfEvents')
        .select(['state', 'attempts', 'error', 'dueAt'])
        .where('streamId', '=', stream_id)
        .orderBy('madeAt')
        .execute()
      return rows as { state: string; attempts: number; error: string | null; dueAt: number }[]
    },
  }
}

test('a push is a POST of one token with the header that the receiver gave (RFC 8935 §2)', async () => {
  const { receiver, verify, events } = await pushedTo({ authorization_header: 'Bearer known-by-this' })
  const state = await verify()
  const [pushed] = await listener.count(1)
  assert.equal(pushed?.path, '/events')
  assert.equal(pushed?.headers['content-type'], 'application/secevent+jwt')
  assert.equal(pushed?.headers.accept, 'application/json')
  assert.equal(pushed?.headers.authorization, 'Bearer known-by-this')
  const event = await receiver.read(String(pushed?.body))
  assert.deepEqual(event.events, { [VERIFICATION]: { state } })
  await until(async () => (await events())[0]?.state === 'accepted')
  assert.ok(!suite.logLines.join('').includes('known-by-this'))
})

test('the administrators see how long a push of a revocation took', async () => {
  const { receiver } = await pushedTo()
  await suite.signedIn({ client: receiver.client })
  const { sessionUid } = await newestSignIn(suite)
  const { revocationId } = await revoke(suite, 'session', sessionUid)
  const [pushed] = await listener.count(1)
  const event = await receiver.read(String(pushed?.body))
  assert.deepEqual(Object.keys(event.events), [SESSION_REVOKED])
  await until(async () => {
    const reach = await reachOf(suite, revocationId)
    const own = reach.find(({ service }) => service === receiver.client_id)
    return own?.channel === 'push' && own.state === 'reached' && Number(own.milliseconds) >= 0
  })
})

test('what a receiver refuses is not sent again, and its err is kept (RFC 8935 §2.3)', async () => {
  listener.answer = () => ({
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ err: 'invalid_audience', description: 'not for us' }),
  })
  const { verify, events } = await pushedTo()
  await verify()
  await until(async () => (await events())[0]?.state === 'refused')
  assert.equal((await events())[0]?.error, 'invalid_audience')
  advanceClock(120_000)
  await verify()
  await listener.count(2)
  assert.equal(listener.got.length, 2)
})

for (const [what, answer] of [
  ['500', { status: 500 }],
  ['429', { status: 429 }],
  ['200 instead of 202', { status: 200 }],
  ['400 without an err', { status: 400, body: '<html>' }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }],
] as const) {
  test(`after ${what} the same token is sent again, in longer and longer turns, and given up after the tenth`, async () => {
    const failing = await pushedTo()
    listener.answer = () => answer
    await failing.verify()
    let waited = 0
    for (let attempt = 1; attempt < 10; attempt += 1) {
      await until(async () => (await failing.events())[0]?.attempts === attempt)
      assert.equal(listener.got.length, attempt)
      const wait = Math.min(60_000, 1_000 * 2 ** (attempt - 1))
      waited += wait
      advanceClock(wait)
    }
    await until(async () => (await failing.events())[0]?.state === 'given-up')
    assert.equal(listener.got.length, 10)
    assert.equal(new Set(listener.got.map(({ body }) => body)).size, 1)
    assert.ok(waited < 10 * 60_000)
  })
}

test('a receiver that hangs is left after three seconds, and meanwhile keeps no other waiting', {
  timeout: 20_000,
}, async () => {
  const hanging = await pushedTo()
  const prompt = await pushedTo({ endpoint_url: `${listener.url}/prompt` })
  listener.answer = ({ path }) => (path === '/prompt' ? { status: 202 } : 'never')
  await hanging.verify()
  await listener.count(1)
  const begun = performance.now()
  await prompt.verify()
  await until(async () => (await prompt.events())[0]?.state === 'accepted')
  assert.ok(performance.now() - begun < 2_500)
  await until(async () => (await hanging.events())[0]?.error === 'no answer')
  await hanging.status('disabled')
})

test('a paused stream is pushed nothing, and afterwards all in order', async () => {
  const { receiver, verify, status, events } = await pushedTo()
  await status('paused')
  const states = [await verify(), await verify(), await verify()]
  assert.equal(listener.got.length, 0)
  await status('enabled')
  const pushed = await listener.count(3)
  const read = await Promise.all(pushed.map(({ body }) => receiver.read(body)))
  assert.deepEqual(
    read.map((event) => event.events[VERIFICATION]?.state),
    states,
  )
  await until(async () => (await events()).every(({ state }) => state === 'accepted'))
})

test('one event that fails holds back those after it until it is taken', async () => {
  const { receiver, verify } = await pushedTo()
  listener.answer = () => ({ status: listener.got.length === 1 ? 503 : 202 })
  const first = await verify()
  await listener.count(1)
  const second = await verify()
  const pushed = await listener.count(3)
  const read = await Promise.all(pushed.map(({ body }) => receiver.read(body)))
  assert.deepEqual(
    read.map((event) => event.events[VERIFICATION]?.state),
    [first, first, second],
  )
})

test('to a receiver whose access is ended for longer nothing is pushed', async () => {
  const { receiver, verify, events } = await pushedTo()
  await verify()
  await listener.count(1)
  await verify()
  await listener.count(2)
  listener.answer = () => ({ status: 503 })
  await verify()
  await listener.count(3)
  await revoke(suite, 'client', receiver.client_id, { lasting: true })
  listener.answer = () => ({ status: 202 })
  advanceClock(5_000)
  await until(async () => (await events()).at(-1)?.error === 'access ended')
  assert.equal(listener.got.length, 3)
})

test('what a process had taken and not sent when it was killed is sent later, the same token (RFC 8935 §2.1)', async () => {
  listener.answer = () => ({ status: 503 })
  const { receiver, stream, verify } = await pushedTo()
  await verify()
  const [first] = await listener.count(1)
  await suite.ground.database
    .updateTable('ssfEvents')
    .set({ dueAt: now() + 9_000 })
    .where('streamId', '=', stream.stream_id)
    .execute()
  listener.answer = () => ({ status: 202 })
  advanceClock(9_000)
  const [, second] = await listener.count(2)
  assert.equal(second?.body, first?.body)
  await receiver.read(String(second?.body))
})
