// Long lists come in pages: each names where the next one begins, and that is handed back as it came.

import { Type } from 'typebox'

/** How many rows a page has unless it is said. */
export const ROWS_OF_A_PAGE = 50

const Cursor = Type.String({
  pattern: '^[\\w-]{1,1024}$',
  description: '`next` of the page before; the first page has none',
})

/** Which page, in a query string, where everything is text. */
export const PageQuery = {
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|1[0-9]{2}|200)$', description: '1 to 200' })),
}

/** Which page, in a body. */
export const PageInBody = {
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
}

/** In an answer: where the next page begins. */
export const NextPage = {
  next: Type.Optional(Type.String({ description: 'where the next page begins; the last one has none' })),
}

export interface Page {
  cursor?: string | undefined
  limit?: number | undefined
}

/** A path with a query string; what is undefined is left out. */
export function withQuery(path: string, query: object): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}
