// The page that says what this mock is not, and that what it says can be seen.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { departures } from '../src/about/departures.ts'
import { startLoginGov } from './support/login-gov.ts'
import type { LoginGov } from './support/signed-in.ts'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())

test('GET /about shows the whole table', async () => {
  const page = await idp.app.inject('/about')
  assert.equal(page.statusCode, 200)
  const text = textOf(page)
  for (const { what, source } of departures) {
    assert.ok(text.includes(what), what)
    assert.ok(text.includes(source), source)
  }
})

for (const { what, probe } of departures) {
  if (!probe) continue
  test(`${probe.method} ${probe.path} is answered with ${probe.status}: ${what}`, async () => {
    const response = await idp.app.inject({ method: probe.method as 'GET', url: probe.path })
    assert.equal(response.statusCode, probe.status)
  })
}
