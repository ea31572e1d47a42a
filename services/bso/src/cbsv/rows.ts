// The form's ten rows: how its fields are named, and how rows become a request and back.

import type { VerificationRow } from '@gatehouse/contracts/cbsv'
import { Type } from 'typebox'

export const ROW_COUNT = 10

/** The columns, in order, with what a person calls them. `width` is the most that the field rules allow. */
export const COLUMNS = [
  { field: 'ssn', label: 'SSN' },
  { field: 'firstName', label: 'First Name', width: 10 },
  { field: 'middleName', label: 'Middle Name', width: 7 },
  { field: 'lastName', label: 'Last Name', width: 13 },
  { field: 'suffix', label: 'Suffix' },
  { field: 'dateOfBirth', label: 'Date of Birth' },
  { field: 'gender', label: 'Gender' },
] as const

export type Column = (typeof COLUMNS)[number]
export type Field = Column['field']

/** The name and id of a cell: `lastName-3`. Rows count from 1. */
export function cellName(field: Field, row: number): string {
  return `${field}-${row}`
}

const cellNames = Array.from({ length: ROW_COUNT }, (_, index) =>
  COLUMNS.map(({ field }) => cellName(field, index + 1)),
).flat()

/** What the form posts. A browser sends every cell; a cell that is absent is an empty one. */
export const VerificationForm = Type.Object(
  Object.fromEntries(cellNames.map((name) => [name, Type.Optional(Type.String({ maxLength: 100 }))])),
  { additionalProperties: false },
)
export type Entries = Partial<Record<string, string>>

/** The rows in which anything was entered, each with its place on the page. */
export function filledRows(entries: Entries): { row: number; request: VerificationRow }[] {
  const rows = Array.from({ length: ROW_COUNT }, (_, index) => {
    const row = index + 1
    const cells = COLUMNS.map(({ field }) => [field, entries[cellName(field, row)] ?? ''])
    return { row, request: Object.fromEntries(cells) as VerificationRow }
  })
  return rows.filter(({ request }) => Object.values(request).some((value) => value.trim() !== ''))
}
