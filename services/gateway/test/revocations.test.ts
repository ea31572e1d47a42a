import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, describe, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { startScriptedStream } from '@gatehouse/revocations/scripted-stream'
import { eventually, SERVICE_TOKEN, startGateway, startUpstream } from './gateway-under-test.ts'

type Matches = Parameters<Awaited<ReturnType<typeof startScriptedStream>>['revoke']>[0]

const stream = await startScriptedStream()
const upstream = await startUpstream((incoming, response) => {
  if (incoming.url === '/cbsv/silent') return
  if (incoming.url === '/cbsv/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    return
  }
  incoming.resume().on('end', () => response.end('{}'))
})
const gateway = await startGateway({ upstream: upstream.origin, stream })
after(async () => {
  await gateway.close()
  upstream.close()
  stream.close()
})

let sessions = 0
/** A token issued before now, of a session of its own unless given. */
async function issue(claims: Record<string, unknown> = {}) {
  const sid = `session-${++sessions}`
  const iat = epochSeconds() - 60
  return { sid, token: await gateway.token({ sid, iat, exp: iat + 290, ...claims }) }
}

async function ask(token: string, path = '/cbsv/x', at = gateway.origin) {
  const response = await fetch(at + path, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  return { response, status: response.status, text, problem: text ? JSON.parse(text) : {} }
}

/** Revokes and waits until the gateway has acknowledged it. */
async function revoke(matches: Matches, instant?: number): Promise<void> {
  const { sequence } = stream.revoke(matches, instant)
  await eventually(() => (stream.acknowledgements.at(-1)?.sequence ?? 0) >= sequence, 'it is in force')
}

async function begun(path: string, token: string) {
  const outgoing = request(gateway.origin + path, {
    headers: { authorization: `Bearer ${token}` },
    agent: false,
  })
  const before = upstream.seen.length
  outgoing.end()
  const answer = once(outgoing, 'response') as Promise<[IncomingMessage]>
  await eventually(() => upstream.seen.length > before, 'the upstream gets the request')
  return { answer }
}

describe('a token whose access was revoked', { timeout: 60_000 }, () => {
  test('is refused from the acknowledgement on, remembered or not, like any other invalid one (ASVS 7.4.1, RFC 6750 §3.1)', async () => {
    const { sid, token: remembered } = await issue()
    const { token: unused } = await issue({ sid })
    const { token: other } = await issue()
    assert.equal((await ask(remembered)).status, 200)
    await revoke([{ by: 'session', value: sid }])
    const junk = await ask('junk')
    for (const token of [remembered, unused, remembered]) {
      const { status, response, problem } = await ask(token)
      assert.equal(status, 401)
      assert.equal(response.headers.get('www-authenticate'), junk.response.headers.get('www-authenticate'))
      assert.deepEqual({ ...problem, requestId: '' }, { ...junk.problem, requestId: '' })
    }
    assert.equal((await ask(other)).status, 200)
    assert.ok(gateway.logLines.some((line) => JSON.parse(line).reason === 'revoked'))
  })

  test('is refused on every claim that a rule can name, and a token issued in a later second is let in', async () => {
    for (const [by, value, claims] of [
      ['bso_user_id', 'REVOKED1', { bso_user_id: 'REVOKED1' }],
      ['ein', '960007777', { ein: '960007777' }],
      ['client', 'left', { client_id: 'left' }],
      ['provider', 'id.me', { idp: 'id.me' }],
      ['token', 'this-one', { jti: 'this-one' }],
    ] as const) {
      const { token } = await issue(claims)
      assert.equal((await ask(token)).status, 200)
      await revoke([{ by, value }], (epochSeconds() - 30) * 1000)
      assert.equal((await ask(token)).problem.code, 'invalid_token', by)
      const { token: later } = await issue({ ...claims, iat: epochSeconds() - 29 })
      assert.equal((await ask(later)).status, 200, by)
    }
  })

  test('ends what it began: with 401 where no answer has begun', async () => {
    const { sid, token } = await issue()
    const { answer } = await begun('/cbsv/silent', token)
    const from = upstream.seen.length
    stream.revoke([{ by: 'session', value: sid }])
    const [response] = await answer
    assert.equal(response.statusCode, 401)
    assert.match(String(response.headers['www-authenticate']), /invalid_token/)
    response.resume()
    assert.equal(upstream.seen.length, from)
  })

  test('ends what it began: by cutting an answer that has begun, so that it never looks whole', async () => {
    const { sid, token } = await issue()
    const { token: other } = await issue()
    const [cut] = await (await begun('/cbsv/stream', token)).answer
    const [untouched] = await (await begun('/cbsv/stream', other)).answer
    await once(cut, 'data')
    const failed = once(cut, 'error')
    stream.revoke([{ by: 'session', value: sid }])
    await failed
    assert.equal(cut.complete, false)
    assert.equal(untouched.destroyed, false)
    untouched.on('error', () => {})
    untouched.destroy()
  })

  test('is not forwarded when it was revoked while the gateway waited for a token of its own', async () => {
    const released = Promise.withResolvers<void>()
    let asked = 0
    const waiting = await startGateway({
      upstream: upstream.origin,
      stream,
      tokenEndpoint: async () => {
        asked += 1
        await released.promise
        return Response.json({ access_token: SERVICE_TOKEN, expires_in: 300 })
      },
    })
    try {
      const sid = 'session-waiting'
      const iat = epochSeconds() - 60
      const token = await waiting.token({ sid, iat, exp: iat + 290 })
      const before = upstream.seen.length
      const answer = ask(token, '/cbsv/x', waiting.origin)
      await eventually(() => asked === 1, 'the request waits')
      const from = waiting.logLines.length
      await revoke([{ by: 'session', value: sid }])
      // Both gateways acknowledge; this one is known to have it once it refuses.
      const deadline = performance.now() + 10_000
      while ((await ask(token, '/cbsv/x', waiting.origin)).status !== 401)
        assert.ok(performance.now() < deadline, 'it is in force')
      released.resolve()
      assert.equal((await answer).status, 401)
      assert.equal(upstream.seen.length, before)
      assert.ok(waiting.logLines.slice(from).some((line) => line.includes('"revoked"')))
    } finally {
      released.resolve()
      await waiting.close()
    }
  })
})

describe('a gateway that cannot know of every revocation', { timeout: 60_000 }, () => {
  test('answers 503 to what would have passed and to nothing else, and is not ready (ASVS 16.5.3)', async () => {
    const { sid: revokedSid, token: revoked } = await issue()
    const { token: valid } = await issue()
    const { token: withoutScope } = await issue({ scope: 'openid' })
    await revoke([{ by: 'session', value: revokedSid }])
    assert.equal((await ask(valid)).status, 200)
    stream.faults.silent = true
    stream.faults.acknowledgements = 'hanging'
    try {
      const limit = performance.now() + 10_000
      let answer = await ask(valid)
      while (answer.status === 200 && performance.now() < limit) answer = await ask(valid)
      const seen = upstream.seen.length
      assert.equal(answer.status, 503)
      assert.equal(answer.problem.code, 'revocations_unknown')
      assert.match(answer.problem.title, /not known whose access was revoked/)
      assert.equal(answer.response.headers.get('retry-after'), '1')
      assert.equal(answer.response.headers.get('content-type'), 'application/problem+json')
      assert.equal(answer.response.headers.get('www-authenticate'), null)
      assert.equal((await ask(revoked)).problem.code, 'invalid_token')
      assert.equal((await ask(withoutScope)).problem.code, 'insufficient_scope')
      assert.equal((await ask('junk')).problem.code, 'invalid_token')
      assert.equal((await fetch(`${gateway.origin}/cbsv/x`)).status, 401)
      assert.equal(upstream.seen.length, seen)
      const ready = await fetch(`${gateway.origin}/health/ready`)
      assert.equal(ready.status, 503)
      assert.deepEqual(((await ready.json()) as { failing: string[] }).failing, ['revocations'])
    } finally {
      stream.faults.silent = false
      stream.faults.acknowledgements = 'answered'
    }
    const deadline = performance.now() + 10_000
    while ((await ask(valid)).status !== 200) assert.ok(performance.now() < deadline, 'it opens again')
    assert.equal((await fetch(`${gateway.origin}/health/ready`)).status, 200)
  })

  test('refuses nobody for having been held up itself: asks sign-in, and lets in once it knows', async () => {
    const { sid, token: revoked } = await issue()
    const { token: valid } = await issue()
    assert.deepEqual([(await ask(valid)).status, (await ask(revoked)).status], [200, 200])
    // The gateway runs in this process: nothing is read or sent, and the revocation comes in meanwhile.
    stream.revoke([{ by: 'session', value: sid }])
    const until = performance.now() + 1_200
    while (performance.now() < until);
    const answers = await Promise.all([ask(valid), ask(revoked), ask(valid)])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401, 200],
    )
  })

  test('is as safe when it hears nothing on the stream and can ask', async () => {
    const { sid, token: revoked } = await issue()
    const { token: valid } = await issue()
    stream.faults.silent = true
    stream.faults.refusedWith = 503
    stream.cut()
    try {
      const asleep = new Promise((resolve) => setTimeout(resolve, 1_100))
      await asleep
      assert.equal((await ask(valid)).status, 200)
      stream.revoke([{ by: 'session', value: sid }])
      const limit = performance.now() + 1_000
      while (performance.now() < limit) await ask(valid)
      assert.equal((await ask(revoked)).problem.code, 'revocations_unknown')
      assert.equal((await ask(valid)).problem.code, 'revocations_unknown')
    } finally {
      stream.faults.silent = false
      stream.faults.refusedWith = undefined
    }
    const deadline = performance.now() + 10_000
    while ((await ask(valid)).status !== 200) assert.ok(performance.now() < deadline, 'it opens again')
    assert.equal((await ask(revoked)).status, 401)
  })
})
