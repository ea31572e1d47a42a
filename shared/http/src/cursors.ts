// Where a page of a long list ended, as an opaque text for the next one (`@gatehouse/contracts/paging`).

import { ROWS_OF_A_PAGE } from '@gatehouse/contracts/paging'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Refusal } from './refusal.ts'

/** Holds nothing that may not be in an address: only what the list is sorted by. */
function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * @param position the form of what `encodeCursor` was given
 * @throws Refusal `invalid_request` for what no list has given
 */
export function decodeCursor<Position extends TSchema>(
  cursor: string | undefined,
  position: Position,
): Static<Position> | undefined {
  if (cursor === undefined) return undefined
  let decoded: unknown
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    decoded = undefined
  }
  if (Value.Check(position, decoded)) return decoded
  throw new Refusal('invalid_request', 'cursor must be the `next` of an earlier page of this list')
}

/** Rows of a page, from a query string or a body. */
export const rowsOf = (limit: string | number | undefined) => Number(limit ?? ROWS_OF_A_PAGE)

/**
 * A page out of rows of which one more was read than fits.
 *
 * @param positionOf what the next page begins after
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => readonly (string | number)[],
): { rows: Row[]; next?: string } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last ? { rows: page, next: encodeCursor(positionOf(last)) } : { rows: page }
}
