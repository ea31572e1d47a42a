import { clockOffset } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { type Call, CallFailed, type ServiceCalls } from '@gatehouse/contracts/calls'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { buildForTest } from '@gatehouse/http/testing'
import type { TSchema } from 'typebox'
import { service } from '../src/service.ts'
import { environment, startLab } from './lab-fixture.ts'

const told: { service: string; call: Call<TSchema> }[] = []
const down = new Set<string>()
let failOnce = new Set<string>()
const calls = {
  async call(name: string, call: Call<TSchema>) {
    told.push({ service: name, call })
    if (failOnce.delete(name) || down.has(name)) throw new CallFailed('terms', 'no answer')
    return call.body
  },
} as unknown as ServiceCalls

const directory = mkdtempSync(join(tmpdir(), 'lab-clock-'))
after(() => rmSync(directory, { recursive: true }))
const databaseUrl = `sqlite:${join(directory, 'lab.sqlite')}`
const lab = await startLab({ calls, databaseUrl })
after(() => lab.close())

const put = (payload: unknown) =>
  lab.app.inject({
    method: 'PUT',
    url: '/clock',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  })

test('the clock advances in every service by one call with the scope for it, sign-in last', async () => {
  const before = now()
  const offset = clockOffset()
  const answer = await put({ advanceSeconds: 600 })
  assert.equal(answer.statusCode, 200)
  const { moved, failed, ...reading } = answer.json()
  assert.deepEqual(moved, SERVICE_NAMES)
  assert.deepEqual(failed, [])
  assert.equal(reading.offset, offset + 600_000)
  assert.ok(now() >= before + 600_000)
  assert.deepEqual(
    told.map(({ service }) => service).sort(),
    SERVICE_NAMES.filter((name) => name !== 'lab').sort(),
  )
  assert.equal(told.at(-1)?.service, 'sign-in')
  for (const { call } of told) {
    assert.equal(call.scope, 'clock.write')
    assert.equal(`${call.method} ${call.path}`, 'PUT /clock/offset')
    assert.deepEqual(call.body, { offset: reading.offset })
  }
})

test('the clock moves to an instant', async () => {
  const instant = new Date(now() + 86_400_000).toISOString()
  const answer = await put({ now: instant })
  assert.equal(answer.statusCode, 200)
  assert.ok(now() >= Date.parse(instant))
  assert.ok(now() < Date.parse(instant) + 60_000)
  const reading = (await lab.app.inject({ url: '/clock' })).json()
  assert.deepEqual(Object.keys(reading).sort(), ['now', 'offset'])
  assert.equal(reading.offset, clockOffset())
})

const refused = [
  {
    what: 'an instant in the past',
    body: () => ({ now: new Date(now() - 60_000).toISOString() }),
    field: 'now',
  },
  { what: 'a negative advance', body: () => ({ advanceSeconds: -1 }), field: 'body.advanceSeconds' },
  { what: 'half a second', body: () => ({ advanceSeconds: 0.5 }), field: 'body.advanceSeconds' },
  {
    what: 'an advance of eleven years',
    body: () => ({ advanceSeconds: 347_000_000 }),
    field: 'body.advanceSeconds',
  },
  { what: 'the year 9999', body: () => ({ now: '9999-01-01T00:00:00Z' }), field: 'now' },
  {
    what: 'ten years on top of what it is ahead',
    body: () => ({ advanceSeconds: 315_360_000 }),
    field: 'advanceSeconds',
  },
  { what: 'an instant without a zone', body: () => ({ now: '2040-01-01T00:00:00' }), field: 'body.now' },
  { what: 'February 30', body: () => ({ now: '2030-02-30T00:00:00Z' }), field: 'body.now' },
  { what: 'a month 13', body: () => ({ now: '2040-13-01T00:00:00Z' }), field: 'body.now' },
  {
    what: 'both ways at once',
    body: () => ({ advanceSeconds: 1, now: '2040-01-01T00:00:00Z' }),
    field: 'body',
  },
  { what: 'neither', body: () => ({}), field: 'body' },
]
for (const { what, body, field } of refused) {
  test(`the clock refuses ${what}, names the field and stays`, async () => {
    const offset = clockOffset()
    told.length = 0
    const answer = await put(body())
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.json().code, 'invalid_request')
    assert.ok(answer.json().errors.some((error: { field: string }) => error.field === field))
    assert.equal(clockOffset(), offset)
    assert.deepEqual(told, [])
  })
}

test('a service that fails once is told again, and one that stays silent is named', async () => {
  failOnce = new Set(['terms'])
  down.add('cbsv')
  const answer = (await put({ advanceSeconds: 1 })).json()
  assert.deepEqual(answer.failed, ['cbsv'])
  assert.ok(answer.moved.includes('terms'))
  assert.ok(answer.moved.includes('lab'))
  down.clear()
  assert.deepEqual((await put({ advanceSeconds: 0 })).json().failed, [])
})

test('two advances at once add up', async () => {
  const offset = clockOffset()
  await Promise.all([put({ advanceSeconds: 10 }), put({ advanceSeconds: 20 })])
  assert.equal(clockOffset(), offset + 30_000)
})

test('the offset is stored before any service is told, and applied at the next start', async () => {
  const { offset } = (await put({ advanceSeconds: 5 })).json()
  const stored = await lab.ground.database.selectFrom('suiteClock').select('clockOffset').executeTakeFirst()
  assert.equal(stored?.clockOffset, offset)
  told.length = 0
  const again = await startLab({ calls, databaseUrl })
  assert.equal((await again.app.inject({ url: '/clock' })).json().offset, clockOffset())
  await again.close()
  // Services that restarted along with the lab are told as well.
  assert.ok(
    told.some(
      ({ service, call }) => service === 'gateway' && (call.body as { offset: number }).offset >= offset,
    ),
  )
})

test('the form of the clock page moves the clock once, however often its answer is reloaded', async () => {
  const page = await lab.app.inject({ url: '/clock', headers: { accept: 'text/html' } })
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const cookie = page.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const post = (fields: Record<string, string>) =>
    lab.app.inject({
      method: 'POST',
      url: '/clock',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', cookie },
      payload: new URLSearchParams(fields).toString(),
    })
  const offset = clockOffset()
  const moved = await post({ _csrf: csrf, amount: '2', unit: 'hours' })
  assert.equal(moved.statusCode, 303)
  assert.equal(clockOffset(), offset + 7_200_000)
  const after = await lab.app.inject({
    url: String(moved.headers.location),
    headers: { accept: 'text/html' },
  })
  assert.match(after.body, /The clock moved in every service/)

  const wrong = await post({ _csrf: csrf, amount: 'soon', unit: 'hours' })
  assert.equal(wrong.statusCode, 422)
  assert.match(wrong.body, /Enter a whole number/)
  const far = await post({ _csrf: csrf, amount: '5000', unit: 'days' })
  assert.equal(far.statusCode, 422)
  const expired = await post({ advanceSeconds: '600' })
  assert.equal(expired.statusCode, 403)
  assert.match(expired.body, /This page expired/)
  assert.equal(clockOffset(), offset + 7_200_000)
})

test('a page on another site cannot move the clock: no CORS, and a form needs its token (ASVS 3.5.1)', async () => {
  const preflight = await lab.app.inject({
    method: 'OPTIONS',
    url: '/clock',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'PUT' },
  })
  assert.equal(preflight.headers['access-control-allow-origin'], undefined)
  const plain = await lab.app.inject({
    method: 'PUT',
    url: '/clock',
    headers: { 'content-type': 'text/plain' },
    payload: '{"advanceSeconds":1}',
  })
  assert.ok(plain.statusCode >= 400)
})

test('the lab moves its own process by service token like every other service', async () => {
  const offset = clockOffset() + 1_000
  const answer = await lab.app.inject({
    method: 'PUT',
    url: '/clock/offset',
    headers: await lab.as('lab', 'clock.write'),
    payload: { offset },
  })
  assert.deepEqual(answer.json(), { offset })
})

test('the lab refuses to start in the live profile', async () => {
  await assert.rejects(
    buildForTest(service, { environment: { ...environment, PROFILE: 'live' } }),
    (error) => error instanceof ConfigurationError && /PROFILE/.test(error.message),
  )
})
