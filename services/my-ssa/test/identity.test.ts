// The rules of who can have an account, without any page.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readMailingAddress } from '../src/identity/address.ts'
import { easternDate, isAtLeast, isCalendarDate } from '../src/identity/age.ts'
import { readDetails } from '../src/identity/details.ts'
import { STATES } from '../src/identity/states.ts'
import { canonicalUsername, usernameProblem } from '../src/usernames/username.ts'

const NOON = Date.parse('2026-03-10T12:00:00-04:00')
const good = {
  firstName: 'Maria',
  middleName: '',
  lastName: 'O’Example-Smith',
  birthdate: '1984-03-12',
  ssn: '987-65-4325',
}
const fieldsOf = ({ problems }: { problems: { field: string }[] }) => problems.map(({ field }) => field)

describe('18 years of age, in Eastern Time', () => {
  for (const [name, birthdate, at, is] of [
    ['the day before the birthday', '2008-03-11', '2026-03-10T23:59:59.999-04:00', false],
    ['the first instant of the birthday', '2008-03-11', '2026-03-11T00:00:00-04:00', true],
    [
      'the birthday in UTC that is the day before in Eastern Time',
      '2008-03-11',
      '2026-03-11T03:59:59Z',
      false,
    ],
    ['the same in winter, five hours behind', '2008-01-11', '2026-01-11T04:59:59Z', false],
    ['midnight in winter', '2008-01-11', '2026-01-11T05:00:00Z', true],
    ['29 February, on 28 February of a common year', '2008-02-29', '2026-02-28T12:00:00-05:00', false],
    ['29 February, on 1 March of a common year', '2008-02-29', '2026-03-01T00:00:00-05:00', true],
    ['29 February, on 29 February of a leap year', '2010-02-28', '2028-02-29T12:00:00-05:00', true],
    ['born on 1 March, on 29 February of a leap year', '2010-03-01', '2028-02-29T12:00:00-05:00', false],
    ['long ago', '1907-12-31', '2026-01-01T12:00:00-05:00', true],
  ] as const) {
    test(name, () => assert.equal(isAtLeast(18, birthdate, Date.parse(at)), is))
  }

  test('the date in Eastern Time is another one than in UTC late in the evening', () => {
    assert.equal(easternDate(Date.parse('2026-07-05T03:30:00Z')), '2026-07-04')
    assert.equal(easternDate(Date.parse('2026-01-01T04:59:59Z')), '2025-12-31')
  })

  test('a day is one of the calendar', () => {
    for (const day of ['2024-02-29', '1900-01-01', '1999-12-31']) assert.ok(isCalendarDate(day), day)
    for (const day of ['2023-02-29', '2024-02-30', '1984-13-01', '1884-01-01', '84-1-1', '', '2024-02-29T00'])
      assert.ok(!isCalendarDate(day), day)
  })
})

describe('details', () => {
  test('an SSN may be written with hyphens and spaces, a name with the marks that names have', () => {
    const { details, problems } = readDetails({ ...good, firstName: ' Ana María ' }, NOON)
    assert.deepEqual(problems, [])
    assert.equal(details.ssn, '987654325')
    assert.equal(details.firstName, 'Ana María')
  })

  test('each field that is wrong is named with its rule, and no rule repeats what was entered', () => {
    const wrong = {
      firstName: '',
      middleName: '<b>',
      lastName: 'x'.repeat(29),
      birthdate: '1984-02-30',
      ssn: '12345678',
    }
    const { problems } = readDetails(wrong, NOON)
    assert.deepEqual(fieldsOf({ problems }), ['firstName', 'middleName', 'lastName', 'birthdate', 'ssn'])
    for (const { rule } of problems) assert.doesNotMatch(rule, /<b>|xxx|1984|12345678/)
  })

  test('an SSN of a range that is issued is refused, and the rule says which to use', () => {
    for (const ssn of ['123456789', '078051120', '665123456', '667123456']) {
      const { problems } = readDetails({ ...good, ssn }, NOON)
      assert.match(problems[0]?.rule ?? '', /begins with 9 or 666/)
    }
    for (const ssn of ['900000000', '999999999', '666123456']) {
      assert.deepEqual(readDetails({ ...good, ssn }, NOON).problems, [])
    }
  })

  test('a date of birth is today at the latest', () => {
    assert.deepEqual(fieldsOf(readDetails({ ...good, birthdate: '2026-03-11' }, NOON)), ['birthdate'])
    assert.deepEqual(fieldsOf(readDetails({ ...good, birthdate: '2026-03-10' }, NOON)), [])
  })
})

describe('a US mailing address', () => {
  const address = { street: '1 Test Street', city: 'Baltimore', state: 'MD', zip: '21235-0001' }

  test('states, territories and military addresses are taken, other countries are not', () => {
    for (const [state] of STATES) assert.deepEqual(fieldsOf(readMailingAddress({ ...address, state })), [])
    assert.equal(new Set(STATES.map(([code]) => code)).size, 50 + 1 + 5 + 3)
    for (const state of ['ON', 'XX', '', 'Maryland', 'M']) {
      assert.deepEqual(fieldsOf(readMailingAddress({ ...address, state })), ['state'])
    }
  })

  test('a ZIP Code has five digits, or five and four', () => {
    for (const zip of ['2123', '212355', '21235-', '21235-000', 'ABCDE', '', '２１２３５']) {
      assert.deepEqual(fieldsOf(readMailingAddress({ ...address, zip })), ['zip'], zip)
    }
  })

  test('street and city are one line each, short enough for an envelope', () => {
    for (const street of ['', ' ', 'a\nb', 'x'.repeat(81)]) {
      assert.deepEqual(fieldsOf(readMailingAddress({ ...address, street })), ['street'])
    }
    assert.deepEqual(fieldsOf(readMailingAddress({ ...address, city: 'x'.repeat(41) })), ['city'])
  })
})

describe('a username', () => {
  test('has 8 to 20 letters and digits', () => {
    for (const username of ['Maria123', 'a'.repeat(20), '12345678'])
      assert.equal(usernameProblem(username), undefined)
    for (const username of [
      'Maria12',
      'a'.repeat(21),
      'maria example',
      'maria@example',
      'marïa1234',
      'ＭＡＲＩＡ１２３',
    ]) {
      assert.equal(usernameProblem(username), 'malformed', username)
    }
    assert.equal(usernameProblem(''), 'blank')
  })

  test('is compared without case, however it is written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{8,20}$/), (username) => {
        assert.equal(usernameProblem(username), undefined)
        assert.equal(
          canonicalUsername(` ${username.toUpperCase()} `),
          canonicalUsername(username.toLowerCase()),
        )
      }),
    )
  })
})
