// A part of what a page shows comes of other services. One that does not answer leaves a part that says so: an empty list would
// say that there is nothing.

import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import { type TSchema, Type } from 'typebox'

export interface Part<Row> {
  /** Absent when nobody who was asked has answered. */
  rows?: Row[]
  /** There is more than is shown. */
  more: boolean
  /** Who did not answer. */
  unavailable: string[]
}

export function PartOf<Row extends TSchema>(row: Row) {
  return Type.Object({
    rows: Type.Optional(Type.Array(row, { description: 'absent when nobody who was asked has answered' })),
    more: Type.Boolean({ description: 'there is more than is shown' }),
    unavailable: Type.Array(Type.String(), { description: 'services that did not answer' }),
  })
}

export interface Source<Row> {
  /** A service, or a provider that is none of the suite. */
  service: string
  /** Left out where it is known already that there will be no answer. */
  ask?: () => Promise<{ rows: Row[]; more?: boolean }>
}

/** Asks all sources at once, and takes what they answer together. */
export async function gather<Row>(sources: readonly Source<Row>[]): Promise<Part<Row>> {
  const answers = await Promise.all(
    sources.map(async ({ service, ask }) => {
      try {
        return { service, answer: await ask?.() }
      } catch (error) {
        // A refusal is no answer to what was asked either, such as by a provider that knows sign-in under another name.
        if (error instanceof CallFailed || error instanceof CallRefused) return { service, answer: undefined }
        throw error
      }
    }),
  )
  const answered = answers.flatMap(({ answer }) => (answer ? [answer] : []))
  const unavailable = [...new Set(answers.filter(({ answer }) => !answer).map(({ service }) => service))]
  return {
    ...(answered.length > 0 || sources.length === 0 ? { rows: answered.flatMap(({ rows }) => rows) } : {}),
    more: answered.some(({ more }) => more === true),
    unavailable,
  }
}

/** The newest first, and no more than `most`. */
export function newest<Row>(part: Part<Row>, at: (row: Row) => number, most: number): Part<Row> {
  if (!part.rows) return part
  const rows = part.rows.toSorted((one, other) => at(other) - at(one))
  return { ...part, rows: rows.slice(0, most), more: part.more || rows.length > most }
}
