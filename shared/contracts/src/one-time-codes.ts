import { type Static, Type } from 'typebox'
import { Nothing, type ServiceCalls } from './calls.ts'
import { NextPage, type Page, PageInBody } from './paging.ts'

export const Channel = Type.Union([Type.Literal('text'), Type.Literal('call')])
export type Channel = Static<typeof Channel>

/** Control characters and halves of surrogate pairs, which not every database stores, are not part of a name. */
const PLAIN = '[^\\p{Cc}\\p{Cs}]'

/** Whose wrong tries count together. It stands in paths, out of which `.` and `..` would vanish. */
export const Owner = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: `^(?!\\.{1,2}$)${PLAIN}+$`,
  description: 'whose wrong tries count together, such as an account id; kept apart per calling service',
})

/** Asks for a code to be sent. */
export const ChallengeRequest = Type.Object(
  {
    owner: Owner,
    purpose: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,63}$',
      description: 'what the code is for, such as sign-in',
    }),
    channel: Channel,
    length: Type.Union([Type.Literal(6), Type.Literal(8)]),
    phoneNumber: Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164' }),
    sender: Type.String({
      minLength: 1,
      maxLength: 40,
      pattern: `^${PLAIN}+$`,
      description: 'who the text or call says it comes from',
    }),
    origin: Type.Optional(
      Type.String({
        maxLength: 253,
        pattern: `^${PLAIN}*$`,
        description: 'host name for the origin-bound last line of a text (WebOTP)',
      }),
    ),
    language: Type.Optional(Type.Union([Type.Literal('en'), Type.Literal('es')])),
  },
  { additionalProperties: false },
)
export type ChallengeRequest = Static<typeof ChallengeRequest>

/** A challenge as its owner's service sees it. Instants are milliseconds. */
export const Challenge = Type.Object({
  challengeId: Type.String(),
  channel: Channel,
  length: Type.Integer(),
  phoneNumberEnding: Type.String({ description: 'the last four digits' }),
  expiresAt: Type.Integer({ description: 'ten minutes after the newest request' }),
  resendAt: Type.Integer({ description: 'not before this may another code be asked for' }),
  delivery: Type.String({
    description: 'what the carrier last said, in its own words (queued, delivered, failed …)',
  }),
})
export type Challenge = Static<typeof Challenge>

export const ResendRequest = Type.Object({ channel: Type.Optional(Channel) }, { additionalProperties: false })
export const VerificationRequest = Type.Object(
  // Anything a person types: what cannot be a code is a wrong try, not a malformed request.
  { code: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)
export const Verified = Type.Object({
  verified: Type.Literal(true),
  channel: Channel,
  verifiedAt: Type.Integer(),
})

/** The wrong tries of an owner, over all methods. Instants are milliseconds. */
export const Tries = Type.Object({
  triesLeft: Type.Integer({ minimum: 0, description: '0 while locked out' }),
  lockedUntil: Type.Optional(Type.Integer({ description: 'while locked out: when that ends by itself' })),
})
export type Tries = Static<typeof Tries>

/**
 * What `one-time-codes` refuses, by `code` of the problem:
 * - `code_not_accepted` (409): wrong, malformed, expired, used, replaced or unknown, which all look alike; `triesLeft`
 *   is given and at least 1, because the wrong try that was the last is answered with `locked_out`
 * - `locked_out` (429): too many wrong tries of any method, or too many requests; `retryAt` in milliseconds; no code
 *   is looked at until then, and no secret of another method may be
 * - `overtaken` (409): of `request`, when a newer one of the owner and purpose was faster at the carrier or replaced it
 *   at once. The newest code counts, and it may be another session's: whoever has a challenge from that newer request
 *   goes on with it, anyone else asks anew
 * - `resend_too_soon` (429): `retryAt` in milliseconds
 * - `not_found` (404): of `find` and `resend`, for a challenge that is used, replaced, unknown or another service's;
 *   an expired one is found, and may be resent
 * - `phone_number_not_usable` (422): the carrier or the number plan refuses the number
 * - `delivery_failed` (502): the carrier did not take the message
 */
export function oneTimeCodes(calls: ServiceCalls) {
  const scope = 'challenges.write'
  const triesAt = (owner: string) => `/owners/${encodeURIComponent(owner)}/tries`
  const at = (challengeId: string) => `/challenges/${encodeURIComponent(challengeId)}`
  return {
    request: (body: ChallengeRequest) =>
      calls.call('one-time-codes', { scope, method: 'POST', path: '/challenges', body, response: Challenge }),
    find: (challengeId: string) =>
      calls.call('one-time-codes', { scope, method: 'GET', path: at(challengeId), response: Challenge }),
    resend: (challengeId: string, channel?: Channel) =>
      calls.call('one-time-codes', {
        scope,
        method: 'POST',
        path: `${at(challengeId)}/resends`,
        body: channel ? { channel } : {},
        response: Challenge,
      }),
    verify: (challengeId: string, code: string) =>
      calls.call('one-time-codes', {
        scope,
        method: 'POST',
        path: `${at(challengeId)}/verifications`,
        body: { code },
        response: Verified,
      }),
    /**
     * Counts a try of a method that the caller judges itself, on the count that `verify` counts on. Call it before the
     * secret is looked at. `triesLeft` 0 says that this was the last: unless it is right and `forgetTries` follows, the
     * owner stays locked out until `lockedUntil`.
     *
     * @throws CallRefused `locked_out`: the secret may not be looked at
     */
    countTry: (owner: string) =>
      calls.call('one-time-codes', { scope, method: 'POST', path: triesAt(owner), response: Tries }),
    /** Takes tries and any lock-out away: after success by any method but `verify`, which does so itself, or a recovery. */
    forgetTries: (owner: string) =>
      calls.call('one-time-codes', { scope, method: 'DELETE', path: triesAt(owner), response: Nothing }),
    /** Counts nothing. */
    triesOf: (owner: string) =>
      calls.call('one-time-codes', { scope, method: 'GET', path: triesAt(owner), response: Tries }),
  }
}

/** Codes that were sent for one request, without any code. Instants are milliseconds. */
export const SentCode = Type.Object({
  challengeId: Type.String({ description: 'names them in the audit trail' }),
  caller: Type.String({ description: 'the service that asked' }),
  owner: Type.String(),
  purpose: Type.String(),
  channel: Type.Optional(Channel),
  phoneNumberEnding: Type.String({ description: 'the last four digits' }),
  requestedAt: Type.Integer({ description: 'the newest request' }),
  sends: Type.Integer({ description: 'the first code and each that was sent again' }),
  delivery: Type.Optional(
    Type.String({ description: 'what the carrier last said of the newest, in its own words' }),
  ),
})
export type SentCode = Static<typeof SentCode>
export const SentCodes = Type.Object({ codes: Type.Array(SentCode), ...NextPage })

/** In a body: the ending of a phone number stands in no URL. */
export const SentCodeSearch = Type.Union([
  Type.Object(
    { caller: Type.String({ minLength: 1, maxLength: 64 }), owner: Owner, ...PageInBody },
    { additionalProperties: false },
  ),
  Type.Object(
    { phoneNumberEnding: Type.String({ pattern: '^[0-9]{4}$' }), ...PageInBody },
    { additionalProperties: false },
  ),
])
export type SentCodeSearch = Static<typeof SentCodeSearch>

/** The codes of the last 90 days, for the administrators' console (scope `challenges.read`); newest first. */
export function sentCodes(calls: ServiceCalls) {
  const search = (body: SentCodeSearch) =>
    calls.call('one-time-codes', {
      scope: 'challenges.read',
      method: 'POST',
      path: '/sent-codes/searches',
      body,
      response: SentCodes,
    })
  return {
    /** @param caller the provider that had them sent */
    ofOwner: (caller: string, owner: string, page: Page = {}) => search({ caller, owner, ...given(page) }),
    byPhoneNumberEnding: (phoneNumberEnding: string, page: Page = {}) =>
      search({ phoneNumberEnding, ...given(page) }),
  }
}

function given({ cursor, limit }: Page): { cursor?: string; limit?: number } {
  return { ...(cursor === undefined ? {} : { cursor }), ...(limit === undefined ? {} : { limit }) }
}
