import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { importJWK, jwtVerify } from 'jose'
import { createServiceTokens, ServiceTokenUnavailable } from '../src/service-tokens.ts'
import { makeKey } from './issuing.ts'

const own = makeKey('bso-1')
const privateKey = { ...own.privateKey.export({ format: 'jwk' }), kid: own.kid, alg: 'ES256' }
const tokenEndpoint = 'http://sign-in.test/token'

interface SignIn {
  requests: URLSearchParams[]
  status: number
  hold: Promise<void> | undefined
  fetch: typeof fetch
}

function signIn() {
  const endpoint: SignIn = {
    requests: [],
    status: 200,
    hold: undefined,
    fetch: (async (uri: unknown, init?: RequestInit) => {
      assert.equal(uri, tokenEndpoint)
      endpoint.requests.push(init?.body as URLSearchParams)
      const number = endpoint.requests.length
      await endpoint.hold
      return endpoint.status === 200
        ? Response.json({ access_token: `token-${number}`, token_type: 'Bearer', expires_in: 60 })
        : Response.json({ error: 'invalid_client' }, { status: endpoint.status })
    }) as typeof fetch,
  }
  const tokens = createServiceTokens({ clientId: 'bso', privateKey, tokenEndpoint, fetch: endpoint.fetch })
  return { endpoint, tokens }
}

/** A held answer, and the release of it. */
function gate() {
  return Promise.withResolvers<void>()
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('service tokens', () => {
  test('are asked for with a client assertion of one minute (RFC 7523 §3) for the callee and the scope alone', async () => {
    const { endpoint, tokens } = signIn()
    assert.equal(await tokens.token('terms', 'terms.read'), 'token-1')
    const form = Object.fromEntries(endpoint.requests[0] as URLSearchParams)
    assert.equal(form.grant_type, 'client_credentials')
    assert.equal(form.resource, 'urn:gatehouse:service:terms')
    assert.equal(form.scope, 'terms.read')
    const { payload, protectedHeader } = await jwtVerify(
      form.client_assertion as string,
      await importJWK(own.jwk as never, 'ES256'),
      { issuer: 'bso', subject: 'bso', audience: tokenEndpoint, requiredClaims: ['jti', 'exp', 'iat'] },
    )
    assert.equal(protectedHeader.kid, 'bso-1')
    assert.equal((payload.exp as number) - (payload.iat as number), 60)
  })

  test('are shared by callers at the same time, the first time and at every renewal', async () => {
    const { endpoint, tokens } = signIn()
    const many = () => Promise.all(Array.from({ length: 30 }, () => tokens.token('terms', 'terms.read')))
    assert.deepEqual(new Set(await many()), new Set(['token-1']))
    advanceClock(59_000)
    assert.deepEqual(new Set(await many()), new Set(['token-2']))
    assert.equal(endpoint.requests.length, 2)
  })

  test('are one for each service and scope', async () => {
    const { endpoint, tokens } = signIn()
    await tokens.token('terms', 'terms.read')
    await tokens.token('terms', 'terms.write')
    await tokens.token('cbsv', 'terms.read')
    await tokens.token('terms', 'terms.read')
    assert.equal(endpoint.requests.length, 3)
  })

  test('are renewed in the background in the second half of their minute, and nobody waits for it', async () => {
    const { endpoint, tokens } = signIn()
    await tokens.token('terms', 'terms.read')
    advanceClock(29_000)
    await tokens.token('terms', 'terms.read')
    assert.equal(endpoint.requests.length, 1)
    advanceClock(2_000)
    const held = gate()
    endpoint.hold = held.promise
    assert.equal(await tokens.token('terms', 'terms.read'), 'token-1')
    assert.equal(await tokens.token('terms', 'terms.read'), 'token-1')
    held.resolve()
    for (let turn = 0; turn < 1000; turn++) {
      if ((await tokens.token('terms', 'terms.read')) === 'token-2') break
      await settled()
    }
    assert.equal(await tokens.token('terms', 'terms.read'), 'token-2')
    assert.equal(endpoint.requests.length, 2)
  })

  test('serve to their end while sign-in is away, and then the failure is told', async () => {
    const { endpoint, tokens } = signIn()
    await tokens.token('terms', 'terms.read')
    endpoint.status = 503
    advanceClock(40_000)
    assert.equal(await tokens.token('terms', 'terms.read'), 'token-1')
    await settled()
    advanceClock(15_000)
    await assert.rejects(tokens.token('terms', 'terms.read'), ServiceTokenUnavailable)
    endpoint.status = 200
    assert.match(await tokens.token('terms', 'terms.read'), /^token-/)
  })

  test('that were refused are asked for again, by all callers once', async () => {
    const { endpoint, tokens } = signIn()
    endpoint.status = 401
    const failed = await Promise.allSettled([tokens.token('terms', 'a'), tokens.token('terms', 'a')])
    assert.ok(
      failed.every(
        (result) => result.status === 'rejected' && result.reason instanceof ServiceTokenUnavailable,
      ),
    )
    assert.equal(endpoint.requests.length, 1)
    endpoint.status = 200
    assert.equal(await tokens.token('terms', 'a'), 'token-2')
  })

  test('that a callee refused are not used again, at most one every ten seconds', async () => {
    const { endpoint, tokens } = signIn()
    assert.equal(await tokens.token('terms', 'a'), 'token-1')
    tokens.refused('terms', 'a', 'token-1')
    assert.equal(await tokens.token('terms', 'a'), 'token-1')
    advanceClock(10_000)
    tokens.refused('terms', 'a', 'an earlier token')
    tokens.refused('terms', 'b', 'token-1')
    assert.equal(await tokens.token('terms', 'a'), 'token-1')
    tokens.refused('terms', 'a', 'token-1')
    assert.equal(await tokens.token('terms', 'a'), 'token-2')
    tokens.refused('terms', 'a', 'token-2')
    assert.equal(await tokens.token('terms', 'a'), 'token-2')
    assert.equal(endpoint.requests.length, 2)
  })

  test('never appear in an error, nor does the assertion', async () => {
    const { endpoint, tokens } = signIn()
    endpoint.status = 400
    await assert.rejects(tokens.token('terms', 'a'), (error: Error) => {
      assert.doesNotMatch(`${error.message} ${error.cause}`, /eyJ|token-\d/)
      return true
    })
  })
})
