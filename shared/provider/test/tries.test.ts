import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import { createTries } from '../src/authenticators/tries.ts'

const MOST = 3
const LOCKED_UNTIL = 1_900_000_000_000

/** The count that `one-time-codes` keeps, as its contract says. */
function fakeCodes() {
  const counts = new Map<string, number>()
  const of = (owner: string) => ({
    triesLeft: Math.max(0, MOST - (counts.get(owner) ?? 0)),
    ...((counts.get(owner) ?? 0) >= MOST ? { lockedUntil: LOCKED_UNTIL } : {}),
  })
  return {
    counts,
    isReachable: true,
    async countTry(owner: string) {
      if (!this.isReachable) throw new CallFailed('one-time-codes', 'no answer')
      if (of(owner).triesLeft === 0) throw refusal('locked_out', { retryAt: LOCKED_UNTIL })
      counts.set(owner, (counts.get(owner) ?? 0) + 1)
      return of(owner)
    },
    async forgetTries(owner: string) {
      counts.delete(owner)
      return undefined
    },
    triesOf: async (owner: string) => of(owner),
  }
}

function refusal(code: string, extensions = {}): CallRefused {
  const type = `urn:gatehouse:problem:${code}`
  return new CallRefused('one-time-codes', { type, title: code, status: 429, code, ...extensions })
}

const wrong = async () => undefined

describe('tries of the second factor (NIST SP 800-63B-4 §3.2.2)', () => {
  test('wrong ones are told how many are left, and the last one locks', async () => {
    const tries = createTries(fakeCodes())
    assert.deepEqual(await tries.attempt('maria', wrong), { outcome: 'refused', triesLeft: 2 })
    assert.deepEqual(await tries.attempt('maria', wrong), { outcome: 'refused', triesLeft: 1 })
    assert.equal(await tries.lockedUntil('maria'), undefined)
    assert.deepEqual(await tries.attempt('maria', wrong), { outcome: 'locked', retryAt: LOCKED_UNTIL })
    assert.equal(await tries.lockedUntil('maria'), LOCKED_UNTIL)
    assert.deepEqual(await tries.attempt('oliver', wrong), { outcome: 'refused', triesLeft: 2 })
  })

  test('while locked, nothing is looked at', async () => {
    const codes = fakeCodes()
    codes.counts.set('maria', MOST)
    const locked = await createTries(codes).attempt('maria', () => assert.fail('it was looked at'))
    assert.deepEqual(locked, { outcome: 'locked', retryAt: LOCKED_UNTIL })
  })

  test('each is counted before its secret is looked at', async () => {
    const codes = fakeCodes()
    const counted: (number | undefined)[] = []
    await createTries(codes).attempt('maria', async () => {
      counted.push(codes.counts.get('maria'))
      return undefined
    })
    assert.deepEqual(counted, [1])
  })

  test('of many at once no more are looked at than there are tries', async () => {
    const tries = createTries(fakeCodes())
    let looks = 0
    const look = async () => {
      looks += 1
      return undefined
    }
    await Promise.all(Array.from({ length: 20 }, () => tries.attempt('maria', look)))
    assert.equal(looks, MOST)
  })

  test('success takes the count away, at the last try too', async () => {
    const codes = fakeCodes()
    const tries = createTries(codes)
    await tries.attempt('maria', wrong)
    await tries.attempt('maria', wrong)
    const accepted = await tries.attempt('maria', async () => 'key')
    assert.deepEqual(accepted, { outcome: 'accepted', result: 'key' })
    assert.equal(codes.counts.has('maria'), false)
    // A time step or a counter may be 0.
    assert.deepEqual(await tries.attempt('maria', async () => 0), { outcome: 'accepted', result: 0 })
  })

  test('a check that says false has not succeeded', async () => {
    const refused = await createTries(fakeCodes()).attempt('maria', async () => false as boolean)
    assert.equal(refused.outcome, 'refused')
  })

  test('when tries cannot be counted nothing is looked at, and a check that fails stays counted', async () => {
    const codes = fakeCodes()
    const tries = createTries(codes)
    await assert.rejects(
      tries.attempt('maria', async () => {
        throw new Error('the store failed')
      }),
      /the store failed/,
    )
    assert.equal(codes.counts.get('maria'), 1)
    codes.isReachable = false
    await assert.rejects(
      tries.attempt('maria', () => assert.fail('it was looked at')),
      CallFailed,
    )
  })

  test('a lock-out whose end is not told still has one', async () => {
    const codes = { ...fakeCodes(), countTry: () => Promise.reject(refusal('locked_out')) }
    const locked = await createTries(codes).attempt('maria', wrong)
    assert.ok(locked.outcome === 'locked' && locked.retryAt > now())
    const other = { ...fakeCodes(), countTry: () => Promise.reject(refusal('invalid_request')) }
    await assert.rejects(createTries(other).attempt('maria', wrong), CallRefused)
  })

  test('a recovery takes count and lock-out away', async () => {
    const codes = fakeCodes()
    codes.counts.set('maria', MOST)
    const tries = createTries(codes)
    await tries.forget('maria')
    assert.equal(await tries.lockedUntil('maria'), undefined)
  })
})
