import { type Static, Type } from 'typebox'
import { Nothing, type ServiceCalls } from './calls.ts'
import { Owner } from './one-time-codes.ts'
import { NextPage, type Page, PageQuery, withQuery } from './paging.ts'

/** One line as it is printed. */
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\p{Cc}\\p{Cs}]+$' })

/** Where a letter goes: a US mailing address (facts ssa-sign-in §3). */
export const PostalAddress = Type.Object(
  {
    name: line(80),
    /** A second line of the name, such as the company. */
    company: Type.Optional(line(80)),
    street: line(80),
    city: line(40),
    state: Type.String({ pattern: '^[A-Z]{2}$', description: 'two letters, as the Postal Service has them' }),
    zipCode: Type.String({ pattern: '^[0-9]{5}(-[0-9]{4})?$' }),
  },
  { additionalProperties: false },
)
export type PostalAddress = Static<typeof PostalAddress>

/** The secrets that come by letter. Form, lifetime and tries of each are policy of `upgrade-codes`. */
export const LetterKind = Type.Union([
  Type.Literal('upgrade-code'),
  Type.Literal('reset-code'),
  Type.Literal('activation-code'),
  Type.Literal('temporary-password'),
])
export type LetterKind = Static<typeof LetterKind>

/**
 * - `requested`: not printed yet, or printed and not handed to the mail; it is tried again
 * - `printed`: has its code, and is about to be handed to the mail
 * - `mailed`: in the mail
 * - `delivered`: the days that the mail takes are over
 * - `used`, `expired` (after the date printed on it), `cancelled`, `returned` (undeliverable), `resent` (a newer letter took
 *   its place): its code opens nothing any more
 */
export const LetterState = Type.Union([
  Type.Literal('requested'),
  Type.Literal('printed'),
  Type.Literal('mailed'),
  Type.Literal('delivered'),
  Type.Literal('used'),
  Type.Literal('expired'),
  Type.Literal('cancelled'),
  Type.Literal('returned'),
  Type.Literal('resent'),
])
export type LetterState = Static<typeof LetterState>

export const LetterRequest = Type.Object(
  {
    owner: Owner,
    kind: LetterKind,
    recipient: PostalAddress,
    /** What an activation code is for, as the letter says it, such as a service and a User ID. */
    subject: Type.Optional(line(120)),
  },
  { additionalProperties: false },
)
export type LetterRequest = Static<typeof LetterRequest>

/** A letter without its secret. Instants are milliseconds. */
export const Letter = Type.Object({
  letterId: Type.String(),
  kind: LetterKind,
  state: LetterState,
  expiresOn: Type.Optional(
    Type.String({
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
      description: 'the last day; printed on the letter',
    }),
  ),
  /** When each step was taken. */
  at: Type.Partial(Type.Record(LetterState, Type.Integer())),
})
export type Letter = Static<typeof Letter>

export const Letters = Type.Object({ letters: Type.Array(Letter) })

export const RedemptionRequest = Type.Object(
  {
    kind: LetterKind,
    // Anything a person types: what cannot be a code is a wrong try, not a malformed request.
    code: Type.String({ maxLength: 1024 }),
    reference: Type.String({
      pattern: '^[\\w-]{1,64}$',
      description:
        'what the code is used for, such as one enrolment: a repetition with the same reference is answered like the first',
    }),
  },
  { additionalProperties: false },
)
export const Redeemed = Type.Object({ letterId: Type.String(), usedAt: Type.Integer() })

/**
 * Secrets by letter. An owner is kept apart per calling service.
 *
 * What `upgrade-codes` refuses, by `code` of the problem:
 * - `code_not_accepted` (409): wrong, malformed, expired, used, replaced, cancelled or another owner's, which all look
 *   alike; `triesLeft` is at least 1
 * - `locked_out` (429): too many wrong tries of this owner and kind, `retryAt` in milliseconds; a new letter does not
 *   change that
 * - `too_many_letters` (429): more letters than the policy allows in a span, `retryAt` in milliseconds
 * - `not_found` (404)
 * - `letter_not_open` (409): of `resend` and `returned`, for a letter that is used, cancelled, or replaced; of `returned`
 *   also before it was mailed. One that has expired or came back may be sent again
 */
export function upgradeCodes(calls: ServiceCalls) {
  const scope = 'letters.write'
  const ofOwner = (owner: string) => `/owners/${encodeURIComponent(owner)}`
  const at = (letterId: string) => `/letters/${encodeURIComponent(letterId)}`
  return {
    /** Requests a letter. It ends the code of an earlier one of this owner and kind. */
    request: (body: LetterRequest) =>
      calls.call('upgrade-codes', { scope, method: 'POST', path: '/letters', body, response: Letter }),
    /** The letters of an owner, newest first. */
    list: (owner: string, kind: LetterKind) =>
      calls.call('upgrade-codes', {
        scope,
        method: 'GET',
        path: `${ofOwner(owner)}/letters?kind=${kind}`,
        response: Letters,
      }),
    /** Sends another letter, with another code, to the same address; answers with the new one. */
    resend: (letterId: string) =>
      calls.call('upgrade-codes', {
        scope,
        method: 'POST',
        path: `${at(letterId)}/resends`,
        body: {},
        response: Letter,
      }),
    /** Spends the code. Of several redemptions at once one wins. */
    redeem: (owner: string, body: Static<typeof RedemptionRequest>) =>
      calls.call('upgrade-codes', {
        scope,
        method: 'POST',
        path: `${ofOwner(owner)}/redemptions`,
        body,
        response: Redeemed,
      }),
    /** Ends the code of the letter that is open, if any. */
    cancel: (owner: string, kind: LetterKind) =>
      calls.call('upgrade-codes', {
        scope,
        method: 'DELETE',
        path: `${ofOwner(owner)}/letters?kind=${kind}`,
        response: Nothing,
      }),
    /** For the mail: the letter came back as undeliverable. */
    returned: (letterId: string) =>
      calls.call('upgrade-codes', {
        scope: 'letters.return',
        method: 'POST',
        path: `${at(letterId)}/returns`,
        body: {},
        response: Letter,
      }),
  }
}

/** What was mailed, for the administrators' console: letters without their secrets and addresses. */
export const SentLetters = Type.Object({ letters: Type.Array(Letter), ...NextPage })
export const SentLetterQuery = Type.Object(PageQuery, { additionalProperties: false })

/** Scope `letters.read`. */
export function sentLetters(calls: ServiceCalls) {
  return {
    /**
     * All letters of an owner, newest first.
     *
     * @param caller the service that had them mailed: `my-ssa` for an account there, `bso-user-ids` for the owner
     *   `<User ID>:<EIN>:<service>`
     */
    ofOwner: (caller: string, owner: string, page: Page = {}) =>
      calls.call('upgrade-codes', {
        scope: 'letters.read',
        method: 'GET',
        path: withQuery(
          `/callers/${encodeURIComponent(caller)}/owners/${encodeURIComponent(owner)}/letters`,
          page,
        ),
        response: SentLetters,
      }),
  }
}
