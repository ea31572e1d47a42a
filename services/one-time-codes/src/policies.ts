// What each calling service's codes may be used like: every number of this service that somebody might want to change,
// with its unit and where it comes from. `CODE_POLICIES` overrides single numbers.

import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const MINUTE = 60_000

const Policy = Type.Object(
  {
    lifetimeMs: Type.Integer({
      minimum: 1_000,
      maximum: 10 * MINUTE,
      description:
        'from the request to the end of its code; NIST SP 800-63B-4 §3.1.3.2 allows 10 minutes at most',
    }),
    coolDownMs: Type.Integer({ minimum: 0, description: 'from one request to the next resend' }),
    wrongTries: Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'the wrong try with this number locks out; NIST SP 800-63B-4 §3.2.2 allows 100 at most',
    }),
    lockOutMs: Type.Integer({ minimum: 1_000, description: 'how long an owner stays locked out' }),
    sends: Type.Integer({
      minimum: 1,
      description: 'codes to one phone number in a window; one more locks out',
    }),
    sendWindowMs: Type.Integer({ minimum: 1_000, description: 'the window, from its first code on' }),
    callRepeats: Type.Integer({
      minimum: 0,
      maximum: 10,
      description: 'how often a call may repeat the code on a key',
    }),
  },
  { additionalProperties: false },
)
export type Policy = Static<typeof Policy>

/** Callers without a row of their own. */
const DEFAULT: Policy = {
  lifetimeMs: 10 * MINUTE, // facts ssa-sign-in §3: "expires 10 minutes from the time of the request"
  coolDownMs: 30_000, // assumed
  wrongTries: 5, // assumed, far below NIST's ceiling (facts ssa-sign-in §6)
  lockOutMs: 10 * MINUTE, // assumed, as Login.gov has it
  sends: 10, // assumed, as Login.gov has it
  sendWindowMs: 5 * MINUTE, // assumed, as Login.gov has it
  callRepeats: 3, // assumed
}

const BY_CALLER: Record<string, Partial<Policy>> = {
  // Login.gov's published defaults, facts login-gov §6.3.
  'login-gov': {
    coolDownMs: 10_000,
    wrongTries: 10,
    lockOutMs: 10 * MINUTE,
    sends: 10,
    sendWindowMs: 5 * MINUTE,
  },
  // Facts id-me §7, which has neither lifetime nor cool-down. After 3 failed tries an e-mail recovers the account;
  // the wait without it is published for bad sign-ins and assumed to be the same here.
  'id-me': {
    lifetimeMs: 10 * MINUTE, // assumed
    coolDownMs: 30_000, // assumed
    wrongTries: 3,
    lockOutMs: 24 * 60 * MINUTE,
  },
  // Facts ssa-sign-in §3: ten minutes "from the time of your request", up to two minutes to arrive, sent again on
  // request. Social Security's counts are not public.
  'my-ssa': {
    lifetimeMs: 10 * MINUTE,
    coolDownMs: 30_000, // assumed
    wrongTries: 5, // assumed
    lockOutMs: 10 * MINUTE, // assumed
  },
}

export type Policies = (caller: string) => Policy

const Overrides = Type.Object(
  Object.fromEntries(
    ['default', ...SERVICE_NAMES].map((name) => [
      name,
      Type.Optional(Type.Partial(Policy, { additionalProperties: false })),
    ]),
  ),
  { additionalProperties: false },
)

function readOverrides(json: string): Record<string, Partial<Policy>> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new ConfigurationError('unusable configuration: CODE_POLICIES must be JSON')
  }
  if (Value.Check(Overrides, value)) return value as Record<string, Partial<Policy>>
  const rules = Value.Errors(Overrides, value).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  )
  throw new ConfigurationError(`unusable configuration: CODE_POLICIES: ${rules.join('; ')}`)
}

/**
 * The policy of each calling service.
 *
 * @param overrides JSON: the name of a service or `default`, to an object with some of the numbers
 * @throws ConfigurationError for unknown names and for numbers beyond their bounds
 */
export function codePolicies(overrides = '{}'): Policies {
  const given = readOverrides(overrides)
  return (caller) => ({ ...DEFAULT, ...given.default, ...BY_CALLER[caller], ...given[caller] })
}
