// The online field rules: CBSV User's Guide section 4.3. They say what may be entered, not who exists, so a number
// that was never issued passes here and simply gets the result "No".

/** One row of the online page. A field that was left empty is an empty string. */
export interface VerificationRequest {
  ssn: string
  firstName: string
  middleName: string
  lastName: string
  suffix: string
  dateOfBirth: string
  gender: string
}

type RequestField = keyof VerificationRequest

/** What is wrong, where. It never carries what was entered: that could be somebody's SSN. */
export interface Violation {
  /** 1 for the first row. */
  row: number
  field: RequestField
  /** The rule as a person may read it. */
  rule: string
}

interface Rule {
  rule: string
  holds: (value: string) => boolean
}

const required = (name: string): Rule => ({
  rule: `Enter the ${name}.`,
  holds: (value) => value.trim() !== '',
})

// The guide asks people to enter the first 10, 7 or 13 characters themselves. A longer name is refused and not cut
// here, so that what is echoed, charged and kept is what the company entered.
const atMost = (length: number, name: string): Rule => ({
  rule: `The ${name} may have up to ${length} characters. If it is longer, enter the first ${length}.`,
  holds: (value) => value.length <= length,
})

const alphabetic = (name: string): Rule => ({
  rule: `Use only the letters A to Z and spaces in the ${name}.`,
  holds: (value) => /^[A-Za-z ]*$/.test(value),
})

const NAMES = { firstName: 'first name', middleName: 'middle name', lastName: 'last name' }

const SSN_RULES: Rule[] = [
  {
    rule: 'The SSN must be nine digits, without hyphens, spaces or other characters.',
    holds: (value) => /^\d{9}$/.test(value),
  },
]

const SUFFIX_RULES: Rule[] = [
  {
    rule: 'The suffix must be Jr, Sr or a Roman numeral from I to X.',
    holds: (value) => /^(Jr|Sr|I|II|III|IV|V|VI|VII|VIII|IX|X)$/.test(value),
  },
]

const GENDER_RULES: Rule[] = [{ rule: 'The gender must be F or M.', holds: (value) => /^[FM]$/.test(value) }]

const DATE_SHAPE: Rule = {
  rule: 'The date of birth must be eight digits, MMDDYYYY.',
  holds: (value) => /^\d{8}$/.test(value),
}

// The guide names only these bounds: 31 February passes, and then matches by year like any other date.
function dateRules(today: string): Rule[] {
  return [
    {
      rule: 'The month of the date of birth must be 01 to 12.',
      holds: (value) => within(value.slice(0, 2), 1, 12),
    },
    {
      rule: 'The day of the date of birth must be 01 to 31.',
      holds: (value) => within(value.slice(2, 4), 1, 31),
    },
    { rule: 'The date of birth cannot be before 1800.', holds: (value) => Number(value.slice(4)) >= 1800 },
    {
      rule: 'The date of birth cannot be after today.',
      holds: (value) => value.slice(4) + value.slice(0, 4) <= today,
    },
  ]
}

/**
 * Checks all rows of an online request and gives every violation at once, in the order of rows and fields.
 * @param at the instant in milliseconds that decides what "today" is
 */
export function fieldViolations(requests: readonly VerificationRequest[], at: number): Violation[] {
  const today = easternDate(at)
  return requests.flatMap((request, index) => rowViolations(request, index + 1, today))
}

function rowViolations(request: VerificationRequest, row: number, today: string): Violation[] {
  const check = (field: RequestField, rules: Rule[]): Violation[] =>
    rules.filter(({ holds }) => !holds(request[field])).map(({ rule }) => ({ row, field, rule }))
  const checkEntered = (field: RequestField, rules: Rule[]) =>
    request[field] === '' ? [] : check(field, rules)
  const checkMandatory = (field: RequestField, name: string, rules: Rule[]) => {
    const missing = check(field, [required(name)])
    return missing.length > 0 ? missing : check(field, rules)
  }
  const nameRules = (field: keyof typeof NAMES, length: number) => [
    atMost(length, NAMES[field]),
    alphabetic(NAMES[field]),
  ]

  const dateShape = checkEntered('dateOfBirth', [DATE_SHAPE])
  return [
    ...checkMandatory('ssn', 'SSN', SSN_RULES),
    ...checkMandatory('firstName', NAMES.firstName, nameRules('firstName', 10)),
    ...checkEntered('middleName', nameRules('middleName', 7)),
    ...checkMandatory('lastName', NAMES.lastName, nameRules('lastName', 13)),
    ...checkEntered('suffix', SUFFIX_RULES),
    ...(dateShape.length > 0 ? dateShape : checkEntered('dateOfBirth', dateRules(today))),
    ...checkEntered('gender', GENDER_RULES),
  ]
}

function within(digits: string, lowest: number, highest: number): boolean {
  return Number(digits) >= lowest && Number(digits) <= highest
}

// The service keeps Eastern Time (its hours are given in it), so its "current date" is taken to be Eastern: assumed.
const EASTERN = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** The date in Social Security's time zone as YYYYMMDD, which compares like a date. */
function easternDate(at: number): string {
  const part = Object.fromEntries(EASTERN.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}${part.month}${part.day}`
}
