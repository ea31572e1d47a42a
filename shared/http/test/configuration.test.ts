import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigurationError,
  internalOrigins,
  readConfiguration,
  serviceUrls,
} from '@gatehouse/http/configuration'
import { createReach } from '@gatehouse/http/reach'
import { Type } from 'typebox'

const own = Type.Object({ CODES: Type.Integer({ minimum: 1 }), NAME: Type.Optional(Type.String()) })

test('texts of the environment become numbers, and what is left out gets its default', () => {
  const configuration = readConfiguration(own, { CODES: '6', PORT: '4006' })
  assert.equal(configuration.CODES, 6)
  assert.equal(configuration.PORT, 4006)
  assert.equal(configuration.PROFILE, 'live')
})

test('an empty variable counts as left out', () => {
  assert.equal(readConfiguration(own, { CODES: '6', NAME: '' }).NAME, undefined)
})

test('an unusable configuration names the variable and the rule, never the value', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /CODES/],
    [{ CODES: '0' }, /CODES .*1/],
    [{ CODES: 'xyzzy' }, /CODES/],
    [{ CODES: '6', PROFILE: 'xyzzy' }, /PROFILE/],
    [{ CODES: '6', SERVICE_SECRET: 'xyzzy' }, /SERVICE_SECRET/],
  ]
  for (const [environment, message] of cases) {
    assert.throws(
      () => readConfiguration(own, environment),
      (error: unknown) => {
        assert.ok(error instanceof ConfigurationError)
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /xyzzy/)
        return true
      },
    )
  }
})

test('a service is reached under its internal origin where one is given, and path and query stay', async () => {
  const urls = serviceUrls({ TERMS_URL: 'https://terms.example/' })
  assert.equal(urls.terms, 'https://terms.example')
  assert.equal(urls['sign-in'], 'http://localhost:4000')
  const reached: string[] = []
  const original = globalThis.fetch
  globalThis.fetch = async (input) => {
    reached.push(String(input instanceof Request ? input.url : input))
    return new Response()
  }
  try {
    const reach = createReach(internalOrigins({ TERMS_INTERNAL_URL: 'http://terms:4006' }, urls))
    await reach('https://terms.example/terms/current?a=b')
    await reach('https://elsewhere.example/x')
  } finally {
    globalThis.fetch = original
  }
  assert.deepEqual(reached, ['http://terms:4006/terms/current?a=b', 'https://elsewhere.example/x'])
})
