// What people who are no personas say about themselves when their identity is verified, and how that ends: all of it is our
// own choice (assumed). The number of a passport is looked at and not kept.

import { now } from '@gatehouse/clock/clock'
import type { Evidence } from '@gatehouse/provider/accounts/account'

export type EvidenceField =
  | 'givenName'
  | 'middleName'
  | 'familyName'
  | 'birthdate'
  | 'number'
  | 'street'
  | 'city'
  | 'state'
  | 'zip'

export interface EvidenceProblem {
  field: EvidenceField | 'document'
  problem: 'blank' | 'malformed' | 'future' | 'real'
}

export type EvidenceForm = { [Field in EvidenceField | 'document']?: string }

const REQUIRED: readonly EvidenceField[] = [
  'givenName',
  'familyName',
  'birthdate',
  'number',
  'street',
  'city',
]

/** Ranges that are never issued, as the personas have them. */
const MADE_UP_SSN = /^(9[0-9]{8}|666[0-9]{6})$/
const PASSPORT = /^[A-Z0-9]{9}$/

/** @returns what the documents show, or what has to be entered again */
export function readEvidence(form: EvidenceForm): Evidence | EvidenceProblem[] {
  const text = (field: EvidenceField) => (form[field] ?? '').trim()
  const problems: EvidenceProblem[] = REQUIRED.filter((field) => text(field) === '').map((field) => ({
    field,
    problem: 'blank',
  }))
  const refuse = (field: EvidenceProblem['field'], problem: EvidenceProblem['problem']) => {
    if (!problems.some((known) => known.field === field)) problems.push({ field, problem })
  }

  const birthdate = text('birthdate')
  const born = Date.parse(`${birthdate}T00:00:00Z`)
  if (!isDate(birthdate, born)) refuse('birthdate', 'malformed')
  else if (born > now()) refuse('birthdate', 'future')

  const number = text('number').toUpperCase().replace(/[\s-]/g, '')
  if (form.document === 'ssn') {
    if (!/^[0-9]{9}$/.test(number)) refuse('number', 'malformed')
    else if (!MADE_UP_SSN.test(number)) refuse('number', 'real')
  } else if (form.document !== 'passport') refuse('document', 'blank')
  else if (!PASSPORT.test(number)) refuse('number', 'malformed')

  const region = text('state').toUpperCase()
  if (!/^[A-Z]{2}$/.test(region)) refuse('state', region ? 'malformed' : 'blank')
  const postalCode = text('zip')
  if (!/^[0-9]{5}(-[0-9]{4})?$/.test(postalCode)) refuse('zip', postalCode ? 'malformed' : 'blank')
  if (problems.length > 0) return problems

  return {
    identity: {
      givenName: text('givenName'),
      ...(text('middleName') ? { middleName: text('middleName') } : {}),
      familyName: text('familyName'),
      birthdate,
      ...(form.document === 'ssn' ? { socialSecurityNumber: number } : {}),
      address: { street: text('street'), locality: text('city'), region, postalCode },
    },
    outcome: number.endsWith('0000') ? 'fails' : 'passes',
  }
}

/** JavaScript takes 2023-02-30 for a day in March. */
function isDate(text: string, instant: number): boolean {
  return (
    /^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text) &&
    Number.isFinite(instant) &&
    new Date(instant).toISOString().startsWith(text)
  )
}
