// The audit trail of a service, which every service has: what happened, who did it, and whether anybody has changed the
// record since.

import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, PageQuery, withQuery } from './paging.ts'
import type { ServiceName } from './services.ts'

const Facts = Type.Record(Type.String(), Type.Unknown())
const hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })

/** An entry. Instants are milliseconds. Codes, tokens, SSNs and phone numbers are nowhere in it. */
export const AuditEntry = Type.Object({
  sequence: Type.Integer({ minimum: 1, description: 'each entry of a service has the next number' }),
  occurredAt: Type.Integer(),
  event: Type.String({ description: 'what happened, such as `terms.attested`' }),
  outcome: Type.Union([Type.Literal('success'), Type.Literal('refusal')]),
  actor: Type.Optional(
    Type.String({ description: 'who did it: the id of an account, a service or a client' }),
  ),
  subject: Type.Optional(Type.String({ description: 'the id of what it was done to' })),
  details: Facts,
  reason: Type.Optional(Type.String({ description: 'why, in the words of who did it' })),
  from: Type.Optional(Type.String({ description: 'the network address from where' })),
  before: Type.Optional(Facts),
  after: Type.Optional(Facts),
  requestId: Type.Optional(
    Type.String({ description: 'the request, under the same id in every service that had part in it' }),
  ),
  hash: hash('keyed, over the entry and the hash of the one before: whoever changes one breaks the chain'),
})
export type AuditEntry = Static<typeof AuditEntry>

export const AuditEntries = Type.Object({ events: Type.Array(AuditEntry), ...NextPage })
export type AuditEntries = Static<typeof AuditEntries>

const instant = (description: string) => Type.String({ pattern: '^[0-9]{1,15}$', description })
const text = (description: string) => Type.String({ minLength: 1, maxLength: 255, description })

/** All that is given must hold. */
export const AuditQuery = Type.Object(
  {
    ...PageQuery,
    event: Type.Optional(text('the whole name, or its beginning followed by `*`, such as `enrolment.*`')),
    actor: Type.Optional(text('who did it')),
    subject: Type.Optional(text('what it was done to')),
    outcome: Type.Optional(AuditEntry.properties.outcome),
    since: Type.Optional(instant('milliseconds')),
    until: Type.Optional(instant('milliseconds; this instant no longer')),
    text: Type.Optional(
      text('stands in the event, the actor, the subject, the reason or the facts; case does not count'),
    ),
  },
  { additionalProperties: false },
)

/** Which entries. Instants are milliseconds. */
export interface AuditFilter {
  event?: string | undefined
  actor?: string | undefined
  subject?: string | undefined
  outcome?: 'success' | 'refusal' | undefined
  since?: number | undefined
  until?: number | undefined
  text?: string | undefined
}

/** The `cursor` of the page behind the entry with this sequence: lists of a trail go on by number alone. */
export function cursorBehind(sequence: number): string {
  return Buffer.from(JSON.stringify([sequence])).toString('base64url')
}

/** The newest entry of a chain. Whoever keeps it elsewhere can tell later whether the end was cut off. */
export const AuditHead = Type.Object({
  sequence: Type.Integer({ minimum: 0, description: '0: nothing is recorded yet' }),
  hash: hash('of that entry; of none, zeros'),
})
export type AuditHead = Static<typeof AuditHead>

/**
 * What is wrong with an entry:
 * - `changed`: it is not what was recorded
 * - `missing`: there is none with this number, although there are later ones, or the head names one
 * - `misplaced`: it was recorded here, but not after the entry that is before it
 * - `unexpected`: it comes after the last that the head knows of
 */
export const BrokenEntry = Type.Object({
  sequence: Type.Integer(),
  problem: Type.Union([
    Type.Literal('changed'),
    Type.Literal('missing'),
    Type.Literal('misplaced'),
    Type.Literal('unexpected'),
  ]),
})
export type BrokenEntry = Static<typeof BrokenEntry>

/** How a chain, or a stretch of it, turned out. */
export const AuditVerification = Type.Object({
  entries: Type.Integer({ minimum: 0, description: 'how many were checked and found right' }),
  intact: Type.Boolean(),
  firstBroken: Type.Optional(BrokenEntry),
})
export type AuditVerification = Static<typeof AuditVerification>

/** One answer checks a stretch; `after` is the sequence at which the next one begins. */
export const VerificationQuery = Type.Object(
  { after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })) },
  { additionalProperties: false },
)
export const StretchVerification = Type.Object({
  ...AuditVerification.properties,
  next: Type.Optional(Type.Integer({ description: 'the chain goes on behind this sequence' })),
})

/** The audit trail of `service`, for the administrators' console (scope `audit.read`). */
export function auditTrail(calls: ServiceCalls, service: ServiceName) {
  const scope = 'audit.read'
  return {
    /** Newest first. @throws CallRefused `invalid_request`: the cursor is none of this list */
    page: (query: AuditFilter & Page = {}) =>
      calls.call(service, {
        scope,
        method: 'GET',
        path: withQuery('/audit-events', query),
        response: AuditEntries,
      }),
    head: () =>
      calls.call(service, { scope, method: 'GET', path: '/audit-events/head', response: AuditHead }),
    /** Walks the whole chain, in as many calls as it takes, to its end or to the first entry that is broken. */
    async verify(): Promise<AuditVerification> {
      let entries = 0
      let after: number | undefined
      for (;;) {
        const { next, ...stretch } = await calls.call(service, {
          scope,
          method: 'GET',
          path: withQuery('/audit-events/verification', { after }),
          response: StretchVerification,
        })
        entries += stretch.entries
        if (next === undefined || !stretch.intact) return { ...stretch, entries }
        after = next
      }
    },
  }
}
