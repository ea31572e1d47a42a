import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { buildForTest } from '@gatehouse/http/testing'
import fc from 'fast-check'
import { service } from '../src/service.ts'
import { environment } from './lab-fixture.ts'
import { letterTo } from './letters.ts'

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

test('no letter, however broken, makes a 500, and every page of one that is taken can be shown', async () => {
  const whole: Record<string, unknown> = { ...letterTo('1 Any Street') }
  const block = fc.oneof(
    fc.record({ kind: fc.constantFrom('heading', 'paragraph'), text }),
    fc.record({ kind: fc.constantFrom('steps', 'list'), items: fc.array(text, { maxLength: 3 }) }),
  )
  const line = fc.oneof(text, fc.string({ minLength: 1, maxLength: 40 }))
  const to = fc.record({
    name: line,
    company: line,
    street: line,
    city: line,
    state: fc.constantFrom('MD', 'md', ''),
    zipCode: fc.constantFrom('21235', '21235-0001', '2123'),
  })
  const broken = fc.oneof(
    fc
      .tuple(fc.constantFrom(...Object.keys(whole)), fc.oneof(fc.jsonValue(), text))
      .map(([field, value]): unknown => ({ ...whole, [field]: value })),
    fc
      .record(
        {
          to,
          blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
          code: line,
          subject: line,
          deliverAt: fc.integer({ min: -1 }),
        },
        { requiredKeys: [] },
      )
      .map((changes): unknown => ({ ...whole, ...changes })),
    fc.jsonValue(),
  )
  const id = fc.oneof(fc.constantFrom('one', 'two'), text.map(encodeURIComponent).filter(Boolean))
  const headers = {
    ...(await lab.as('upgrade-codes', 'letters.write')),
    'content-type': 'application/json',
  }
  let taken = 0
  await fc.assert(
    fc.asyncProperty(id, broken, async (letterId, letter) => {
      const url = `/post/letters/${letterId}`
      const answer = await lab.app.inject({ method: 'PUT', url, headers, payload: JSON.stringify(letter) })
      assert.ok(isAnswer(answer), answer.body)
      if (answer.statusCode !== 204) return
      taken += 1
      for (const path of [url, '/post']) assert.equal((await lab.app.inject({ url: path })).statusCode, 200)
    }),
    { numRuns: 300 },
  )
  assert.ok(taken > 0)
})

test('no path and no query of the post makes a 500', async () => {
  const piece = text.map(encodeURIComponent)
  await fc.assert(
    fc.asyncProperty(piece, piece, piece, async (box, cursor, wait) => {
      for (const url of [
        `/post/${box}`,
        `/post/${box}/letters?after=${cursor}`,
        `/post/21235/letters?wait=${wait}`,
        `/post/letters/${box}.pdf`,
      ])
        assert.ok(isAnswer(await lab.app.inject({ url })), url)
    }),
    { numRuns: 100 },
  )
})
