import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { VerificationRequest } from '../src/verifications/field-rules.ts'
import {
  dateOfBirthMatches,
  type NumberHolder,
  nameMatches,
  sexMatches,
  verify,
} from '../src/verifications/matching.ts'

const holder: NumberHolder = {
  ssn: '900010001',
  firstName: 'Marion',
  lastName: 'Johnstone',
  dateOfBirth: '04121975',
  sex: 'F',
  deceased: false,
}

const request: VerificationRequest = {
  ssn: '900010001',
  firstName: 'Marion',
  middleName: '',
  lastName: 'Johnstone',
  suffix: '',
  dateOfBirth: '04121975',
  gender: 'F',
}

function matches(entered: string, onFile: string): boolean {
  const name = (text: string) => ({
    firstName: text.split(',')[1] as string,
    lastName: text.split(',')[0] as string,
  })
  return nameMatches(name(entered), name(onFile))
}

test('name rule a: seven letters of the last name and the first initial', () => {
  assert.ok(matches('Johnstone,M', 'Johnstone,Marion'))
  assert.ok(matches('Johnstomania,Max', 'Johnstone,Marion'))
  assert.ok(matches('Li,Max', 'Li,Marion'))
  assert.ok(!matches('Johnstone,Karion', 'Johnstone,Marion'))
})

test('name rule b: four letters of the last and four of the first name', () => {
  assert.ok(matches('Johnxxxx,Mariel', 'Johnstone,Marion'))
  assert.ok(!matches('Johxxxxx,Marion', 'Johnstone,Marion'))
  assert.ok(!matches('Johnxxxx,Marxon', 'Johnstone,Marion'))
})

test('name rule c: one wrong letter in seven of the last name, with the first initial', () => {
  assert.ok(matches('Xohnstone,Max', 'Johnstone,Marion'))
  assert.ok(matches('Johnstx,Max', 'Johnstone,Marion'))
  assert.ok(!matches('Xohnxtone,Max', 'Johnstone,Marion'))
  assert.ok(!matches('Xohnstone,Kax', 'Johnstone,Marion'))
})

test('name rule c: two neighbouring letters swapped in seven of the last name, with the first initial', () => {
  assert.ok(matches('Jhonstone,Max', 'Johnstone,Marion'))
  assert.ok(matches('Johntsone,Max', 'Johnstone,Marion'))
  assert.ok(!matches('Jnhostone,Max', 'Johnstone,Marion'), 'swapped, but not neighbours')
  assert.ok(!matches('Jhosntone,Max', 'Johnstone,Marion'), 'two swaps')
  assert.ok(!matches('Jhonstone,Kax', 'Johnstone,Marion'))
})

test('name rule d: one letter too many in seven of the last name, with the first initial', () => {
  assert.ok(matches('Johnnstone,Max', 'Johnstone,Marion'))
  assert.ok(matches('XJohnstone,Max', 'Johnstone,Marion'))
  assert.ok(matches('Smitth,Max', 'Smith,Marion'))
  assert.ok(matches('Smiths,Max', 'Smith,Marion'))
  assert.ok(!matches('XYJohnstone,Max', 'Johnstone,Marion'))
  assert.ok(!matches('Smithson,Max', 'Smith,Marion'))
  assert.ok(!matches('Smitth,Kax', 'Smith,Marion'))
})

test('name rule d: one letter missing in seven of the last name, with the first initial', () => {
  assert.ok(matches('Jonstone,Max', 'Johnstone,Marion'))
  assert.ok(matches('Smth,Max', 'Smith,Marion'))
  assert.ok(!matches('Jostone,Max', 'Johnstone,Marion'))
  assert.ok(!matches('Smth,Kax', 'Smith,Marion'))
})

test('case and spaces do not count in a name', () => {
  assert.ok(matches('DELAROSA,ANA MARIA', 'De La Rosa,Ana Maria'))
  assert.ok(matches('van der berg,jo', 'Vanderberg,Jo'))
})

test('middle name and suffix play no part', () => {
  assert.equal(verify({ ...request, middleName: 'Other', suffix: 'III' }, holder), 'Yes')
})

test('date rule 1: the same year matches whatever month, day and century', () => {
  assert.ok(dateOfBirthMatches('12311975', '04121975'))
  assert.ok(dateOfBirthMatches('12311875', '04121975'))
})

test('date rule 2: the same month matches when the year is one off', () => {
  assert.ok(dateOfBirthMatches('04301974', '04121975'))
  assert.ok(dateOfBirthMatches('04301976', '04121975'))
  assert.ok(dateOfBirthMatches('01012000', '01311999'))
  assert.ok(!dateOfBirthMatches('05121976', '04121975'))
  assert.ok(!dateOfBirthMatches('04121977', '04121975'))
})

test('a row without a date of birth matches on the name', () => {
  assert.equal(verify({ ...request, dateOfBirth: '' }, holder), 'Yes')
})

test('the sex must be the one on file, unless none is on file or none was entered', () => {
  assert.ok(sexMatches('F', 'F'))
  assert.ok(!sexMatches('M', 'F'))
  assert.ok(sexMatches('M', 'U'))
  assert.ok(sexMatches('', 'F'))
})

test('everything matching gives Yes', () => {
  assert.equal(verify(request, holder), 'Yes')
})

test('one thing that does not match gives No: nobody with the number, another number, name, date, sex', () => {
  assert.equal(verify(request, undefined), 'No')
  assert.equal(verify({ ...request, ssn: '900010002' }, holder), 'No')
  assert.equal(verify({ ...request, lastName: 'Other' }, holder), 'No')
  assert.equal(verify({ ...request, dateOfBirth: '05121980' }, holder), 'No')
  assert.equal(verify({ ...request, gender: 'M' }, holder), 'No')
})

test('a deceased number holder gives Deceased when name and SSN match, and No when the name does not', () => {
  const deceased = { ...holder, deceased: true }
  assert.equal(verify(request, deceased), 'Deceased')
  assert.equal(verify({ ...request, dateOfBirth: '05121980', gender: 'M' }, deceased), 'Deceased')
  assert.equal(verify({ ...request, lastName: 'Other' }, deceased), 'No')
})

const name = fc.record({
  firstName: fc.stringMatching(/^[A-Z]{1,10}$/),
  lastName: fc.stringMatching(/^[A-Z]{1,13}$/),
})

test('whoever is entered exactly as on file verifies (property)', () => {
  fc.assert(
    fc.property(name, (onFile) => {
      assert.equal(verify({ ...request, ...onFile }, { ...holder, ...onFile }), 'Yes')
    }),
  )
})

test('names match in both directions or in none (property)', () => {
  // Of two letters only, so that many of the pairs are close to each other.
  const close = fc.record({
    firstName: fc.stringMatching(/^[AB]{1,5}$/),
    lastName: fc.stringMatching(/^[AB]{1,9}$/),
  })
  fc.assert(
    fc.property(close, close, (one, other) => {
      assert.equal(nameMatches(one, other), nameMatches(other, one))
    }),
  )
})

test('one slip anywhere in a last name of up to 13 letters still matches (property)', () => {
  const slips = {
    wrong: (text: string, at: number) => `${text.slice(0, at)}Q${text.slice(at + 1)}`,
    more: (text: string, at: number) => `${text.slice(0, at)}Q${text.slice(at)}`,
    less: (text: string, at: number) => text.slice(0, at) + text.slice(at + 1),
    swapped: (text: string, at: number) =>
      text.slice(0, at) +
      text
        .slice(at, at + 2)
        .split('')
        .reverse()
        .join('') +
      text.slice(at + 2),
  }
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Z]{2,13}$/),
      fc.nat({ max: 11 }),
      fc.constantFrom(...Object.values(slips)),
      (lastName, place, slip) => {
        const entered = slip(lastName, place % (lastName.length - 1))
        assert.ok(nameMatches({ firstName: 'M', lastName: entered }, { firstName: 'Marion', lastName }))
      },
    ),
  )
})

test('names with different first initials never match (property)', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      fc.pre(one.firstName[0] !== other.firstName[0])
      assert.ok(!nameMatches(one, other))
    }),
  )
})

test('a date two years off never matches, and the same year always does (property)', () => {
  const monthAndDay = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
    .map(([month, day]) => `${month}`.padStart(2, '0') + `${day}`.padStart(2, '0'))
  fc.assert(
    fc.property(
      monthAndDay,
      monthAndDay,
      fc.integer({ min: 1900, max: 2010 }),
      fc.integer({ min: 2, max: 98 }),
      (one, other, year, off) => {
        assert.ok(dateOfBirthMatches(`${one}${year}`, `${other}${year}`))
        assert.ok(!dateOfBirthMatches(`${one}${year - off}`, `${other}${year}`))
      },
    ),
  )
})
