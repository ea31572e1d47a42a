import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { LetterState } from '@gatehouse/contracts/upgrade-codes'
import { mayBecome, stateAt, stepsAt, storedBefore, TRANSITIONS } from '../src/letters/states.ts'
import type { LetterRow } from '../src/tables.ts'

const STATES = Object.keys(TRANSITIONS) as LetterState[]

// As a person would say it, and on purpose not computed from the table.
const ALLOWED = new Set([
  ...['requested > printed', 'requested > cancelled', 'requested > resent'],
  ...['printed > requested', 'printed > printed', 'printed > mailed'],
  ...['printed > used', 'printed > cancelled', 'printed > resent'],
  ...['mailed > delivered', 'mailed > used', 'mailed > expired'],
  ...['mailed > cancelled', 'mailed > returned', 'mailed > resent'],
  ...['delivered > used', 'delivered > expired', 'delivered > cancelled'],
  ...['delivered > returned', 'delivered > resent'],
  ...['expired > returned', 'expired > resent', 'returned > resent'],
])

suite('each step of a letter is allowed or refused', () => {
  for (const from of STATES) {
    for (const to of STATES) {
      const step = `${from} > ${to}`
      test(`${step}: ${ALLOWED.has(step) ? 'allowed' : 'refused'}`, () => {
        assert.equal(mayBecome(from, to), ALLOWED.has(step))
      })
    }
  }
})

test('a used, cancelled or replaced letter has no step left, so that nothing opens with it any more', () => {
  for (const last of ['used', 'cancelled', 'resent'] as const) assert.deepEqual(TRANSITIONS[last], [])
})

test('in terms of what is stored, an expired letter is told apart by its last day', () => {
  assert.deepEqual(storedBefore('used'), { states: ['printed', 'mailed'], unlessExpired: true })
  assert.deepEqual(storedBefore('returned'), { states: ['mailed'], unlessExpired: false })
  assert.deepEqual(storedBefore('mailed'), { states: ['printed'], unlessExpired: true })
})

const row: LetterRow = {
  letterId: 'a',
  caller: 'my-ssa',
  owner: 'account-1',
  kind: 'upgrade-code',
  number: 1,
  subject: null,
  sealedRecipient: '',
  state: 'mailed',
  codeDigest: 'digest',
  dueAt: 0,
  requestedAt: 100,
  printedAt: 200,
  mailedAt: 300,
  deliverAt: 1_000,
  expiresOn: '2026-08-18',
  expiresAt: 2_000,
  usedAt: null,
  usedReference: null,
  cancelledAt: null,
  returnedAt: null,
  resentAt: null,
}

test('delivered and expired follow from the instants in the row and the clock', () => {
  assert.deepEqual(
    [999, 1_000, 1_999, 2_000].map((at) => stateAt(row, at)),
    ['mailed', 'delivered', 'delivered', 'expired'],
  )
})

test('a letter shows the steps that lie behind, each with its time', () => {
  const mailed = { requested: 100, printed: 200, mailed: 300 }
  assert.deepEqual(stepsAt(row, 999), mailed)
  assert.deepEqual(stepsAt(row, 1_500), { ...mailed, delivered: 1_000 })
  assert.deepEqual(stepsAt(row, 2_000), { ...mailed, delivered: 1_000, expired: 2_000 })
})

test('a letter that was used, cancelled or replaced is never delivered or expired afterwards', () => {
  const before = { requested: 100, printed: 200, mailed: 300 }
  assert.deepEqual(stepsAt({ ...row, state: 'used', usedAt: 900 }, 9_000), { ...before, used: 900 })
  assert.deepEqual(stepsAt({ ...row, state: 'resent', resentAt: 900 }, 9_000), { ...before, resent: 900 })
  assert.deepEqual(stepsAt({ ...row, state: 'cancelled', cancelledAt: 1_200 }, 9_000), {
    ...before,
    delivered: 1_000,
    cancelled: 1_200,
  })
})

test('a letter that came back before it was delivered was never delivered', () => {
  const steps = stepsAt({ ...row, state: 'returned', returnedAt: 600 }, 1_500)
  assert.deepEqual(steps, { requested: 100, printed: 200, mailed: 300, returned: 600 })
})
