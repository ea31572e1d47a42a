import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { createCode, readCode } from '../src/letters/codes.ts'
import { letterPolicies } from '../src/policies.ts'

const KINDS = ['upgrade-code', 'reset-code', 'activation-code', 'temporary-password'] as const

test('lengths and spans are those of the documents where they give them', () => {
  const policies = letterPolicies()
  const numbers = KINDS.map((kind) => [policies('my-ssa', kind).length, policies('my-ssa', kind).validDays])
  assert.deepEqual(numbers, [
    [7, 30],
    [8, 30],
    [8, 60],
    [16, 30],
  ])
})

test('LETTER_POLICIES overrides single numbers, for one service and kind or for every service', () => {
  const policies = letterPolicies(
    JSON.stringify({
      default: { 'upgrade-code': { wrongTries: 3, validDays: 21 } },
      'my-ssa': { 'upgrade-code': { validDays: 10 } },
    }),
  )
  const { validDays, wrongTries, length } = policies('my-ssa', 'upgrade-code')
  assert.deepEqual([validDays, wrongTries, length], [10, 3, 7])
  assert.equal(policies('bso-user-ids', 'upgrade-code').validDays, 21)
  assert.equal(policies('my-ssa', 'reset-code').validDays, 30)
})

for (const [why, json] of [
  ['text that is not JSON', 'validDays=3'],
  ['a service that there is not', '{"my-sas":{}}'],
  ['a kind that there is not', '{"my-ssa":{"upgrade":{}}}'],
  ['a number that there is not', '{"my-ssa":{"upgrade-code":{"tries":3}}}'],
  ['no day at all', '{"my-ssa":{"upgrade-code":{"validDays":0}}}'],
  [
    'more than a hundred wrong tries (NIST SP 800-63B-4 §3.2.2)',
    '{"default":{"reset-code":{"wrongTries":101}}}',
  ],
  ['codes under six digits (NIST SP 800-63A-4 §3.1.8)', '{"my-ssa":{"upgrade-code":{"length":5}}}'],
  [
    'passwords under fifteen characters (NIST SP 800-63B-4 §3.1.1.2)',
    '{"my-ssa":{"temporary-password":{"length":14}}}',
  ],
] as const) {
  test(`LETTER_POLICIES is refused with ${why}`, () => {
    assert.throws(() => letterPolicies(json), ConfigurationError)
  })
}

test('codes have their form, and an upgrade code keeps its leading zeros (NIST SP 800-63A-4 §3.1.8)', () => {
  const forms = {
    'upgrade-code': /^\d{7}$/,
    'reset-code': /^\d{8}$/,
    'activation-code': /^[0-9A-HJKMNP-TV-Z]{8}$/,
    'temporary-password': /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/,
  }
  for (const kind of KINDS) {
    const { length } = letterPolicies()('my-ssa', kind)
    const codes = Array.from({ length: 300 }, () => createCode(kind, length))
    for (const code of codes) assert.match(code, forms[kind])
    assert.equal(new Set(codes).size > 290, true)
    // One in ten begins with a zero: that none of three hundred does is no accident (10^-14).
    if (kind === 'upgrade-code') assert.ok(codes.some((code) => code.startsWith('0')))
  }
})

test('what is typed is read without spaces and hyphens', () => {
  assert.equal(readCode('upgrade-code', ' 464 20-30\n'), '4642030')
  assert.equal(readCode('temporary-password', 'ab12-cd34 ef56-gh78'), 'AB12CD34EF56GH78')
})

test('small letters count as capital ones, and letters that look like digits as digits, where letters occur', () => {
  assert.equal(readCode('activation-code', 'oOlIx'), '0011X')
  assert.equal(readCode('upgrade-code', '464203O'), '464203O')
})
