// The details by which a person is recognised: name, date of birth and SSN. Rules say the field and what is wrong, never what
// was entered.

import { easternDate, isCalendarDate } from './age.ts'

export interface Details {
  firstName: string
  middleName: string
  lastName: string
  /** YYYY-MM-DD. */
  birthdate: string
  /** Nine digits. */
  ssn: string
}

export type DetailsForm = { [Field in keyof Details]?: string }

export interface Problem<Field extends string = string> {
  field: Field
  /** The rule, as a person reads it below the field. */
  rule: string
}

/** Together with two spaces as long as one line of an address. */
const LONGEST = { firstName: 25, middleName: 25, lastName: 28 } as const
const NAME = /^\p{L}[\p{L}\p{M}'’. -]*$/u
/** Ranges that are never issued, as the personas have them. */
const MADE_UP_SSN = /^(9[0-9]{8}|666[0-9]{6})$/

const NAMES = { firstName: 'first name', middleName: 'middle name', lastName: 'last name' } as const

/**
 * @param at the instant that decides what today is
 * @returns what is wrong, in the order of the fields; `details` can be used when nothing is
 */
export function readDetails(
  form: DetailsForm,
  at: number,
): { details: Details; problems: Problem<keyof Details>[] } {
  const text = (field: keyof Details) => (form[field] ?? '').trim().normalize('NFC')
  const problems: Problem<keyof Details>[] = []
  for (const field of ['firstName', 'middleName', 'lastName'] as const) {
    const rule = nameRule(field, text(field))
    if (rule) problems.push({ field, rule })
  }
  const birthdate = text('birthdate')
  if (birthdate === '') problems.push({ field: 'birthdate', rule: 'Enter your date of birth.' })
  else if (!isCalendarDate(birthdate)) {
    problems.push({ field: 'birthdate', rule: 'Enter the date of birth as year, month and day.' })
  } else if (birthdate > easternDate(at)) {
    problems.push({ field: 'birthdate', rule: 'The date of birth cannot be after today.' })
  }
  const ssn = text('ssn').replace(/[\s-]/g, '')
  if (ssn === '') problems.push({ field: 'ssn', rule: 'Enter your Social Security number.' })
  else if (!/^[0-9]{9}$/.test(ssn)) {
    problems.push({ field: 'ssn', rule: 'The Social Security number must have nine digits.' })
  } else if (!MADE_UP_SSN.test(ssn)) {
    problems.push({
      field: 'ssn',
      rule: 'Use a number that begins with 9 or 666: real ones have no place here.',
    })
  }
  const names = { firstName: text('firstName'), middleName: text('middleName'), lastName: text('lastName') }
  return { details: { ...names, birthdate, ssn }, problems }
}

function nameRule(field: keyof typeof NAMES, value: string): string | undefined {
  const name = NAMES[field]
  if (value === '') return field === 'middleName' ? undefined : `Enter your ${name}.`
  if (value.length > LONGEST[field]) {
    return `The ${name} may have up to ${LONGEST[field]} characters. If it is longer, enter the first ${LONGEST[field]}.`
  }
  return NAME.test(value)
    ? undefined
    : `Use letters, spaces, hyphens, apostrophes and periods in the ${name}.`
}
