// The table of what this mock does not do, or may do otherwise, holds what it says.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DEPARTURES } from '../src/about/departures.ts'
import { startMySsa } from './support/my-ssa.ts'

const mySsa = await startMySsa()
after(() => mySsa.app.close())

for (const { what, probe } of DEPARTURES) {
  if (!probe) continue
  test(`${probe.method} ${probe.path} is answered with ${probe.status}: ${what}`, async () => {
    const { method, path: url, status } = probe
    const answer = await mySsa.app.inject({ method: method as 'GET' | 'POST', url })
    assert.equal(answer.statusCode, status)
  })
}

test('GET /about shows every row of it', async () => {
  const page = await mySsa.app.inject({ url: '/about', headers: { accept: 'text/html' } })
  assert.equal(page.statusCode, 200)
  assert.equal([...page.body.matchAll(/<tr><td/g)].length, DEPARTURES.length)
})
