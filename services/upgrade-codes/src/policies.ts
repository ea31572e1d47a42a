// What each calling service's letters are like: every number of this service that somebody might want to change, with its
// unit and where it comes from. `LETTER_POLICIES` overrides single numbers.

import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import type { LetterKind } from '@gatehouse/contracts/upgrade-codes'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const HOUR = 3_600_000

const limits = {
  validDays: Type.Integer({
    minimum: 1,
    maximum: 366,
    description:
      'from the date printed on the letter to its last day; NIST SP 800-63A-4 §3.1.8 allows mailed codes 21 days within the contiguous US and 30 outside of it',
  }),
  deliveryDays: Type.Integer({
    minimum: 0,
    maximum: 60,
    description: 'days of 24 hours from the printing until it is in the letter box',
  }),
  wrongTries: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'the wrong try with this number locks out; NIST SP 800-63B-4 §3.2.2 allows 100 at most',
  }),
  lockOutMs: Type.Integer({
    minimum: 1_000,
    description: 'how long an owner stays locked out, in milliseconds',
  }),
  letters: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    description: 'letters of one kind to an owner in a span',
  }),
  spanDays: Type.Integer({ minimum: 1, maximum: 366, description: 'the span that `letters` counts in' }),
}

const length = (minimum: number, description: string) => Type.Integer({ minimum, maximum: 48, description })
const strict = { additionalProperties: false }

// NIST SP 800-63A-4 §3.1.8: six decimal digits at least.
const OfCode = Type.Object({ ...limits, length: length(6, 'characters of the code') }, strict)
// NIST SP 800-63B-4 §3.1.1.2: fifteen characters at least where a password is all that is asked for.
const OfPassword = Type.Object({ ...limits, length: length(15, 'characters, hyphens not counted') }, strict)
export type Policy = Static<typeof OfCode>

const BY_KIND = {
  'upgrade-code': OfCode,
  'reset-code': OfCode,
  'activation-code': OfCode,
  'temporary-password': OfPassword,
} satisfies Record<LetterKind, typeof OfCode>

const EVERY_KIND: Omit<Policy, 'length'> = {
  validDays: 30, // assumed: what Social Security gives the codes of 2024 (facts ssa-sign-in §3)
  deliveryDays: 0, // so that no test waits
  wrongTries: 5, // assumed, far below NIST's ceiling
  lockOutMs: 24 * HOUR, // assumed
  letters: 4, // assumed, as Login.gov has it (facts ssa-sign-in §5)
  spanDays: 30, // assumed, as Login.gov has it
}

const DEFAULTS: Record<LetterKind, Policy> = {
  'upgrade-code': { ...EVERY_KIND, length: 7 }, // seed 002
  'reset-code': { ...EVERY_KIND, length: 8 }, // assumed
  'activation-code': { ...EVERY_KIND, length: 8, validDays: 60 }, // 60 days: seed 001 §2.10; the length is assumed
  'temporary-password': { ...EVERY_KIND, length: 16 }, // 80 bits; assumed
}

export type Policies = (caller: string, kind: LetterKind) => Policy

const ByKind = Type.Object(
  Object.fromEntries(
    Object.entries(BY_KIND).map(([kind, policy]) => [kind, Type.Optional(Type.Partial(policy, strict))]),
  ),
  strict,
)
const Overrides = Type.Object(
  Object.fromEntries(['default', ...SERVICE_NAMES].map((name) => [name, Type.Optional(ByKind)])),
  strict,
)
type Overrides = Record<string, Partial<Record<LetterKind, Partial<Policy>>> | undefined>

function readOverrides(json: string): Overrides {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new ConfigurationError('unusable configuration: LETTER_POLICIES must be JSON')
  }
  if (Value.Check(Overrides, value)) return value as Overrides
  const rules = Value.Errors(Overrides, value).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  )
  throw new ConfigurationError(`unusable configuration: LETTER_POLICIES: ${rules.join('; ')}`)
}

/**
 * The policy of each calling service for each kind of letter.
 *
 * @param overrides JSON: the name of a service or `default`, to kinds, to an object with some of the numbers
 * @throws ConfigurationError for unknown names and for numbers beyond their bounds
 */
export function letterPolicies(overrides = '{}'): Policies {
  const given = readOverrides(overrides)
  return (caller, kind) => ({ ...DEFAULTS[kind], ...given.default?.[kind], ...given[caller]?.[kind] })
}
