import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceAccess } from '@gatehouse/contracts/access'
import { CallFailed, CallRefused, createServiceCalls } from '@gatehouse/contracts/calls'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { SERVICE_NAMES, type ServiceUrls } from '@gatehouse/contracts/services'

const urls = Object.fromEntries(SERVICE_NAMES.map((name) => [name, `http://${name}.test`])) as ServiceUrls
const challenge = {
  challengeId: 'c 1',
  channel: 'text',
  length: 6,
  phoneNumberEnding: '0142',
  expiresAt: 1,
  resendAt: 1,
  delivery: 'queued',
}

/** The client of one-time-codes in front of one answer, and the request it sent. */
function answeredBy(answer: () => Response | Promise<Response>) {
  const sent: { url: string; init: RequestInit }[] = []
  const refused: string[] = []
  const calls = createServiceCalls({
    urls,
    tokens: {
      token: async (service, scope) => `token-for-${service}-${scope}`,
      refused: (...what) => void refused.push(what.join(' ')),
    },
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init as RequestInit })
      return answer()
    },
    requestId: () => 'request-0123456789abcdef',
  })
  return { codes: oneTimeCodes(calls), sent, refused }
}

test('a call carries the token for its callee and scope, and the id of the request it is made for', async () => {
  const { codes, sent } = answeredBy(() => Response.json(challenge))
  assert.deepEqual(await codes.find('c 1'), challenge)
  assert.equal(sent[0]?.url, 'http://one-time-codes.test/challenges/c%201')
  const headers = sent[0]?.init.headers as Record<string, string>
  assert.equal(headers.authorization, 'Bearer token-for-one-time-codes-challenges.write')
  assert.equal(headers['x-request-id'], 'request-0123456789abcdef')
  assert.equal(sent[0]?.init.redirect, 'error')
})

test('a refusal of the callee comes with its code and members', async () => {
  const problem = { type: 'about:blank', title: 'no', status: 409, code: 'code_not_accepted', triesLeft: 3 }
  const { codes } = answeredBy(() => Response.json(problem, { status: 409 }))
  await assert.rejects(codes.verify('c1', '000000'), (error: unknown) => {
    assert.ok(error instanceof CallRefused)
    assert.equal(error.code, 'code_not_accepted')
    assert.equal(error.problem.triesLeft, 3)
    return true
  })
})

test('ASVS 16.5.3: what is no answer of the contract is a failure, never a success', async () => {
  const answers: (() => Response | Promise<Response>)[] = [
    () => Response.json({ verified: 'yes' }),
    () => new Response('<html>', { status: 200 }),
    () => Response.json({ code: 'internal_error' }, { status: 500 }),
    () => Response.json({ code: 'invalid_token' }, { status: 401 }),
    () => Response.json({ code: 'insufficient_scope' }, { status: 403 }),
    () => Response.json({ no: 'code' }, { status: 409 }),
    () => Promise.reject(new Error('connection refused')),
  ]
  for (const answer of answers) {
    await assert.rejects(answeredBy(answer).codes.verify('c1', '000000'), CallFailed)
  }
})

test('a call that is answered with nothing (204) gives nothing back', async () => {
  const { codes, sent } = answeredBy(() => new Response(null, { status: 204 }))
  assert.equal(await codes.forgetTries('a/b c'), undefined)
  assert.equal(sent[0]?.init.method, 'DELETE')
  assert.equal(sent[0]?.url, 'http://one-time-codes.test/owners/a%2Fb%20c/tries')
})

test('ASVS 16.5.3: nothing where something belongs, or something where nothing does, is a failure', async () => {
  await assert.rejects(answeredBy(() => new Response(null, { status: 204 })).codes.triesOf('a'), CallFailed)
  for (const answer of [() => Response.json({}), () => new Response('<html>'), () => Response.json(null)]) {
    await assert.rejects(answeredBy(answer).codes.forgetTries('a'), CallFailed)
  }
})

test('a body that breaks off is a failure, also where nothing is expected', async () => {
  const broken = new ReadableStream({ start: (stream) => stream.error(new Error('cut off')) })
  await assert.rejects(answeredBy(() => new Response(broken)).codes.forgetTries('a'), CallFailed)
})

test('a token that the callee answers with 401 is reported, and no other', async () => {
  for (const status of [401, 403, 409, 500]) {
    const { codes, refused } = answeredBy(() => Response.json({ code: 'invalid_token' }, { status }))
    await assert.rejects(codes.find('c1'))
    const reported = 'one-time-codes challenges.write token-for-one-time-codes-challenges.write'
    assert.deepEqual(refused, status === 401 ? [reported] : [])
  }
})

test('the table of access names only services that exist', () => {
  for (const [service, scopes] of Object.entries(serviceAccess)) {
    assert.ok((SERVICE_NAMES as string[]).includes(service))
    for (const callers of Object.values(scopes)) {
      for (const caller of callers) assert.ok(SERVICE_NAMES.includes(caller))
    }
  }
})
