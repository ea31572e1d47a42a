import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayEnforcement, Revocation } from '@gatehouse/contracts/revocations'
import { consoleName } from '../src/revocations/console-name.ts'
import { effect, inForce } from '../src/revocations/effect.ts'

const at = (name: string, milliseconds: number | null): GatewayEnforcement => ({
  gateway: `id-of-${name}`,
  name,
  state: milliseconds === null ? 'refusing-everything' : 'in-force',
  milliseconds,
})
const console = consoleName('https://admin.example:4011')

const revocation = (...enforcement: GatewayEnforcement[]): Revocation => ({
  revocationId: 'revocation-1',
  target: { kind: 'everything', value: '*' },
  reason: 'for a test',
  by: 'rosa',
  lasting: false,
  orderedAt: 1,
  instant: 2,
  ended: { sessions: 0, grants: 0, refreshTokens: 0 },
  standing: false,
  enforcement,
  reach: [],
})

test('the console is no gateway: it is counted and listed apart, with its own milliseconds', () => {
  const one = revocation(at(console, 12.34), at('edge-1:4008', 3))
  assert.match(inForce(one, '/acts/1'), /In force on 1 of 1 gateway and at the console</)
  assert.match(
    effect(one, new Map()),
    /Gateway edge-1:4008[\s\S]*>3<[\s\S]*Console admin\.example:4011[\s\S]*>12\.3</,
  )
  assert.match(inForce(revocation(at('edge-1:4008', 3)), '/'), /In force on 1 of 1 gateway</)
  const two = revocation(at('a', 1), at('b', 1), at(console, 1), at(console, 2))
  assert.match(inForce(two, '/'), /In force on 2 of 2 gateways and at all 2 consoles</)
})

test('what was not confirmed in time is counted as not in force, and said to let nothing through', () => {
  const half = revocation(at('a', 1), at('b', null), at(console, 1))
  assert.match(inForce(half, '/'), /In force on 1 of 2 gateways and at the console; where it is not, nothing/)
  assert.match(effect(half, new Map()), /Gateway b[\s\S]*Not confirmed: lets nothing through/)
  const blind = revocation(at('a', 1), at(console, null))
  assert.match(inForce(blind, '/'), /In force on 1 of 1 gateway; where it is not, nothing is let through</)
})
