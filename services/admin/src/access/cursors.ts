import { Refusal } from '@gatehouse/http/refusal'
import type { Secrets } from '@gatehouse/storage/secrets'
import { Type } from 'typebox'

/** How many rows a page has unless it is said, and at most. */
export const ROWS = 50
export const MOST_ROWS = 100

/** Which page, in a query string. */
export const pageQuery = {
  cursor: Type.Optional(
    Type.String({
      pattern: '^[\\w-]{1,4096}$',
      description: '`next` of the page before; the first page has none',
    }),
  ),
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100' })),
}

/** In an answer: where the next page begins. */
export const next = Type.Optional(
  Type.String({ description: 'where the next page begins; the last one has none' }),
)

interface Given {
  cursor?: string
  limit?: string
}

/** Page parameters as owners take them. */
export function pageOf({ cursor, limit }: Given = {}): { cursor?: string; limit?: number } {
  return {
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  }
}

/** Where a list of the console's own goes on. Sealed, for one list with one filter: nothing else can be made of it. */
export interface Cursors {
  seal(list: string, filter: unknown, position: unknown): string
  /** @throws Refusal `invalid_request` for what was not sealed for this very list */
  open<Position>(list: string, filter: unknown, cursor: string): Position
}

export function createCursors(secrets: Secrets): Cursors {
  const purposeOf = (list: string, filter: unknown) => `cursor of ${list} ${JSON.stringify(filter)}`
  return {
    seal: (list, filter, position) =>
      secrets.seal('cursor', JSON.stringify([purposeOf(list, filter), position])),
    open<Position>(list: string, filter: unknown, cursor: string) {
      try {
        const [purpose, position] = JSON.parse(secrets.unseal('cursor', cursor))
        if (purpose === purposeOf(list, filter)) return position as Position
      } catch {
        // Said below.
      }
      throw new Refusal('invalid_request', undefined, {
        errors: [{ field: 'query.cursor', rule: 'must be the `next` of an earlier page of this list' }],
      })
    },
  }
}
