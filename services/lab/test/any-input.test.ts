import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { buildForTest } from '@gatehouse/http/testing'
import fc from 'fast-check'
import { service } from '../src/service.ts'
import { environment } from './lab-fixture.ts'

const lab = await buildForTest(service, { environment })
after(() => lab.app.close())
const origin = new URL(lab.ground.urls['login-gov']).origin

const challenge = 'Y2hhbGxlbmdlIG9mIDE2IGJ5dGVz'
const whole: Record<string, unknown> = {
  challenge,
  rp: { id: 'localhost', name: 'Login.gov' },
  rpId: 'localhost',
  user: { id: 'bWFyaWE', name: 'maria@example.com' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  excludeCredentials: [{ type: 'public-key', id: 'AAAA' }],
  allowCredentials: [{ type: 'public-key', id: 'AAAA' }],
  authenticatorSelection: { residentKey: 'required' },
  extensions: { credProps: true },
}
const text = fc.string({ unit: 'binary', maxLength: 60 })

/** What a caller may be told, and nothing of how it came about. */
function isAnswer({ statusCode, body }: { statusCode: number; body: string }): boolean {
  return statusCode < 500 && !/\bat .*\.ts:\d+/.test(body)
}

test('no options of a security key, however broken, make a 500 or a stack trace', async () => {
  const broken = fc
    .tuple(fc.constantFrom(...Object.keys(whole)), fc.oneof(fc.jsonValue(), text))
    .map(([field, value]): unknown => ({ ...whole, [field]: value }))
  const options = fc.oneof(broken, fc.jsonValue(), text)
  const kinds = fc.constantFrom('registrations', 'assertions')
  const accept = fc.constantFrom('application/json', 'text/html', '*/*')
  await fc.assert(
    fc.asyncProperty(kinds, options, accept, fc.boolean(), async (kind, given, accepted, isForm) => {
      const json = { options: given, origin, answerTo: `${origin}/x` }
      const payload = isForm
        ? new URLSearchParams({ ...json, options: JSON.stringify(given) }).toString()
        : JSON.stringify(json)
      const answer = await lab.app.inject({
        method: 'POST',
        url: `/security-keys/${kind}`,
        headers: {
          accept: accepted,
          'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        },
        payload,
      })
      assert.ok(isAnswer(answer), answer.body)
    }),
    { numRuns: 300 },
  )
})

test('no other field of a security key makes a 500 or a stack trace', async () => {
  const fields = fc.record(
    {
      origin: text,
      answerTo: fc.oneof(text, fc.webUrl()),
      cancel: text,
      leadsTo: text,
      relay: text,
      key: text,
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fields, fc.boolean(), async (given, isProgram) => {
      const answer = await lab.app.inject({
        method: 'POST',
        url: '/security-keys/registrations',
        headers: { accept: isProgram ? 'application/json' : 'text/html' },
        payload: { options: whole, origin, answerTo: `${origin}/x`, ...given },
      })
      assert.ok(isAnswer(answer), answer.body)
    }),
    { numRuns: 200 },
  )
})

test('no setup of an authenticator app makes a 500, and every account that is taken shows a code', async () => {
  const url = '/phones/+12025550160/authenticator-app'
  const parameters = fc.record(
    {
      secret: fc.oneof(fc.constant('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'), fc.base64String(), text),
      issuer: text,
      digits: fc.oneof(fc.integer({ min: 5, max: 9 }).map(String), text),
      period: fc.oneof(fc.integer({ min: -1, max: 4000 }).map(String), text),
      algorithm: fc.oneof(fc.constantFrom('SHA1', 'sha256', 'SHA512', 'md5'), text),
    },
    { requiredKeys: [] },
  )
  const encoded = fc
    .tuple(text, parameters)
    .map(([label, query]) => `otpauth://totp/${encodeURIComponent(label)}?${new URLSearchParams(query)}`)
  const setup = fc.oneof(
    fc.record({ uri: fc.oneof(encoded, text) }),
    fc.record({ setupKey: fc.oneof(text, fc.base64String()), issuer: text, account: text }),
    fc.jsonValue(),
  )
  await fc.assert(
    fc.asyncProperty(setup, async (given) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await lab.app.inject({ method: 'POST', url, headers, payload: JSON.stringify(given) })
      assert.ok(isAnswer(answer), answer.body)
      if (answer.statusCode !== 201) return
      const { accounts } = (await lab.app.inject({ url })).json()
      for (const { code, secondsLeft } of accounts) {
        assert.match(code, /^\d{6,8}$/)
        assert.ok(secondsLeft > 0)
      }
    }),
    { numRuns: 300 },
  )
})
