// Who may use the Ticket Portal, and for whom.

import { type Static, Type } from 'typebox'
import { Nothing, type ServiceCalls } from './calls.ts'
import { NextPage, type Page, withQuery } from './paging.ts'

/** What a my Social Security username is made of. */
export const USERNAME = '^[A-Za-z0-9]{8,20}$'
export const EnrolledUsername = Type.String({
  pattern: USERNAME,
  description: '8 to 20 letters and digits',
})

/** For whom somebody works: an Employment Network, or a State Vocational Rehabilitation agency. */
export const Employment = Type.Object(
  {
    organization: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\p{C}]*\\S[^\\p{C}]*$' }),
    kind: Type.Union([Type.Literal('EN'), Type.Literal('VRA')]),
  },
  { additionalProperties: false },
)
export type Employment = Static<typeof Employment>

/** An enrolment that stands. Instants are milliseconds. */
export const Enrolment = Type.Object({
  id: Type.String({ description: 'names the enrolment in the audit trail' }),
  username: Type.String({ description: 'in lower case' }),
  ...Employment.properties,
  enrolledAt: Type.Integer(),
  boundAt: Type.Optional(Type.Integer({ description: 'when somebody first signed in with this username' })),
})
export type Enrolment = Static<typeof Enrolment>
export const Enrolments = Type.Object({ enrolments: Type.Array(Enrolment), ...NextPage })

/** For the administrators' console (scope `enrolments.write`). Refuses with `not_found` (404) who is not enrolled. */
export function enrolments(calls: ServiceCalls) {
  const scope = 'enrolments.write'
  const at = (username: string) => `/enrolments/${encodeURIComponent(username)}`
  return {
    /** By username. */
    list: (page: Page = {}) =>
      calls.call('ticket-portal', {
        scope,
        method: 'GET',
        path: withQuery('/enrolments', page),
        response: Enrolments,
      }),
    find: (username: string) =>
      calls.call('ticket-portal', { scope, method: 'GET', path: at(username), response: Enrolment }),
    /** Who is enrolled already keeps what the enrolment is bound to, and gets the new employment. */
    enrol: (username: string, body: Employment) =>
      calls.call('ticket-portal', { scope, method: 'PUT', path: at(username), body, response: Enrolment }),
    /** From the next click on. */
    remove: (username: string) =>
      calls.call('ticket-portal', { scope, method: 'DELETE', path: at(username), response: Nothing }),
  }
}
