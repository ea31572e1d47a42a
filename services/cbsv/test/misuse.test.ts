import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { enteredElements } from '../src/verifications/misuse.ts'

const row = { middleName: '', suffix: '', dateOfBirth: '', gender: '' }
const asIs = (text: string) => text

test('each row enters its SSN and its name, and what is identical adds up', () => {
  const elements = enteredElements(
    [
      { ...row, ssn: '900010001', firstName: 'Avery', lastName: 'Sample' },
      { ...row, ssn: '900010001', firstName: 'Jordan', lastName: 'Sample' },
      { ...row, ssn: '900010002', firstName: 'Avery', lastName: 'Sample' },
    ],
    asIs,
  )
  assert.deepEqual([...elements.values()].sort(), [1, 1, 2, 2])
})

test('first and last name are one element: sharing one of them is not the same name', () => {
  const elements = enteredElements(
    [
      { ...row, ssn: '900010001', firstName: 'Avery', lastName: 'Sample' },
      { ...row, ssn: '900010002', firstName: 'Avery', lastName: 'Exemplar' },
      { ...row, ssn: '900010003', firstName: 'Sample', lastName: 'Avery' },
    ],
    asIs,
  )
  assert.deepEqual([...elements.values()], [1, 1, 1, 1, 1, 1])
})

test('writing a name in another case or with other spaces does not make it another name', () => {
  const elements = enteredElements(
    [
      { ...row, ssn: '900010001', firstName: 'Avery', lastName: 'De La Rosa' },
      { ...row, ssn: '900010002', firstName: 'AVERY ', lastName: 'delarosa' },
    ],
    asIs,
  )
  assert.ok([...elements.values()].includes(2))
})

test('middle name, suffix, date of birth and gender make no other element', () => {
  const one = { ...row, ssn: '900010001', firstName: 'Avery', lastName: 'Sample' }
  const elements = enteredElements(
    [one, { ...one, middleName: 'Lee', suffix: 'Jr', dateOfBirth: '01011990', gender: 'F' }],
    asIs,
  )
  assert.deepEqual([...elements.values()], [2, 2])
})

test('every row counts exactly one SSN and one name (property)', () => {
  const name = fc.stringMatching(/^[A-C]{1,2}$/)
  const requests = fc.array(
    fc.record({ ssn: fc.constantFrom('900010001', '900010002'), firstName: name, lastName: name }),
    {
      minLength: 1,
      maxLength: 10,
    },
  )
  fc.assert(
    fc.property(requests, (rows) => {
      const elements = enteredElements(
        rows.map((fields) => ({ ...row, ...fields })),
        asIs,
      )
      const total = [...elements.values()].reduce((sum, times) => sum + times, 0)
      assert.equal(total, 2 * rows.length)
    }),
  )
})
