import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { createKeySource, KeysUnavailable, localKeySource } from '../src/key-source.ts'
import { createTokenVerifier } from '../src/verifier.ts'
import { ISSUER, issue, makeKey } from './issuing.ts'

const current = makeKey('current')
const next = makeKey('next')
const rsa = makeKey('rsa', 'RS256')

type Answer = () => Response | Promise<Response>
const set =
  (...keys: unknown[]): Answer =>
  () =>
    Response.json({ keys })
const failure: Answer = () => {
  throw new TypeError('connection refused')
}

/** Sign-in's JWKS as this test wants it answered, and how often it was asked for. */
function jwksEndpoint(answer: Answer) {
  const endpoint = {
    answer,
    asked: 0,
    fetch: (async (_uri: unknown, init?: RequestInit) => {
      endpoint.asked++
      assert.equal(init?.redirect, 'error')
      assert.ok(init?.signal)
      return endpoint.answer()
    }) as typeof fetch,
  }
  return endpoint
}

function sourceOf(endpoint: { fetch: typeof fetch }, options: object = {}) {
  return createKeySource({ jwksUri: 'http://sign-in.test/jwks', fetch: endpoint.fetch, ...options })
}

/** Lets background fetches of this test's endpoint, which never wait, come to their end. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a key source', () => {
  test('fetches nothing until it is asked, then once for all who ask at the same time', async () => {
    const endpoint = jwksEndpoint(set(current.jwk, next.jwk))
    const keys = sourceOf(endpoint)
    assert.equal(endpoint.asked, 0)
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.find('current')))
    assert.equal(endpoint.asked, 1)
    assert.ok(found.every((key) => key?.kid === 'current' && key.algorithm === 'ES256'))
    assert.equal(keys.known('next')?.kid, 'next')
  })

  test('asks once in ten seconds however many unknown key ids arrive', async () => {
    const endpoint = jwksEndpoint(set(current.jwk))
    const keys = sourceOf(endpoint)
    await keys.find('current')
    for (let count = 0; count < 200; count++) assert.equal(await keys.find(`junk-${count}`), undefined)
    assert.equal(endpoint.asked, 1)
    advanceClock(9_900)
    await Promise.all(Array.from({ length: 200 }, (_, count) => keys.find(`junk-${count}`)))
    assert.equal(endpoint.asked, 1)
    advanceClock(100)
    await Promise.all(Array.from({ length: 200 }, (_, count) => keys.find(`junk-${count}`)))
    for (let count = 0; count < 200; count++) await keys.find(`junk-${count}`)
    assert.equal(endpoint.asked, 2)
  })

  for (const [what, answer] of [
    ['the fetch fails', failure],
    ['the set is empty', set()],
    ['the answer is 500', () => new Response('no', { status: 500 })],
    ['the answer is no JSON', () => new Response('<html>')],
    ['the answer is JSON without keys', () => Response.json({})],
    ['the answer is null', () => Response.json(null)],
    ['the answer is a redirect', () => Response.redirect('http://elsewhere.test/')],
    ['the answer is far too large', () => Response.json({ keys: [current.jwk], pad: 'x'.repeat(300_000) })],
  ] as [string, Answer][]) {
    test(`asks once in ten seconds also when ${what}, and judges nothing meanwhile`, async () => {
      const endpoint = jwksEndpoint(answer)
      const keys = sourceOf(endpoint)
      for (let count = 0; count < 20; count++) await assert.rejects(keys.find('current'), KeysUnavailable)
      assert.equal(endpoint.asked, 1)
      assert.equal(await keys.ready(), false)
      endpoint.answer = set(current.jwk)
      advanceClock(10_000)
      assert.ok(await keys.find('current'))
      assert.equal(endpoint.asked, 2)
      assert.equal(await keys.ready(), true)
    })
  }

  test('finds a new key at its first use once the cool-down is over', async () => {
    const endpoint = jwksEndpoint(set(current.jwk))
    const keys = sourceOf(endpoint)
    await keys.find('current')
    endpoint.answer = set(current.jwk, next.jwk)
    advanceClock(10_000)
    assert.equal((await keys.find('next'))?.kid, 'next')
  })

  test('notices within the refresh time that a key left, and its remembered tokens go with it (ASVS 9.1.3)', async () => {
    const endpoint = jwksEndpoint(set(current.jwk, next.jwk))
    const keys = sourceOf(endpoint)
    const verifier = createTokenVerifier({ issuer: ISSUER, keys })
    const token = issue(current)
    await verifier.verify(token)
    endpoint.answer = set(next.jwk)
    advanceClock(60_000)
    verifier.remembered(token)
    await settled()
    assert.equal(endpoint.asked, 2)
    assert.equal(verifier.remembered(token), undefined)
    await assert.rejects(verifier.verify(token), { reason: 'unknown_key' })
  })

  test('keeps the last good set while refreshes fail, up to the configured age, then fails closed', async () => {
    const endpoint = jwksEndpoint(set(current.jwk))
    const failures: unknown[] = []
    const keys = sourceOf(endpoint, {
      maximumAgeSeconds: 300,
      onFailure: (error: unknown) => failures.push(error),
    })
    const verifier = createTokenVerifier({ issuer: ISSUER, keys })
    await keys.find('current')
    endpoint.answer = failure
    advanceClock(299_000)
    const token = issue(current)
    await verifier.verify(token)
    await settled()
    assert.equal(failures.length, 1)
    assert.ok(verifier.remembered(token))
    // A key that this set does not hold may be a new one that could not be fetched.
    await assert.rejects(keys.find('next'), KeysUnavailable)
    advanceClock(1_000)
    assert.equal(verifier.remembered(token), undefined)
    await assert.rejects(verifier.verify(token), KeysUnavailable)
    assert.equal(await keys.ready(), false)
    endpoint.answer = set(current.jwk)
    advanceClock(10_000)
    assert.ok(await verifier.verify(token))
  })

  test('fetches the set before it answers when the one it holds is too old', async () => {
    const endpoint = jwksEndpoint(set(current.jwk))
    const keys = sourceOf(endpoint)
    await keys.find('current')
    endpoint.answer = set(next.jwk)
    advanceClock(7 * 24 * 3600_000)
    assert.equal(await keys.find('current'), undefined)
    assert.equal(endpoint.asked, 2)
  })

  test('lets readiness checks ask again before the cool-down is over, though not more than five times a second', async () => {
    const endpoint = jwksEndpoint(failure)
    const keys = sourceOf(endpoint)
    for (let count = 0; count < 20; count++) assert.equal(await keys.ready(), false)
    assert.equal(endpoint.asked, 1)
    endpoint.answer = set(current.jwk)
    advanceClock(200)
    assert.equal(await keys.ready(), true)
    assert.ok(keys.known('current'))
    await keys.ready()
    assert.equal(endpoint.asked, 2)
  })

  test('takes an emptied set at its word', async () => {
    const endpoint = jwksEndpoint(set(current.jwk))
    const keys = sourceOf(endpoint)
    await keys.find('current')
    endpoint.answer = set()
    advanceClock(10_000)
    await assert.rejects(keys.find('other'), KeysUnavailable)
    assert.equal(keys.known('current'), undefined)
  })
})

describe('a published key is ignored', () => {
  const { privateKey: privatePart } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  for (const [title, jwk] of [
    ['that is for encryption', { ...current.jwk, use: 'enc' }],
    ['whose operations do not include verify', { ...current.jwk, key_ops: ['encrypt'] }],
    ['of curve P-384', { ...p384, kid: 'current' }],
    ['that says ES256 on curve P-384', { ...p384, kid: 'current', alg: 'ES256' }],
    ['that says ES384', { ...current.jwk, alg: 'ES384' }],
    ['that says HS256 (RFC 8725 §3.1)', { ...current.jwk, alg: 'HS256' }],
    ['that is RSA and says PS256', { ...rsa.jwk, kid: 'current', alg: 'PS256' }],
    ['that is RSA and says ES256', { ...rsa.jwk, kid: 'current', alg: 'ES256' }],
    ['that is RSA of 1024 bits (RFC 7518 §3.3)', makeKey('current', 'RS256', 1024).jwk],
    ['that is Ed25519', { ...ed25519, kid: 'current' }],
    ['that is a shared secret', { kty: 'oct', k: 'AAAA', kid: 'current', alg: 'HS256' }],
    ['that shows its private half', { ...privatePart.export({ format: 'jwk' }), kid: 'current' }],
    ['without a key id', { ...current.jwk, kid: undefined }],
    ['whose key id is a number', { ...current.jwk, kid: 5 }],
    ['that is not on its curve (RFC 8725 §3.4)', { ...current.jwk, y: current.jwk.x }],
    ['that is null', null],
    ['that is a text', 'key'],
  ] as [string, object][]) {
    test(title, async () => {
      const keys = localKeySource({ keys: [jwk, next.jwk] })
      assert.equal(keys.known('current'), undefined)
      assert.equal(keys.known(undefined as unknown as string), undefined)
      assert.ok(keys.known('next'))
    })
  }

  test('with another key under the same id: neither is used', async () => {
    const keys = localKeySource({ keys: [current.jwk, { ...next.jwk, kid: 'current' }, next.jwk] })
    assert.equal(keys.known('current'), undefined)
    assert.ok(keys.known('next'))
  })

  test('not for members it has beside those we know', async () => {
    const keys = localKeySource({ keys: [{ ...current.jwk, key_ops: ['verify'], x5t: 'abc', note: 1 }] })
    assert.ok(keys.known('current'))
  })
})
