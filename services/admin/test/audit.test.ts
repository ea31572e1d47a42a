import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import fc from 'fast-check'
import { createTrail } from '../src/audit/trail.ts'
import { startDesk } from './desk.ts'
import { createOwners } from './owners.ts'

test('the trails of all services are one list, newest first, each entry once, however long the pages are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3), fc.nat(40)), { maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (entries, limit) => {
        const owners = createOwners()
        const services = SERVICE_NAMES.slice(0, 4)
        for (const [index, at] of entries.toSorted(([, one], [, other]) => one - other)) {
          const service = services[index] ?? 'sign-in'
          const before = owners.trails.get(service) ?? []
          owners.trails.set(service, [...before, { sequence: before.length + 1, occurredAt: at * 1000 }])
        }
        const trail = createTrail(owners.calls)
        const seen: { service: string; sequence: number; occurredAt: number }[] = []
        let position: Awaited<ReturnType<typeof trail.page>>['next']
        let pages = 0
        do {
          const page = await trail.page(services, {}, limit, position)
          assert.ok(page.events.length <= limit)
          seen.push(...page.events)
          position = page.next
          pages += 1
        } while (position && pages < 200)
        assert.equal(seen.length, entries.length)
        assert.equal(
          new Set(seen.map(({ service, sequence }) => `${service} ${sequence}`)).size,
          entries.length,
        )
        for (const [index, { occurredAt }] of seen.entries())
          assert.ok(index === 0 || occurredAt <= (seen[index - 1]?.occurredAt ?? 0))
      },
    ),
    { numRuns: 50 },
  )
})

test('a service that does not answer is named, and its entries come when it is back', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  desk.owners.trails.set('cbsv', [{ sequence: 1, occurredAt: 1000 }])
  desk.owners.trails.set('terms', [
    { sequence: 1, occurredAt: 900 },
    { sequence: 2, occurredAt: 2000 },
  ])
  desk.owners.down.add('cbsv')
  const first = (await vera.get('/audit-events?limit=1')).json()
  assert.deepEqual(first.unavailable, ['cbsv'])
  assert.deepEqual(first.events[0].service, 'terms')
  desk.owners.down.clear()
  const second = (await vera.get(`/audit-events?limit=2&cursor=${first.next}`)).json()
  assert.deepEqual(
    second.events.map(({ service }: { service: string }) => service),
    ['cbsv', 'terms'],
  )
})

test('who did something can be found by name, and who has the name of another is asked about', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  desk.owners.trails.set('terms', [{ sequence: 1, occurredAt: 900, actor: vera.administratorId } as never])
  desk.owners.refuse.set('sign-in POST /people/searches', { status: 404, code: 'person_unknown' })
  desk.owners.refuse.clear()
  const ambiguous = await vera.get('/audit-events?who=a')
  assert.equal(ambiguous.statusCode, 400, 'two letters at least')
  const two = await vera.get('/audit-events?who=vera%40')
  assert.equal(two.statusCode, 422)
  assert.equal(two.json().code, 'name_ambiguous')
  assert.deepEqual(
    two.json().matches.map(({ is }: { is: string }) => is),
    ['administrator', 'account'],
  )
  const byId = (await vera.get(`/audit-events?text=${vera.administratorId}`)).json()
  assert.equal(byId.events[0].actorName, 'vera@example.com')
})

test('every service checks its chain, and the first broken entry is named', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  desk.owners.down.add('lab')
  const { trails } = (await desk.call('POST', '/api/audit-verifications', vera.token)).json()
  const of = (name: string) => trails.find(({ service }: { service: string }) => service === name)
  assert.deepEqual(of('terms'), { service: 'terms', available: true, entries: 9, intact: true })
  assert.deepEqual(of('cbsv').firstBroken, { sequence: 5, problem: 'changed' })
  assert.deepEqual(of('lab'), { service: 'lab', available: false })
})
