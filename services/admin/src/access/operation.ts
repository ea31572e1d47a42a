// What an operation of the console is: one entry says its address, its role, its schemas and what it does. Routes, pages and
// the OpenAPI document are made of these entries, so that there is none without a role.

import type { Static, TSchema, TUnknown } from 'typebox'
import type { Actor, Role } from './roles.ts'

/** Small facts for the audit trail. Never a code, token, SSN or phone number. */
export type Facts = Record<string, string | number | boolean>

/** What an operation takes; parts without a schema are left out. */
export type Input<
  Params extends TSchema,
  Query extends TSchema,
  Body extends TSchema,
> = (unknown extends Static<Params> ? { params?: undefined } : { params: Static<Params> }) &
  (unknown extends Static<Query> ? { query?: undefined } : { query?: Static<Query> }) &
  (unknown extends Static<Body> ? { body?: undefined } : { body: Static<Body> })

export interface Operation<
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> {
  method: 'GET' | 'POST' | 'PUT'
  /** Below `/api`. Holds no name, number or address of a person. */
  path: string
  role: Role
  summary: string
  params?: Params
  query?: Query
  body?: Body
  answer: Answer
  /** Of a success; default 200. */
  status?: number
  /** The member of the answer that holds the rows of a list: it can be exported as CSV. */
  rows?: string
  /** Of an operation that shows what somebody has a right to know was looked at: how the audit trail tells of it. */
  seen?: { event: string; subject(input: Input<Params, Query, Body>): string }
  /** Of an operation that changes something: how the audit trail tells of it. The body holds `reason`. */
  change?: {
    /** In the past tense, such as `terms.published`. */
    event: string
    subject(input: Input<Params, Query, Body>, answer?: Static<Answer>): string
    /** What was there before. */
    before?(input: Input<Params, Query, Body>): Promise<Facts | undefined>
    after?(answer: Static<Answer>, input: Input<Params, Query, Body>): Facts
  }
  run(actor: Actor, input: Input<Params, Query, Body>, key?: string): Promise<Static<Answer>>
}

/** Gives an entry its types. */
export function operation<
  Params extends TSchema = TUnknown,
  Query extends TSchema = TUnknown,
  Body extends TSchema = TUnknown,
  Answer extends TSchema = TUnknown,
>(entry: Operation<Params, Query, Body, Answer>): Operation<Params, Query, Body, Answer> {
  return entry
}
