import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'

export const Channel = Type.Union([Type.Literal('text'), Type.Literal('call')])
export type Channel = Static<typeof Channel>

/** Asks for a code to be sent. */
export const ChallengeRequest = Type.Object(
  {
    owner: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'whose wrong tries count together, such as an account id; kept apart per calling service',
    }),
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
      description: 'who the text or call says it comes from',
    }),
    origin: Type.Optional(
      Type.String({
        maxLength: 253,
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

/**
 * What `one-time-codes` refuses, by `code` of the problem:
 * - `code_not_accepted` (409): wrong, malformed, expired, used, replaced or unknown, which all look alike; `triesLeft`
 *   is given and at least 1, because the wrong try that was the last is answered with `locked_out`
 * - `locked_out` (429): too many wrong tries or requests; `retryAt` in milliseconds; no code is looked at until then
 * - `resend_too_soon` (429): `retryAt` in milliseconds
 * - `not_found` (404): of `find` and `resend`, for a challenge that is used, replaced, unknown or another service's;
 *   an expired one is found, and may be resent; and of `request`, when a newer one of the owner and purpose overtook it
 * - `phone_number_not_usable` (422): the carrier or the number plan refuses the number
 * - `delivery_failed` (502): the carrier did not take the message
 */
export function oneTimeCodes(calls: ServiceCalls) {
  const scope = 'challenges.write'
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
  }
}
