// What ends access before its time: asked for by the administrators' console, enforced by gateways, told by sign-in.

import { type Static, Type } from 'typebox'

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
  sequence: Type.Integer({ minimum: 0 }),
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
