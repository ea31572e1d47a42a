import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fieldViolations, type VerificationRequest } from '../src/verifications/field-rules.ts'

const NOON = Date.parse('2026-03-02T17:00:00Z')

const complete: VerificationRequest = {
  ssn: '987654320',
  firstName: 'Avery',
  middleName: 'Lee',
  lastName: 'Sample',
  suffix: 'Jr',
  dateOfBirth: '04121975',
  gender: 'F',
}

/** The rules broken by one row that is right but for these fields. */
function broken(fields: Partial<VerificationRequest>, at = NOON): string[] {
  return fieldViolations([{ ...complete, ...fields }], at).map(({ field, rule }) => `${field}: ${rule}`)
}

function accepts(fields: Partial<VerificationRequest>): void {
  assert.deepEqual(broken(fields), [], JSON.stringify(fields))
}

function refuses(fields: Partial<VerificationRequest>, ...rules: string[]): void {
  assert.deepEqual(broken(fields), rules, JSON.stringify(fields))
}

test('a row with every field right breaks no rule, nor does one with only the mandatory fields', () => {
  accepts({})
  accepts({ middleName: '', suffix: '', dateOfBirth: '', gender: '' })
})

test('the SSN must be nine digits and nothing else', () => {
  const rule = 'ssn: The SSN must be nine digits, without hyphens, spaces or other characters.'
  for (const ssn of [
    '987-65-4320',
    '987 65 432',
    '98765432',
    '9876543200',
    '98765432O',
    '987654320\n',
    '٩٨٧٦٥٤٣٢٠',
  ]) {
    refuses({ ssn }, rule)
  }
  refuses({ ssn: '' }, 'ssn: Enter the SSN.')
})

test('an SSN that was never issued breaks no field rule', () => {
  for (const ssn of ['000000000', '666123456', '078051120']) accepts({ ssn })
})

test('first and last name are mandatory, and spaces alone are no name', () => {
  for (const empty of ['', '   ']) {
    refuses({ firstName: empty }, 'firstName: Enter the first name.')
    refuses({ lastName: empty }, 'lastName: Enter the last name.')
  }
})

for (const [field, name, length] of [
  ['firstName', 'first name', 10],
  ['middleName', 'middle name', 7],
  ['lastName', 'last name', 13],
] as const) {
  test(`a ${name} has up to ${length} characters, and a longer one is refused and not cut`, () => {
    accepts({ [field]: 'A' })
    accepts({ [field]: 'A'.repeat(length) })
    const rule = `${field}: The ${name} may have up to ${length} characters. If it is longer, enter the first ${length}.`
    refuses({ [field]: 'A'.repeat(length + 1) }, rule)
  })

  test(`a ${name} is letters and spaces only`, () => {
    accepts({ [field]: 'De la R' })
    for (const value of ['O-Hara', "O'Hara", 'Lee2', 'Lee.', 'Lee/', 'Renée', 'Lee\t', 'Ле', '\u0000a']) {
      refuses({ [field]: value }, `${field}: Use only the letters A to Z and spaces in the ${name}.`)
    }
  })
}

test('the suffix is Jr, Sr or a Roman numeral from I to X', () => {
  for (const suffix of ['', 'Jr', 'Sr', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'])
    accepts({ suffix })
  for (const suffix of ['XI', 'IIII', 'Jr.', 'jr', 'Dr', '3', 'I-I', ' ']) {
    refuses({ suffix }, 'suffix: The suffix must be Jr, Sr or a Roman numeral from I to X.')
  }
})

test('a date of birth that is entered must be eight digits', () => {
  for (const dateOfBirth of [
    '4121975',
    '041219750',
    '04-12-75',
    '04/12/1975',
    '0412 1975',
    'April 12',
    ' ',
  ]) {
    refuses({ dateOfBirth }, 'dateOfBirth: The date of birth must be eight digits, MMDDYYYY.')
  }
})

test('the month of a date of birth is 01 to 12', () => {
  accepts({ dateOfBirth: '01121975' })
  accepts({ dateOfBirth: '12121975' })
  for (const month of ['00', '13']) {
    refuses(
      { dateOfBirth: `${month}121975` },
      'dateOfBirth: The month of the date of birth must be 01 to 12.',
    )
  }
})

test('the day of a date of birth is 01 to 31', () => {
  accepts({ dateOfBirth: '04011975' })
  accepts({ dateOfBirth: '02311975' })
  for (const day of ['00', '32']) {
    refuses({ dateOfBirth: `04${day}1975` }, 'dateOfBirth: The day of the date of birth must be 01 to 31.')
  }
})

test('a date of birth is not before 1800', () => {
  accepts({ dateOfBirth: '01011800' })
  refuses({ dateOfBirth: '12311799' }, 'dateOfBirth: The date of birth cannot be before 1800.')
})

test('a date of birth is not after today, and today changes at midnight Eastern Time', () => {
  const rule = 'dateOfBirth: The date of birth cannot be after today.'
  accepts({ dateOfBirth: '03022026' })
  refuses({ dateOfBirth: '03032026' }, rule)
  refuses({ dateOfBirth: '12012030' }, rule)
  assert.deepEqual(broken({ dateOfBirth: '03032026' }, Date.parse('2026-03-03T04:59:59Z')), [rule])
  assert.deepEqual(broken({ dateOfBirth: '03032026' }, Date.parse('2026-03-03T05:00:00Z')), [])
})

test('the gender is F or M when it is entered', () => {
  accepts({ gender: 'F' })
  accepts({ gender: 'M' })
  for (const gender of ['f', 'U', 'X', 'FM', ' ']) refuses({ gender }, 'gender: The gender must be F or M.')
})

test('all violations of all rows come at once, in the order of rows and fields', () => {
  const violations = fieldViolations(
    [
      complete,
      { ...complete, ssn: '1', firstName: 'Bartholomew-1' },
      { ...complete, dateOfBirth: '13321975' },
    ],
    NOON,
  )
  assert.deepEqual(
    violations.map(({ row, field }) => `${row} ${field}`),
    ['2 ssn', '2 firstName', '2 firstName', '3 dateOfBirth', '3 dateOfBirth'],
  )
})

test('a violation never carries what was entered (property)', () => {
  fc.assert(
    fc.property(
      // Digits and signs that no rule text contains, so that an echo would show.
      fc.stringMatching(/^[4-6@#%&~]{4,20}$/),
      fc.constantFrom(...(Object.keys(complete) as (keyof VerificationRequest)[])),
      (value, field) => {
        const violations = fieldViolations([{ ...complete, [field]: value }], NOON)
        assert.ok(violations.length > 0)
        assert.ok(!JSON.stringify(violations).includes(value))
      },
    ),
  )
})

test('every name of letters and spaces within its length is accepted (property)', () => {
  const name = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z][A-Za-z ]{0,${length - 1}}$`))
  fc.assert(
    fc.property(name(10), name(7), name(13), (firstName, middleName, lastName) => {
      accepts({ firstName, middleName, lastName })
    }),
  )
})

test('every day that was ever a date between 1800 and today is accepted (property)', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1800-01-01'), max: new Date('2026-03-01'), noInvalidDate: true }),
      (date) => {
        const [year, month, day] = date.toISOString().slice(0, 10).split('-')
        accepts({ dateOfBirth: `${month}${day}${year}` })
      },
    ),
  )
})
