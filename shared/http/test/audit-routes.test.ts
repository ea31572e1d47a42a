import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditTrail } from '@gatehouse/contracts/audit'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { defineService } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { sql } from 'kysely'
import { Type } from 'typebox'

const service = defineService({
  name: 'terms',
  summary: 'A service with nothing but what every service has',
  configuration: Type.Object({}),
  build() {},
})

async function start(events = 3) {
  const built = await buildForTest(service)
  for (let number = 1; number <= events; number += 1) {
    await built.ground.audit.record({
      event: number % 2 ? 'terms.attested' : 'terms.published',
      outcome: 'success',
      actor: `actor-${number}`,
      reason: 'as the Office of Earnings asked',
      from: '192.0.2.7',
      before: { version: number - 1 },
      after: { version: number },
      details: { number },
    })
    advanceClock(1_000)
  }
  return {
    ...built,
    trail: auditTrail(callsTo(built, 'admin'), 'terms'),
    [Symbol.asyncDispose]: async () => void (await built.app.close()),
  }
}

test('every service tells its audit trail to administrators, newest first and page by page', async () => {
  await using built = await start()
  const { events } = await built.trail.page()
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    [3, 2, 1],
  )
  const { hash: _, occurredAt, ...newest } = events[0]!
  assert.deepEqual(newest, {
    sequence: 3,
    event: 'terms.attested',
    outcome: 'success',
    actor: 'actor-3',
    details: { number: 3 },
    reason: 'as the Office of Earnings asked',
    from: '192.0.2.7',
    before: { version: 2 },
    after: { version: 3 },
  })
  const first = await built.trail.page({ limit: 2 })
  const second = await built.trail.page({ limit: 2, cursor: first.next })
  assert.deepEqual([...first.events, ...second.events], events)
  assert.equal(second.next, undefined)
  assert.equal((await built.trail.page({ event: 'terms.published' })).events[0]?.sequence, 2)
  assert.equal((await built.trail.page({ text: 'OFFICE OF', actor: 'actor-1' })).events.length, 1)
  assert.equal((await built.trail.page({ since: occurredAt })).events.length, 1)
  assert.equal((await built.trail.page({ until: occurredAt, outcome: 'success' })).events.length, 2)
  assert.deepEqual(await built.trail.page({ outcome: 'refusal' }), { events: [] })
})

test('the chain is verified over HTTP, in stretches, and the head is told', async () => {
  await using built = await start(2)
  assert.deepEqual(await built.trail.verify(), { entries: 2, intact: true })
  const { sequence, hash } = (await built.trail.page({ limit: 1 })).events[0]!
  assert.deepEqual(await built.trail.head(), { sequence, hash })
  await sql`drop trigger audit_events_no_update`.execute(built.ground.database)
  await sql`update audit_events set actor = 'nobody' where sequence = 2`.execute(built.ground.database)
  assert.deepEqual(await built.trail.verify(), {
    entries: 1,
    intact: false,
    firstBroken: { sequence: 2, problem: 'changed' },
  })
})

test('the audit trail is for who has the scope audit.read, cannot be written, and says how it is asked', async () => {
  await using built = await start(1)
  const { app, as } = built
  for (const url of ['/audit-events', '/audit-events/head', '/audit-events/verification']) {
    assert.equal((await app.inject({ url })).statusCode, 401)
    for (const headers of [
      await as('lab', 'audit.read'),
      await as('admin', 'clock.write'),
      await as('admin', 'audit.read', { sub: 'somebody' }),
    ]) {
      assert.equal((await app.inject({ url, headers })).statusCode, 403)
    }
    const headers = await as('admin', 'audit.read')
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'] as const) {
      assert.equal((await app.inject({ method, url, headers, payload: {} })).statusCode, 404)
    }
    assert.ok(url in (await app.inject('/openapi.json')).json().paths)
  }
  const headers = await as('admin', 'audit.read')
  for (const query of [
    'cursor=made-up',
    `cursor=${Buffer.from('[0]').toString('base64url')}`,
    'limit=0',
    'limit=201',
    'limit=1e2',
    'since=yesterday',
    'outcome=other',
    'colour=red',
    'text=',
  ]) {
    const answer = await app.inject({ url: `/audit-events?${query}`, headers })
    assert.deepEqual([answer.statusCode, answer.json().code], [400, 'invalid_request'], query)
  }
  assert.equal((await app.inject({ url: '/audit-events/verification?after=-1', headers })).statusCode, 400)
})
