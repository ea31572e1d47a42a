// The numbers that this service keeps to. `LIMITS` overrides single ones; the numbers for codes by text and call are in
// the code policy of one-time-codes.

import type { Limit } from '@gatehouse/provider/limits'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
const ms = 'milliseconds'
const assumed = 'assumed'

export const LIMITS = {
  codeLifetimeMs: { default: 5 * MINUTE, unit: ms, minimum: 1, source: 'facts id-me §4' },
  accessTokenMs: { default: 300 * SECOND, unit: ms, minimum: 1, source: 'facts id-me §4' },
  refreshTokenMs: { default: 7 * DAY, unit: ms, minimum: 1, source: 'facts id-me §4' },
  userInfoMs: { default: 18_000 * SECOND, unit: ms, minimum: 1, source: 'facts id-me §5' },
  sessionIdleMs: { default: 15 * MINUTE, unit: ms, minimum: 1, source: assumed },
  sessionLongestMs: { default: 12 * 60 * MINUTE, unit: ms, minimum: 1, source: assumed },
  passwordTries: { default: 5, unit: 'wrong passwords that lock the account', minimum: 1, source: assumed },
  passwordLockMs: { default: DAY, unit: ms, source: 'facts id-me §7' },
  unlockLinkMs: { default: 15 * MINUTE, unit: ms, minimum: 1, source: 'facts id-me §7' },
  approvalMs: { default: 2 * MINUTE, unit: ms, minimum: 1, source: assumed },
  emailConfirmationMs: { default: DAY, unit: ms, minimum: 1, source: assumed },
  shortestPassword: { default: 8, unit: 'characters', minimum: 1, source: assumed },
  passwordLinkMs: { default: 15 * MINUTE, unit: ms, minimum: 1, source: assumed },
  mailEveryMs: { default: MINUTE, unit: ms, source: assumed },
  reauthenticationMs: { default: 20 * MINUTE, unit: ms, source: assumed },
  phones: { default: 5, unit: 'per account', minimum: 1, source: assumed },
  codeGenerators: { default: 2, unit: 'per account', minimum: 1, source: assumed },
  pushApps: { default: 5, unit: 'per account', minimum: 1, source: assumed },
  securityKeys: { default: 10, unit: 'of each kind per account', minimum: 1, source: assumed },
  backupCodes: { default: 10, unit: 'per set', minimum: 1, source: assumed },
  emailAddresses: { default: 12, unit: 'per account', minimum: 1, source: assumed },
} as const satisfies Record<string, Limit>
