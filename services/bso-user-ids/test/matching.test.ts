import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holderOf, holds, isSamePerson } from '../src/holders/matching.ts'
import type { Holder } from '../src/tables.ts'

const maria: Holder = { ssnDigest: 'a', firstName: 'MARIA', lastName: 'EXAMPLE', dateOfBirth: '1984-03-12' }

test('a holder has the digest of the SSN, and the names folded', () => {
  const person = { ssn: '987654325', firstName: 'María', lastName: 'ex-ample', dateOfBirth: '1984-03-12' }
  assert.deepEqual(
    holderOf(person, (ssn) => (ssn === person.ssn ? 'a' : 'b')),
    maria,
  )
  const { ssn: _ssn, ...withoutSsn } = person
  assert.deepEqual(
    holderOf(withoutSsn, () => assert.fail('there is nothing to digest')),
    { ...maria, ssnDigest: null },
  )
})

test('SSN, name and date of birth together make somebody the holder', () =>
  assert.ok(holds(maria, { ...maria })))

for (const [what, change] of [
  ['SSN', { ssnDigest: 'b' }],
  ['last name', { lastName: 'SAMPLE' }],
  ['first name', { firstName: 'MARTA' }],
  ['year of birth', { dateOfBirth: '1985-03-12' }],
  ['day of birth', { dateOfBirth: '1984-03-13' }],
  ['no SSN', { ssnDigest: null }],
] as const) {
  test(`with another ${what} it is not the holder`, () => assert.ok(!holds({ ...maria, ...change }, maria)))
}

test('two without an SSN do not match each other', () => {
  const without = { ...maria, ssnDigest: null }
  assert.ok(!holds(without, without))
})

test('the same SSN and date of birth under a new name is the same person', () => {
  assert.ok(isSamePerson(maria, { ...maria, lastName: 'SAMPLE' }))
})

test('another SSN is another person, whatever the name', () => {
  assert.ok(!isSamePerson(maria, { ...maria, ssnDigest: 'b' }))
})

test('another date of birth is another person, whatever the SSN', () => {
  assert.ok(!isSamePerson(maria, { ...maria, dateOfBirth: '1984-12-03' }))
})

test('where one side has no SSN the name tells people apart', () => {
  const without = { ...maria, ssnDigest: null }
  assert.ok(isSamePerson(without, maria))
  assert.ok(isSamePerson(maria, without))
  assert.ok(!isSamePerson(maria, { ...without, firstName: 'JAMES' }))
  assert.ok(!isSamePerson({ ...without, lastName: 'SAMPLE' }, maria))
})
