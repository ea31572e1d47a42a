import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentedNumberHolders, documentedRequests } from '../src/documented.ts'
import { DEFAULT_COUNT, MAX_COUNT, numberHolders } from '../src/generator.ts'

const sample = [...numberHolders({ seed: 7, count: 20_000 })]

function share(wanted: (holder: (typeof sample)[number]) => boolean): number {
  return sample.filter(wanted).length / sample.length
}

test('without options there are 10,000 number holders', () => {
  assert.equal([...numberHolders()].length, DEFAULT_COUNT)
})

test('every file begins with the documented number holders, whatever the seed', () => {
  for (const seed of [1, 2, -5]) {
    assert.deepEqual([...numberHolders({ seed, count: 3 })], documentedNumberHolders)
  }
})

test('a count below the documented holders gives only so many', () => {
  assert.deepEqual([...numberHolders({ count: 1 })], documentedNumberHolders.slice(0, 1))
  assert.deepEqual([...numberHolders({ count: 0 })], [])
})

test('the same seed gives the same holders, and another seed gives others', () => {
  assert.deepEqual([...numberHolders({ seed: 7, count: 500 })], sample.slice(0, 500))
  assert.notDeepEqual([...numberHolders({ seed: 8, count: 500 })], sample.slice(0, 500))
})

test('one iterable can be read twice', () => {
  const holders = numberHolders({ seed: 7, count: 50 })
  assert.deepEqual([...holders], [...holders])
})

test('a longer count starts with the records of a shorter one', () => {
  assert.deepEqual([...numberHolders({ seed: 7, count: 1_000 })], sample.slice(0, 1_000))
})

test('no number occurs twice', () => {
  assert.equal(new Set(sample.map(({ ssn }) => ssn)).size, sample.length)
})

test('numbers are never issued: area 900-999 with group 01-49, and a serial', () => {
  for (const { ssn } of sample.slice(documentedNumberHolders.length)) {
    assert.match(ssn, /^9\d{2}(0[1-9]|[1-4]\d)\d{4}$/)
    assert.ok(!ssn.endsWith('0000'), ssn)
  }
})

test('documented numbers are in the advertising range', () => {
  for (const { ssn } of documentedNumberHolders) assert.match(ssn, /^98765432\d$/)
})

test('the sequence of numbers reaches both ends of the usable ranges', () => {
  assert.deepEqual(new Set(sample.map(({ ssn }) => ssn.slice(0, 3))).size, 100)
  assert.equal(new Set(sample.slice(3).map(({ ssn }) => ssn.slice(3, 5))).size, 49)
})

test('names are letters with single spaces inside', () => {
  for (const { firstName, middleName, lastName } of sample) {
    for (const name of [firstName, middleName || 'x', lastName])
      assert.match(name, /^[A-Za-z]+( [A-Za-z]+)*$/)
  }
})

test('most names fit the 10, 7 and 13 characters of CBSV and a few do not', () => {
  for (const [field, length] of [
    ['firstName', 10],
    ['middleName', 7],
    ['lastName', 13],
  ] as const) {
    const tooLong = share((holder) => holder[field].length > length)
    assert.ok(tooLong > 0 && tooLong < 0.03, `${field}: ${tooLong}`)
  }
})

test('some names have spaces, some people have no middle name, few have a suffix', () => {
  assert.ok(share(({ lastName }) => lastName.includes(' ')) > 0.02)
  assert.ok(share(({ firstName }) => firstName.includes(' ')) > 0.01)
  const withoutMiddle = share(({ middleName }) => middleName === '')
  assert.ok(withoutMiddle > 0.15 && withoutMiddle < 0.25)
  const withSuffix = share(({ suffix }) => suffix !== '')
  assert.ok(withSuffix > 0.015 && withSuffix < 0.035)
  for (const { suffix } of sample) assert.match(suffix, /^(|Jr|Sr|II|III|IV)$/)
})

test('a date of birth is a day that exists between 1900 and 2010', () => {
  for (const { dateOfBirth } of sample) {
    const [month, day, year] = [
      dateOfBirth.slice(0, 2),
      dateOfBirth.slice(2, 4),
      Number(dateOfBirth.slice(4)),
    ]
    assert.ok(year >= 1900 && year <= 2010)
    const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
    assert.equal(date.getUTCDate(), Number(day), dateOfBirth)
  }
})

test('about one in twenty is deceased and a few have no sex on file', () => {
  const deceased = share((holder) => holder.deceased)
  assert.ok(deceased > 0.04 && deceased < 0.06)
  const unknown = share(({ sex }) => sex === 'U')
  assert.ok(unknown > 0.01 && unknown < 0.03)
  assert.ok(share(({ sex }) => sex === 'F') > 0.4 && share(({ sex }) => sex === 'M') > 0.4)
})

test('a seed or a count out of bounds is refused', () => {
  for (const count of [-1, 1.5, Number.NaN, MAX_COUNT + 1]) {
    assert.throws(() => numberHolders({ count }), /count must be a whole number/)
  }
  for (const seed of [0.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => numberHolders({ seed }), /seed must be a 32-bit integer/)
  }
})

test('the documented requests show one of each result and ask about documented numbers', () => {
  assert.deepEqual(
    documentedRequests.map(({ result }) => result),
    ['Yes', 'No', 'Deceased'],
  )
  for (const { request } of documentedRequests) {
    assert.ok(documentedNumberHolders.some(({ ssn }) => ssn === request.ssn))
  }
})
