// The numbers that this service keeps to. `LIMITS` overrides single ones; the numbers for codes by text are in the code
// policy of one-time-codes, those for codes by letter in upgrade-codes.

import type { Limit } from '@gatehouse/provider/limits'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ms = 'milliseconds'
const assumed = 'assumed'
const sessions = 'assumed; what SP 800-63-3 had for AAL2 (facts ssa-sign-in §6)'

export const LIMITS = {
  sessionIdleMs: { default: 30 * MINUTE, unit: ms, minimum: 1, source: sessions },
  sessionLongestMs: { default: 12 * HOUR, unit: ms, minimum: 1, source: sessions },
  /** How long an authorization request waits for the person. */
  interactionMs: { default: HOUR, unit: ms, minimum: SECOND, source: assumed },
  authorizationCodeMs: { default: MINUTE, unit: ms, minimum: SECOND, source: assumed },
  accessTokenMs: { default: 5 * MINUTE, unit: ms, minimum: SECOND, source: assumed },
  idTokenMs: { default: 5 * MINUTE, unit: ms, minimum: SECOND, source: assumed },

  passwordTries: { default: 5, unit: 'wrong passwords that block a username', minimum: 1, source: assumed },
  passwordBlockMs: { default: DAY, unit: ms, source: assumed },
  shortestPassword: {
    default: 15,
    unit: 'characters',
    minimum: 1,
    source: 'NIST 800-63B-4 §3.1.1.2 (facts ssa-sign-in §6)',
  },
  passwordLinkMs: { default: 15 * MINUTE, unit: ms, minimum: 1, source: assumed },
  emailConfirmationMs: { default: DAY, unit: ms, minimum: 1, source: assumed },
  mailEveryMs: { default: MINUTE, unit: ms, source: assumed },
  /** Tries to be recognised by one's details: forgotten username, creating an account, blocking electronic access. */
  recognitionTries: { default: 10, unit: 'per person and span', minimum: 1, source: assumed },
  recognitionSpanMs: { default: DAY, unit: ms, minimum: 1, source: assumed },
} as const satisfies Record<string, Limit>
