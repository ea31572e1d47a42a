import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { GatewayEnforcement } from '@gatehouse/contracts/revocations'
import { Value } from 'typebox/value'
import { createGateways } from '../src/revocation-stream/gateways.ts'
import { matchSession, startStreaming } from './revocation-streams.ts'

const LONGEST = { timeout: 10_000 }
const RULE = { epoch: 'history', sequence: 7 }

const says = (gateway: string, sequence: number, epoch = 'history') => ({
  gateway,
  name: `${gateway}:4008`,
  epoch,
  sequence,
})

test(
  'the answer comes when the last gateway has acknowledged, with the milliseconds of each',
  LONGEST,
  async () => {
    const gateways = createGateways()
    const publishedAt = performance.now()
    gateways.heard(says('gateway-a', 6), publishedAt)
    gateways.heard(says('gateway-b', 6), publishedAt)
    let isAnswered = false
    const answer = gateways.enforcement(RULE, publishedAt, 5_000).finally(() => {
      isAnswered = true
    })
    gateways.heard(says('gateway-a', 7), publishedAt + 3)
    await pause(20)
    assert.equal(isAnswered, false)
    // A later rule includes this one.
    gateways.heard(says('gateway-b', 9), publishedAt + 8)
    const enforcement = await answer
    assert.deepEqual(enforcement, [
      { gateway: 'gateway-a', name: 'gateway-a:4008', state: 'in-force', milliseconds: 3 },
      { gateway: 'gateway-b', name: 'gateway-b:4008', state: 'in-force', milliseconds: 8 },
    ])
    assert.ok(enforcement.every((one) => Value.Check(GatewayEnforcement, one)))
  },
)

test(
  'a gateway that goes silent holds the answer up until the deadline, and one that was silent before not at all',
  LONGEST,
  async () => {
    const gateways = createGateways()
    const publishedAt = performance.now()
    gateways.heard(says('silent-before', 6), publishedAt - 1_500)
    gateways.heard(says('gateway-a', 7), publishedAt)
    const first = await gateways.enforcement(RULE, publishedAt, 5_000)
    assert.deepEqual(
      first.map(({ gateway, state }) => `${gateway} ${state}`),
      ['silent-before refusing-everything', 'gateway-a in-force'],
    )
    assert.ok(performance.now() - publishedAt < 5_000)

    gateways.heard(says('goes-silent', 6), performance.now())
    const second = await gateways.enforcement(RULE, performance.now(), 100)
    assert.equal(second.find(({ gateway }) => gateway === 'goes-silent')?.state, 'refusing-everything')
    assert.equal(second.find(({ gateway }) => gateway === 'goes-silent')?.milliseconds, null)
  },
)

test('an acknowledgement of another history says nothing about a rule', LONGEST, async () => {
  const gateways = createGateways()
  gateways.heard(says('gateway-a', 100, 'another'), performance.now())
  const [one] = await gateways.enforcement(RULE, performance.now(), 50)
  assert.equal(one?.state, 'refusing-everything')
})

test('a gateway is forgotten after ten seconds of silence', LONGEST, async () => {
  const gateways = createGateways()
  gateways.heard(says('long-gone', 9), performance.now() - 10_500)
  gateways.heard(says('gone', 9), performance.now() - 9_000)
  const answer = await gateways.enforcement(RULE, performance.now(), 1_000)
  assert.deepEqual(
    answer.map(({ gateway }) => gateway),
    ['gone'],
  )
})

test('what another process tells late does not take back what is known', LONGEST, async () => {
  const gateways = createGateways()
  const at = performance.now()
  gateways.heard(says('gateway-a', 7), at)
  gateways.heard(says('gateway-a', 6), at - 500)
  gateways.heard(says('gateway-a', 3, 'the history before'), at - 600)
  const [one] = await gateways.enforcement(RULE, at, 1_000)
  assert.deepEqual([one?.state, one?.milliseconds], ['in-force', 0])
})

test('closing ends the waiting', LONGEST, async () => {
  const gateways = createGateways()
  gateways.heard(says('gateway-a', 6), performance.now())
  const answer = gateways.enforcement(RULE, performance.now(), 60_000)
  gateways.close()
  assert.equal((await answer)[0]?.state, 'refusing-everything')
})

test('without any gateway there is nothing to wait for', LONGEST, async () => {
  await using signIn = await startStreaming()
  const { sequence } = await signIn.ruleLog.publish(matchSession('x'))
  assert.deepEqual(await signIn.ruleLog.enforcement(sequence, performance.now(), 60_000), [])
})

test('a gateway that acknowledges over HTTP is in the answer', LONGEST, async () => {
  await using signIn = await startStreaming()
  const { epoch } = signIn.ruleLog.position()
  await signIn.acknowledge(says('gateway-a', 0, epoch))
  const { sequence } = await signIn.ruleLog.publish(matchSession('x'))
  const answer = signIn.ruleLog.enforcement(sequence, performance.now(), 5_000)
  await signIn.acknowledge(says('gateway-a', 1, epoch))
  const [one] = await answer
  assert.deepEqual([one?.name, one?.state], ['gateway-a:4008', 'in-force'])
})
