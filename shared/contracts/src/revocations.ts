// What ends access before its time: asked for by the administrators' console, enforced by gateways, told by sign-in.

import { type Static, Type } from 'typebox'
import { orderedBy } from './administrators.ts'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, withQuery } from './paging.ts'

/** What a revocation is aimed at. */
export const RevocationKind = Type.Union([
  Type.Literal('session', { description: 'one session at sign-in, by its `sid`' }),
  Type.Literal('account', { description: 'one person, by account id' }),
  Type.Literal('credential', { description: '`<idp>:<subject>`; no provider id has a colon' }),
  Type.Literal('bso_user_id'),
  Type.Literal('ein', { description: 'a whole company, nine digits' }),
  Type.Literal('client', { description: 'a relying service, by client id' }),
  Type.Literal('provider', { description: 'an identity provider, by its `idp`' }),
  Type.Literal('everything', { description: 'every session and token; the value is `*`' }),
])
export type RevocationKind = Static<typeof RevocationKind>

export const RevocationTarget = Type.Object(
  { kind: RevocationKind, value: Type.String({ minLength: 1, maxLength: 320 }) },
  { additionalProperties: false },
)
export type RevocationTarget = Static<typeof RevocationTarget>

/**
 * By what a token is matched: `session` its `sid`, `token` its `jti`, `grant` its `client_id` and `sid` with a space
 * between, `bso_user_id`, `ein`, `client` its `client_id`, `provider` its `idp`; `everything` matches each, with the
 * value `*`.
 */
export const MatchBy = Type.Union([
  Type.Literal('session'),
  Type.Literal('token'),
  Type.Literal('grant'),
  Type.Literal('bso_user_id'),
  Type.Literal('ein'),
  Type.Literal('client'),
  Type.Literal('provider'),
  Type.Literal('everything'),
])
export type MatchBy = Static<typeof MatchBy>

/**
 * A rule as gateways hold it. A token that one of `matches` matches is refused if it was issued at or before `instant`;
 * as `iat` counts whole seconds, that is `iat <= instant / 1000`, rounded down, and a tie is refused. It may be dropped
 * once every such token has expired.
 */
export const RevocationRule = Type.Object({
  sequence: Type.Integer({
    minimum: 1,
    description: 'each rule has the next number; the order of the stream',
  }),
  revocationId: Type.String(),
  instant: Type.Integer({ description: 'milliseconds' }),
  matches: Type.Array(Type.Object({ by: MatchBy, value: Type.String() })),
})
export type RevocationRule = Static<typeof RevocationRule>

/** Milliseconds between two heartbeats of the stream. */
export const HEARTBEAT_MS = 250
/** Milliseconds after which whoever could not make sure that no rule is missing refuses everything. */
export const LONGEST_SILENCE_MS = 1_000
/** Seconds that an access token lives at most: how long a rule has anything to match. */
export const LONGEST_TOKEN_SECONDS = 300

/**
 * The events of `GET /revocations` (server-sent events; scope `revocations.read`). The id of each is
 * `<epoch>.<sequence>`: the epoch names the history that sequences count in.
 * - `snapshot`: all rules that still match anything, up to `sequence`; in place of all that was known. Large ones come
 *   in several, of which all but the last say `more`.
 * - `revocation`: one `RevocationRule`, the next in order
 * - `heartbeat`: `{ "sequence" }`, of the newest rule
 */
export const Snapshot = Type.Object({
  after: Type.Integer({ minimum: 0, description: 'the `sequence` of the part before; 0 in the first' }),
  sequence: Type.Integer({ minimum: 0, description: 'up to here the parts so far are complete' }),
  rules: Type.Array(RevocationRule),
  more: Type.Boolean(),
})
export const Heartbeat = Type.Object({ sequence: Type.Integer({ minimum: 0 }) })

/**
 * `POST /revocations/acknowledgements` (scope `revocations.read`): what a gateway enforces. The answer is the newest
 * sequence that is stored, read after the request came in: where both are equal, nothing was missing when it was sent.
 */
export const Acknowledgement = Type.Object(
  {
    gateway: Type.String({ pattern: '^[\\w-]{8,64}$', description: 'made anew when the gateway starts' }),
    name: Type.String({ minLength: 1, maxLength: 200, description: 'for people, such as its host and port' }),
    epoch: Type.String({ maxLength: 64 }),
    sequence: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
)
export type Acknowledgement = Static<typeof Acknowledgement>
export const StoredUpTo = Type.Object({ epoch: Type.String(), sequence: Type.Integer({ minimum: 0 }) })
export type StoredUpTo = Static<typeof StoredUpTo>

/**
 * What became of a rule at one gateway: `in-force` so many milliseconds after it was published, or not confirmed within
 * `LONGEST_SILENCE_MS`. By then a gateway that cannot confirm it lets nothing through.
 */
export const GatewayEnforcement = Type.Object({
  gateway: Type.String({ description: 'made anew when the gateway starts' }),
  name: Type.String(),
  state: Type.Union([Type.Literal('in-force'), Type.Literal('refusing-everything')]),
  milliseconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
})
export type GatewayEnforcement = Static<typeof GatewayEnforcement>

const Count = Type.Integer({ minimum: 0 })
const Ticket = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })

/** What a revocation would end if it came now. */
export const RevocationPreview = Type.Object({
  target: RevocationTarget,
  label: Type.Optional(Type.String({ description: 'whom or what the value names, for people' })),
  sessions: Type.Integer({
    minimum: 0,
    description: 'sessions at sign-in. Of a client, a User ID and a company none end, only what came of them',
  }),
  people: Count,
  grants: Type.Integer({ minimum: 0, description: 'each one person at one relying service' }),
  refreshTokens: Count,
  tokensInFlight: Type.Integer({
    minimum: 0,
    description:
      'access tokens that may be alive, counted high: refresh tokens of the last five minutes, which each came with one, and grants without refresh tokens',
  }),
  clients: Type.Array(Type.String(), { description: 'client ids of the relying services' }),
})
export type RevocationPreview = Static<typeof RevocationPreview>

/** Whom or what a target names, for people: a person by name, or by the masked e-mail address. */
export const RevocationLabel = Type.Object({ target: RevocationTarget, label: Type.String() })
export type RevocationLabel = Static<typeof RevocationLabel>
export const RevocationLabels = Type.Object({ labels: Type.Array(RevocationLabel) })
export const LabelsRequest = Type.Object(
  { targets: Type.Array(RevocationTarget, { maxItems: 200 }) },
  { additionalProperties: false },
)

export const RevocationOrder = Type.Object(
  {
    target: RevocationTarget,
    ...orderedBy,
    ticket: Type.Optional(Ticket),
    lasting: Type.Boolean({
      description:
        'access stays ended until `endsAt`, or until it is reinstated. For account, credential, client and provider; of User IDs and companies `bso-user-ids` keeps it',
    }),
    endsAt: Type.Optional(Type.Integer({ description: 'milliseconds; only of a lasting one' })),
    reference: Type.String({
      pattern: '^[\\w-]{8,64}$',
      description: 'of two orders with the same reference one is carried out, and both get its answer',
    }),
  },
  { additionalProperties: false },
)
export type RevocationOrder = Static<typeof RevocationOrder>

/** How a relying service heard of it. */
export const Reach = Type.Object({
  service: Type.String({ description: 'client id' }),
  channel: Type.Union([Type.Literal('back-channel-logout'), Type.Literal('push'), Type.Literal('poll')]),
  state: Type.Union([Type.Literal('pending'), Type.Literal('reached'), Type.Literal('failed')]),
  milliseconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
    description: 'since the revocation was published',
  }),
})
export type Reach = Static<typeof Reach>

/** A revocation that was ordered. Instants are milliseconds. */
export const Revocation = Type.Object({
  revocationId: Type.String(),
  target: RevocationTarget,
  reason: Type.String(),
  ticket: Type.Optional(Type.String()),
  by: Type.String(),
  lasting: Type.Boolean(),
  endsAt: Type.Optional(Type.Integer()),
  orderedAt: Type.Integer(),
  instant: Type.Optional(
    Type.Integer({ description: 'of its rule; without it the rule is not published yet' }),
  ),
  sequence: Type.Optional(Type.Integer({ description: 'of its rule' })),
  ended: Type.Object(
    { sessions: Count, grants: Count, refreshTokens: Count },
    { description: 'what it ended' },
  ),
  standing: Type.Boolean({ description: 'it is lasting, and neither its end nor a reinstatement has come' }),
  reinstatedAt: Type.Optional(Type.Integer()),
  reinstatedBy: Type.Optional(Type.String()),
  reinstatementReason: Type.Optional(Type.String()),
  reinstatementTicket: Type.Optional(Type.String()),
  enforcement: Type.Array(GatewayEnforcement),
  reach: Type.Array(Reach),
})
export type Revocation = Static<typeof Revocation>
export const Revocations = Type.Object({ revocations: Type.Array(Revocation), ...NextPage })
export type Revocations = Static<typeof Revocations>

export const Reinstatement = Type.Object(
  { ...orderedBy, ticket: Type.Optional(Ticket) },
  { additionalProperties: false },
)
export type Reinstatement = Static<typeof Reinstatement>

export interface RevocationFilter extends Page {
  kind?: RevocationKind
  value?: string
  /** Only those that stand, or only those that do not. */
  standing?: boolean
}

/**
 * Revocations at sign-in: `revocations.read` to look, `revocations.write` to revoke and to reinstate, `people.read` for names.
 *
 * What `sign-in` refuses:
 * - `target_unknown` (422): nothing of that name is known here; `detail` says what
 * - `lasting_not_possible` (422): a session and everything end once; User IDs and companies are kept by `bso-user-ids`
 * - `end_not_usable` (422): `endsAt` is past, or of a revocation that is not lasting
 * - `reference_used` (409): the reference belongs to another order
 * - `revocation_unknown` (404)
 * - `not_standing` (409): of a reinstatement: nothing is ended any more
 */
export function revocations(calls: ServiceCalls) {
  const read = 'revocations.read'
  const write = 'revocations.write'
  const one = (revocationId: string) => `/revocations/history/${encodeURIComponent(revocationId)}`
  return {
    preview: (body: RevocationTarget) =>
      calls.call('sign-in', {
        scope: read,
        method: 'POST',
        path: '/revocations/previews',
        body,
        response: RevocationPreview,
      }),
    /** Those of a whole page at once. What is unknown here is left out, as are User IDs and companies. */
    labels: (body: Static<typeof LabelsRequest>) =>
      calls.call('sign-in', {
        scope: 'people.read',
        method: 'POST',
        path: '/revocations/labels',
        body,
        response: RevocationLabels,
      }),
    /** Answers once all gateways enforce it, or refuse everything. After a failed call: repeat it. */
    revoke: (body: RevocationOrder) =>
      calls.call('sign-in', {
        scope: write,
        method: 'POST',
        path: '/revocations',
        body,
        response: Revocation,
      }),
    /** Those that were ordered, newest first. */
    list: ({ kind, value, standing, ...page }: RevocationFilter = {}) =>
      calls.call('sign-in', {
        scope: read,
        method: 'GET',
        path: withQuery('/revocations/history', { ...page, kind, value, standing }),
        response: Revocations,
      }),
    find: (revocationId: string) =>
      calls.call('sign-in', { scope: read, method: 'GET', path: one(revocationId), response: Revocation }),
    /** Lets in again whom a lasting revocation keeps out. What it ended stays ended. */
    reinstate: (revocationId: string, body: Reinstatement) =>
      calls.call('sign-in', {
        scope: write,
        method: 'POST',
        path: `${one(revocationId)}/reinstatements`,
        body,
        response: Revocation,
      }),
  }
}
