import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTrail } from '../src/audit/trail.ts'
import { createOwners } from './owners.ts'

test('a burst of entries in one moment hides nothing that came before it', async () => {
  const owners = createOwners()
  const entries = Array.from({ length: 600 }, (_, index) => ({ sequence: index + 1, occurredAt: 5_000 }))
  owners.trails.set('terms', entries)
  const trail = createTrail(owners.calls)
  const seen: number[] = []
  let position: Awaited<ReturnType<typeof trail.page>>['next']
  for (let pages = 0; pages < 130; pages += 1) {
    const page = await trail.page(['terms'], {}, 5, position)
    seen.push(...page.events.map(({ sequence }) => sequence))
    position = page.next
    if (!position) break
  }
  assert.equal(position, undefined)
  assert.deepEqual(seen, entries.map(({ sequence }) => sequence).reverse())
})
