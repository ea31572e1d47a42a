// People as sign-in knows them, for the administrators' console.

import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'
import { NextPage, PageInBody } from './paging.ts'

const MaskedSsn = Type.String({ pattern: '^XXX-XX-[0-9]{4}$' })

/**
 * By what people are found:
 * - `name`: the beginning of a given, family or whole name, in either order; case, accents and signs do not count
 * - `email`: the beginning of an address, in any case
 * - `ssn-ending`: the last four digits of the SSN that a provider has proofed
 * - `account`: the account id
 * - `credential`: `<idp>:<subject>`
 */
export const PeopleSearchBy = Type.Union([
  Type.Literal('name'),
  Type.Literal('email'),
  Type.Literal('ssn-ending'),
  Type.Literal('account'),
  Type.Literal('credential'),
])
export type PeopleSearchBy = Static<typeof PeopleSearchBy>

export const PeopleSearch = Type.Object(
  { by: PeopleSearchBy, text: Type.String({ minLength: 1, maxLength: 320 }), ...PageInBody },
  { additionalProperties: false },
)
export type PeopleSearch = Static<typeof PeopleSearch>

export const PersonFound = Type.Object({
  accountId: Type.String(),
  name: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  maskedSsn: Type.Optional(MaskedSsn),
  idps: Type.Array(Type.String(), { description: 'the providers of the credentials' }),
})
export type PersonFound = Static<typeof PersonFound>
export const PeopleFound = Type.Object({ people: Type.Array(PersonFound), ...NextPage })
export type PeopleFound = Static<typeof PeopleFound>

/** Instants are milliseconds. */
export const PersonCredential = Type.Object({
  idp: Type.String(),
  subject: Type.String(),
  acr: Type.Optional(Type.String()),
  amr: Type.Array(Type.String()),
  lastUsedAt: Type.Integer(),
  proofedAt: Type.Optional(
    Type.Integer({ description: 'when the provider last asserted a proofed identity' }),
  ),
  maskedSsn: Type.Optional(MaskedSsn),
})
export type PersonCredential = Static<typeof PersonCredential>

export const PersonSession = Type.Object({
  sid: Type.String({
    description: 'the `sid` of access tokens, and the value of a revocation of kind `session`',
  }),
  idp: Type.String(),
  subject: Type.String({ description: 'of the credential that was used' }),
  acr: Type.Optional(Type.String()),
  amr: Type.Array(Type.String()),
  device: Type.Optional(
    Type.String({
      description: 'the User-Agent header of the browser at the sign-in; anybody can write anything there',
    }),
  ),
  startedAt: Type.Integer({ description: 'the newest authentication in it' }),
  lastUsedAt: Type.Integer({ description: 'to the minute; by a visit here, or a token that was issued' }),
  endsAt: Type.Integer(),
  clients: Type.Array(Type.String(), { description: 'the relying services that it signed in to' }),
})
export type PersonSession = Static<typeof PersonSession>

export const PersonGrant = Type.Object({
  clientId: Type.String(),
  sid: Type.Optional(Type.String()),
  bsoUserId: Type.Optional(Type.String()),
  ein: Type.Optional(Type.String()),
  grantedAt: Type.Integer(),
  scopes: Type.Array(Type.String()),
  resources: Type.Array(Type.String(), { description: 'the audiences that tokens may be asked for' }),
})
export type PersonGrant = Static<typeof PersonGrant>

/** A person with all that goes on at sign-in. Sessions and grants are those that are alive, newest first, 100 at most. */
export const Person = Type.Object({
  accountId: Type.String(),
  givenName: Type.Optional(Type.String()),
  familyName: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  createdAt: Type.Integer(),
  credentials: Type.Array(PersonCredential),
  sessions: Type.Array(PersonSession),
  grants: Type.Array(PersonGrant),
})
export type Person = Static<typeof Person>

/**
 * People at sign-in (scope `people.read`). Which revocations stand against one of them is in `revocations`, by account
 * and by credential.
 *
 * Refuses with `person_unknown` (404), and with `invalid_request` (400) what cannot be searched for.
 */
export function people(calls: ServiceCalls) {
  const scope = 'people.read'
  return {
    /** What is searched for is never in an address. Sorted by family and given name. */
    search: (body: PeopleSearch) =>
      calls.call('sign-in', { scope, method: 'POST', path: '/people/searches', body, response: PeopleFound }),
    find: (accountId: string) =>
      calls.call('sign-in', {
        scope,
        method: 'GET',
        path: `/people/${encodeURIComponent(accountId)}`,
        response: Person,
      }),
  }
}
