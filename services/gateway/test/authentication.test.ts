import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { createKeySource } from '@gatehouse/tokens/key-source'
import { eventually, startGateway, startUpstream } from './gateway-under-test.ts'

const upstream = await startUpstream()
const gateway = await startGateway({ upstream: upstream.origin })
after(async () => {
  await gateway.close()
  upstream.close()
})

async function ask(headers: Record<string, string>, path = '/cbsv/verifications', at = gateway.origin) {
  const response = await fetch(at + path, { method: 'POST', headers, body: '{}' })
  const text = await response.text()
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    type: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    problem: JSON.parse(text),
    text,
  }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a guarded route', () => {
  test('serves a valid token, the first time and when it is remembered (ASVS 10.3.2)', async () => {
    const token = await gateway.token()
    assert.equal((await ask(bearer(token))).status, 200)
    assert.equal((await ask(bearer(token))).status, 200)
    assert.equal((await ask({ authorization: `bEARER ${token}` })).status, 200)
  })

  const INVALID = 'Bearer realm="gatehouse", error="invalid_token"'
  const cases: [
    title: string,
    headers: () => Promise<Record<string, string>>,
    status: number,
    code: string,
    challenge: string | null,
  ][] = [
    [
      'asks for a token where there is none, without an error code (RFC 6750 §3.1)',
      async () => ({}),
      401,
      'no_token',
      'Bearer realm="gatehouse"',
    ],
    [
      'takes another scheme as none',
      async () => ({ authorization: 'Basic YTpi' }),
      401,
      'no_token',
      'Bearer realm="gatehouse"',
    ],
    [
      'takes DPoP as none',
      async () => ({ authorization: `DPoP ${await gateway.token()}` }),
      401,
      'no_token',
      'Bearer realm="gatehouse"',
    ],
    [
      'refuses an empty token as malformed',
      async () => ({ authorization: 'Bearer' }),
      400,
      'invalid_request',
      'Bearer realm="gatehouse", error="invalid_request"',
    ],
    [
      'refuses two tokens in one header as malformed',
      async () => ({ authorization: `Bearer ${await gateway.token()} x` }),
      400,
      'invalid_request',
      'Bearer realm="gatehouse", error="invalid_request"',
    ],
    [
      'refuses a token in quotes as malformed',
      async () => ({ authorization: `Bearer "${await gateway.token()}"` }),
      400,
      'invalid_request',
      'Bearer realm="gatehouse", error="invalid_request"',
    ],
    ['refuses what is no JWT (ASVS 9.1.1)', async () => bearer('junk'), 401, 'invalid_token', INVALID],
    [
      'refuses a token with a changed signature (ASVS 9.1.1)',
      async () => bearer(`${(await gateway.token()).slice(0, -6)}AAAAAA`),
      401,
      'invalid_token',
      INVALID,
    ],
    [
      'refuses an expired token (ASVS 9.2.1)',
      async () => bearer(await gateway.token({ iat: epochSeconds() - 400, exp: epochSeconds() - 100 })),
      401,
      'invalid_token',
      INVALID,
    ],
    [
      'refuses a token for another audience (ASVS 9.2.3, ASVS 10.3.1)',
      async () => bearer(await gateway.token({ aud: 'urn:gatehouse:service:cbsv' })),
      401,
      'invalid_token',
      INVALID,
    ],
    [
      'refuses a token of another issuer',
      async () => bearer(await gateway.token({ iss: 'http://elsewhere.test' })),
      401,
      'invalid_token',
      INVALID,
    ],
    [
      'refuses a token that lives longer than five minutes',
      async () => bearer(await gateway.token({ exp: epochSeconds() + 301 })),
      401,
      'invalid_token',
      INVALID,
    ],
    [
      'refuses a token without the scope (ASVS 10.3.2)',
      async () => bearer(await gateway.token({ scope: 'openid' })),
      403,
      'insufficient_scope',
      'Bearer realm="gatehouse", error="insufficient_scope", scope="cbsv.verify"',
    ],
    [
      'refuses a token whose scope only begins like ours (ASVS 10.3.2)',
      async () => bearer(await gateway.token({ scope: 'cbsv.verify.all cbsv' })),
      403,
      'insufficient_scope',
      'Bearer realm="gatehouse", error="insufficient_scope", scope="cbsv.verify"',
    ],
    [
      'refuses a sign-in without a BSO User ID',
      async () => bearer(await gateway.token({ bso_user_id: undefined })),
      403,
      'no_company',
      'Bearer realm="gatehouse", error="insufficient_scope"',
    ],
    [
      'refuses a sign-in without an EIN',
      async () => bearer(await gateway.token({ ein: undefined })),
      403,
      'no_company',
      'Bearer realm="gatehouse", error="insufficient_scope"',
    ],
    [
      'refuses a sign-in with an empty EIN',
      async () => bearer(await gateway.token({ ein: '' })),
      403,
      'no_company',
      'Bearer realm="gatehouse", error="insufficient_scope"',
    ],
  ]
  for (const [title, headers, status, code, challenge] of cases) {
    test(title, async () => {
      const before = upstream.seen.length
      const sent = await headers()
      // Twice: what is refused is refused again.
      for (let time = 0; time < 2; time++) {
        const answer = await ask(sent)
        assert.equal(answer.status, status)
        assert.equal(answer.challenge, challenge)
        assert.equal(answer.type, 'application/problem+json')
        assert.equal(answer.problem.code, code)
        assert.equal(answer.problem.status, status)
        const token = sent.authorization?.split(' ')[1]
        assert.ok(
          !token || token.length < 5 || !answer.text.includes(token),
          'the token is not in the answer',
        )
      }
      assert.equal(upstream.seen.length, before)
    })
  }

  test('refuses a token in the query, also beside one in the header (RFC 6750 §2.3, RFC 9700 §4.3.2)', async () => {
    const token = await gateway.token()
    for (const name of ['access_token', 'access%5Ftoken', '%61ccess_token']) {
      const answer = await ask(bearer(token), `/cbsv/verifications?a=1&${name}=${token}`)
      assert.equal(answer.status, 400)
      assert.equal(answer.problem.code, 'invalid_request')
      assert.ok(!answer.text.includes(token))
    }
  })

  test('says nothing to the outside about why a token failed, and its log says it in a word (ASVS 16.3.1)', async () => {
    const from = gateway.logLines.length
    const answers = [
      await ask(bearer('a.b.c')),
      await ask(bearer(await gateway.token({ aud: 'urn:other' }))),
      await ask(bearer(await gateway.token({ iss: 'urn:other' }))),
    ]
    const shapes = new Set(answers.map(({ problem }) => JSON.stringify({ ...problem, requestId: '' })))
    assert.equal(shapes.size, 1)
    const logged = gateway.logLines.slice(from).map((line) => JSON.parse(line).reason)
    for (const reason of ['malformed', 'wrong_audience', 'wrong_issuer'])
      assert.ok(logged.includes(reason), reason)
  })

  test('stops serving a remembered token the moment it expires (ASVS 9.2.1)', async () => {
    const token = await gateway.token({ exp: epochSeconds() + 200 })
    assert.equal((await ask(bearer(token))).status, 200)
    advanceClock(201_000)
    assert.equal((await ask(bearer(token))).problem.code, 'invalid_token')
  })

  test('is not reached by another spelling of its path', async () => {
    const headers = bearer(await gateway.token())
    assert.equal((await ask(headers, '/%63bsv/verifications')).problem.code, 'ambiguous_request')
    assert.equal((await ask(headers, '/CBSV/verifications')).status, 404)
    assert.equal((await ask(headers, '/cbsv')).status, 404)
    assert.equal((await ask(headers, '/cbsvx/verifications')).status, 404)
  })

  test('writes no token into the log, whatever became of it', async () => {
    await eventually(() => gateway.logLines.some((line) => line.includes('answered')), 'a line per request')
    assert.ok(!gateway.logLines.some((line) => /eyJ|token-of-the-gateway/.test(line)))
  })
})

describe('a gateway that cannot judge', () => {
  test('answers 503 to every token while it never saw a key, and becomes ready once it has (ASVS 16.5.3)', async () => {
    const signIn = { isUp: false }
    const jwks = { keys: [] as unknown[] }
    const keys = createKeySource({
      jwksUri: 'http://sign-in.test/jwks',
      fetch: async () => {
        if (!signIn.isUp) throw new TypeError('connection refused')
        return Response.json(jwks)
      },
    })
    const closed = await startGateway({ upstream: upstream.origin, keys })
    try {
      // The service's own document shows the key that test tokens are signed with.
      Object.assign(jwks, await (await fetch(`${closed.origin}/.well-known/jwks.json`)).json())
      const token = await closed.token()
      for (const sent of [token, `${token.slice(0, -6)}AAAAAA`]) {
        const answer = await ask(bearer(sent), undefined, closed.origin)
        assert.equal(answer.status, 503)
        assert.equal(answer.problem.code, 'service_unavailable')
        assert.ok(Number(answer.retryAfter) > 0)
        assert.equal(answer.challenge, null)
      }
      // What needs no key to be judged is judged.
      assert.equal((await ask({}, undefined, closed.origin)).status, 401)
      const down = await fetch(`${closed.origin}/health/ready`)
      assert.equal(down.status, 503)
      assert.deepEqual(((await down.json()) as { failing: string[] }).failing, ['signing keys'])
      signIn.isUp = true
      advanceClock(10_000)
      assert.equal((await fetch(`${closed.origin}/health/ready`)).status, 200)
      assert.equal((await ask(bearer(await closed.token()), undefined, closed.origin)).status, 200)
    } finally {
      await closed.close()
    }
  })

  test('answers 503 when it gets no token of its own for the upstream, and forwards nothing', async () => {
    const before = upstream.seen.length
    const alone = await startGateway({
      upstream: upstream.origin,
      tokenEndpoint: () => Response.json({ error: 'invalid_client' }, { status: 401 }),
    })
    try {
      const answer = await ask(bearer(await alone.token()), undefined, alone.origin)
      assert.equal(answer.status, 503)
      assert.ok(Number(answer.retryAfter) > 0)
      assert.equal(upstream.seen.length, before)
    } finally {
      await alone.close()
    }
  })
})
