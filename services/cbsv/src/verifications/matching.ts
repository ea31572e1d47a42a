// Decides whether what a company entered is what the Numident has. The CBSV guide says only that there are
// tolerances for name and date of birth. The rules here are SSA's published validation criteria for another
// exchange (the California MEDS match); that CBSV uses them is assumed.

import type { VerificationRequest } from './field-rules.ts'

/** One person as the Numident knows them. */
export interface NumberHolder {
  ssn: string
  firstName: string
  lastName: string
  /** MMDDYYYY. */
  dateOfBirth: string
  /** `U` when the sex is not on file. */
  sex: 'F' | 'M' | 'U'
  deceased: boolean
}

export type Result = 'Yes' | 'No' | 'Deceased'

/**
 * The answer to one row. It never says what did not match: CBSV gives no reasons by design.
 * @param holder who has the SSN of the request, if anybody
 */
export function verify(request: VerificationRequest, holder: NumberHolder | undefined): Result {
  if (holder === undefined || request.ssn !== holder.ssn || !nameMatches(request, holder)) return 'No'
  // The guide's section 4.4.1 gives this result when name and SSN match, whatever else was entered.
  if (holder.deceased) return 'Deceased'
  return dateOfBirthMatches(request.dateOfBirth, holder.dateOfBirth) && sexMatches(request.gender, holder.sex)
    ? 'Yes'
    : 'No'
}

interface Name {
  firstName: string
  lastName: string
}

/** Matches when any of the four name rules does. Case and spaces do not count; middle name and suffix play no part. */
export function nameMatches(entered: Name, onFile: Name): boolean {
  const first = [letters(entered.firstName), letters(onFile.firstName)] as const
  const last = [letters(entered.lastName), letters(onFile.lastName)] as const
  if (sameStart(last, 4) && sameStart(first, 4)) return true
  return (
    sameStart(first, 1) &&
    (sameStart(last, 7) ||
      oneLetterWrong(last) ||
      neighboursSwapped(last) ||
      oneLetterMore(last) ||
      oneLetterLess(last))
  )
}

/**
 * Matches when the year is exact, whatever century, month and day; or when the month is exact and the year is one
 * off at most. A date that was not entered is not compared.
 */
export function dateOfBirthMatches(entered: string, onFile: string): boolean {
  if (entered === '') return true
  if (entered.slice(6) === onFile.slice(6)) return true
  return (
    entered.slice(0, 2) === onFile.slice(0, 2) &&
    Math.abs(Number(entered.slice(4)) - Number(onFile.slice(4))) <= 1
  )
}

/** Matches when it is the same, was not entered, or is not on file. */
export function sexMatches(entered: string, onFile: NumberHolder['sex']): boolean {
  return entered === '' || onFile === 'U' || entered === onFile
}

/** A name reduced to what is compared: its letters, in upper case. Batch records cannot hold spaces, so they never count. */
export function letters(name: string): string {
  return name.toUpperCase().replace(/[^A-Z]/g, '')
}

/** The two spellings that are compared: as entered, and as on file. */
type Spellings = readonly [entered: string, onFile: string]

function sameStart([entered, onFile]: Spellings, length: number): boolean {
  return entered.slice(0, length) === onFile.slice(0, length)
}

function oneLetterWrong(last: Spellings): boolean {
  const [entered, onFile] = firstSeven(last)
  return entered.length === onFile.length && differences(entered, onFile).length === 1
}

function neighboursSwapped(last: Spellings): boolean {
  const [entered, onFile] = firstSeven(last)
  const [one, two, ...others] = differences(entered, onFile)
  return (
    entered.length === onFile.length &&
    one !== undefined &&
    two === one + 1 &&
    others.length === 0 &&
    entered[one] === onFile[two] &&
    entered[two] === onFile[one]
  )
}

function oneLetterMore([entered, onFile]: Spellings): boolean {
  return isWithOneLetterRemoved(onFile.slice(0, 7), entered.slice(0, 8))
}

function oneLetterLess([entered, onFile]: Spellings): boolean {
  return oneLetterMore([onFile, entered])
}

/** Eight letters are looked at on the longer side, since a letter too many moves the seventh to the eighth place. */
function isWithOneLetterRemoved(shorter: string, longer: string): boolean {
  if (longer.length !== shorter.length + 1) return false
  const at = differences(shorter, longer)[0] ?? shorter.length
  return shorter === longer.slice(0, at) + longer.slice(at + 1)
}

function firstSeven([entered, onFile]: Spellings): Spellings {
  return [entered.slice(0, 7), onFile.slice(0, 7)]
}

/** The places of the first word that hold another letter than the same place of the second. */
function differences(one: string, other: string): number[] {
  return [...one].flatMap((letter, place) => (letter === other[place] ? [] : [place]))
}
