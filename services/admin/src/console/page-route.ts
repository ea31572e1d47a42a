// What every page route says: who may ask, what it takes, that it is a page and no operation of the API.

import { type TSchema, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'

interface Taken {
  params?: TSchema
  querystring?: TSchema
  body?: TSchema
}

/** The options of a route whose page is for administrators. */
export function pageRoute<const Schema extends Taken>(
  { requireActor }: Pick<ConsolePages, 'requireActor'>,
  schema: Schema = {} as Schema,
) {
  return { preHandler: requireActor, schema: { hide: true, ...schema } }
}

/** In a query string or a form: which page of a list. Whether it is one, the operation behind the list says. */
export const cursor = Type.Optional(Type.String({ maxLength: 4096 }))

/** The query string of a list without a filter. */
export const ListQuery = Type.Object({ cursor }, { additionalProperties: false })

/** Which page of a list, as operations take it. */
export function cursorOf({ cursor: given }: { cursor?: string | undefined }): { cursor?: string } {
  return given ? { cursor: given } : {}
}
