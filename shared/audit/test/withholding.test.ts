import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Facts,
  guardedFacts,
  guardedIdentifier,
  guardedSubject,
  guardedText,
  WITHHELD,
} from '@gatehouse/audit/withholding'
import fc from 'fast-check'

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''))
const ssn = fc.oneof(
  digits(9),
  fc
    .tuple(digits(3), digits(2), digits(4), fc.constantFrom('-', ' '))
    .map(([a, b, c, sign]) => [a, b, c].join(sign)),
)
const words = fc.constantFrom('', 'of', 'reported by phone:', '(see', 'SSN', '“')
const ending = fc.constantFrom('', ' and so on', ').', ',')
const SSN = /(?<![\w-])(?:\d{9}|\d{3}[- ]\d{2}[- ]\d{4})(?![\w-])/

test('an SSN is never kept, wherever in the facts it stands and however it is written', () => {
  const sentence = fc
    .tuple(words, ssn, ending)
    .map(([before, number, after]) => `${before} ${number}${after}`)
  const facts = fc.oneof(
    fc.record({ note: sentence }),
    fc.record({ list: fc.array(sentence, { maxLength: 3 }) }),
    fc.record({ deep: fc.record({ deeper: fc.record({ note: sentence }) }) }),
    fc.record({ value: sentence, kind: fc.constantFrom('account', 'client') }),
    sentence.map((name) => ({ [name]: true })),
    digits(9)
      .filter((number) => !number.startsWith('0'))
      .map((number) => ({ count: Number(number) })),
  )
  fc.assert(
    fc.property(facts, sentence, (made, text) => {
      const kept = guardedFacts(made as Facts)
      assert.doesNotMatch(kept, SSN)
      assert.doesNotMatch(guardedText(text), SSN)
    }),
  )
})

test('tokens and phone numbers are left out of every text, and the rest of it stays', () => {
  const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.${'x'.repeat(86)}`
  for (const secret of [
    jwt,
    'eyJhbGciOiJFUzI1NiJ9',
    '+12025550148',
    '(410) 555-0100',
    '410-555-0100',
    '900-12-3456',
  ]) {
    assert.equal(guardedText(`before ${secret} after`), `before ${WITHHELD} after`)
    assert.equal(guardedIdentifier(secret), WITHHELD)
  }
})

test('under the name of a secret only a word stays, such as the code of a refusal', () => {
  const facts = {
    code: 'company_unknown',
    password: 'Correct horse 9',
    accessToken: 'abc.def',
    phone_number: '2025550148',
    ssn: '000000000',
    nested: { code: '123456', pin: 1234, hasToken: true },
  }
  assert.deepEqual(JSON.parse(guardedFacts(facts)), {
    code: 'company_unknown',
    password: WITHHELD,
    accessToken: WITHHELD,
    phone_number: WITHHELD,
    ssn: WITHHELD,
    nested: { code: WITHHELD, pin: WITHHELD, hasToken: true },
  })
})

test('what identifies is kept: companies, User IDs, accounts, instants, masked numbers', () => {
  const facts = {
    ein: '987654320',
    eins: ['987654320'],
    target: { kind: 'ein', value: '987654320' },
    bsoUserId: '12345678',
    account: 'b2f4a1de-3456-4c12-9e77-001122334455',
    subject: 'n1dZ3fQ-123456789_xA0gkq2c3rT9uV8wYzB4eH6iL7mN',
    at: 1_790_000_000_000,
    maskedSsn: 'XXX-XX-4325',
    phoneNumberEnding: '0148',
    none: null,
  }
  assert.deepEqual(JSON.parse(guardedFacts(facts)), facts)
  assert.equal(guardedIdentifier('987654320'), '987654320')
  assert.equal(
    guardedText('the company 98-7654320 asked, ticket 123456'),
    'the company 98-7654320 asked, ticket 123456',
  )
})

test('what is too large or too deep is left out as a whole, and what PostgreSQL cannot store is made storable', () => {
  assert.deepEqual(JSON.parse(guardedFacts({ long: 'word '.repeat(2_000) })), { withheld: 'too large' })
  let deep: Facts = { value: 'end' }
  for (let level = 0; level < 10; level++) deep = { deep }
  assert.match(guardedFacts(deep), /\[withheld\]/)
  assert.equal(guardedText('a\0b\ud800c'), 'ab\ufffdc')
  assert.equal(guardedText('x'.repeat(10_000)).length, 4_096)
})

test('a subject may be the number of a company, and after any other kind no number of nine digits', () => {
  for (const subject of ['123456789', 'ein 123456789', 'account 0b5c2a1e', 'everything']) {
    assert.equal(guardedSubject(subject), subject)
  }
  assert.equal(guardedSubject('account 900123456'), `account ${WITHHELD}`)
  assert.equal(guardedSubject('session 900-12-3456'), `session ${WITHHELD}`)
})
