// Every number of fact sheet 6.3 that this service keeps to. `LIMITS` overrides single ones; the numbers for codes by
// text and call are in the code policy of one-time-codes.

import type { Limit } from '@gatehouse/provider/limits'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ms = 'milliseconds'
const source = 'facts login-gov §6.3'

export const LIMITS = {
  sessionIdleMs: { default: 15 * MINUTE, unit: ms, minimum: 1, source },
  sessionLongestMs: { default: 12 * HOUR, unit: ms, minimum: 1, source },
  sessionWarningMs: { default: 150 * SECOND, unit: ms, source },
  codeWarningMs: { default: 150 * SECOND, unit: ms, source },
  triesLeftWarning: { default: 3, unit: 'tries left from which on the person is warned', source },
  passwordTriesPerSession: { default: 5, unit: 'tries', minimum: 1, source },
  passwordWaitMs: { default: 60 * SECOND, unit: ms, source },
  passwordTriesPerUserAndAddress: { default: 50, unit: 'tries', minimum: 1, source },
  passwordTriesWindowMs: { default: 12 * HOUR, unit: ms, minimum: 1, source },
  passwordTriesGrowthPercent: {
    default: 110,
    unit: 'percent of the window before, for each further try',
    source,
  },
  passwordTriesLongestWindowMs: { default: 30 * DAY, unit: ms, source },
  passwordPostsPerEmailAndAddress: {
    default: 5,
    unit: 'posts, the last of which starts the ban',
    minimum: 1,
    source,
  },
  passwordPostsWindowMs: { default: 60 * SECOND, unit: ms, minimum: 1, source },
  passwordPostsBanMs: { default: 60 * SECOND, unit: ms, source },
  requestsPerAddress: { default: 300, unit: 'requests', minimum: 1, source },
  requestsWindowMs: { default: 300 * SECOND, unit: ms, minimum: 1, source },
  phoneSetUpSends: { default: 20, unit: 'codes per account', minimum: 1, source },
  phoneSetUpWindowMs: { default: 24 * HOUR, unit: ms, minimum: 1, source },
  rememberedBrowserMs: { default: 720 * HOUR, unit: ms, source },
  reauthenticationWindowMs: { default: 20 * MINUTE, unit: ms, source },
  profileOpenMs: { default: 30 * MINUTE, unit: ms, source: 'facts login-gov §6.1' },
  phones: { default: 5, unit: 'per account', minimum: 1, source: 'facts login-gov §6.2' },
  authenticatorApps: { default: 2, unit: 'per account', minimum: 1, source: 'facts login-gov §6.2' },
  certificates: { default: 2, unit: 'per account', minimum: 1, source: 'facts login-gov §6.2' },
  emailAddresses: { default: 12, unit: 'per account', minimum: 1, source: 'facts login-gov §6.2' },
  securityKeys: { default: 10, unit: 'per account', minimum: 1, source: 'assumed' },
  backupCodes: { default: 10, unit: 'per set', minimum: 1, source: 'facts login-gov §6.2' },
  emailConfirmationMails: { default: 20, unit: 'mails per address', minimum: 1, source: 'assumed' },
  emailConfirmationMailsWindowMs: { default: 60 * MINUTE, unit: ms, minimum: 1, source: 'assumed' },
  emailConfirmationMs: { default: DAY, unit: ms, source: 'facts login-gov §6.1' },
  passwordResetLinkMs: { default: 30 * MINUTE, unit: ms, source },
  passwordResetMails: { default: 20, unit: 'mails per address', minimum: 1, source },
  passwordResetMailsWindowMs: { default: 60 * MINUTE, unit: ms, minimum: 1, source },
  accountResetWaitMs: { default: DAY, unit: ms, source },
  accountResetLinkMs: { default: DAY, unit: ms, source },
  accountResetRequests: { default: 2, unit: 'requests', minimum: 1, source },
  accountResetRequestsWindowMs: { default: 2 * MINUTE, unit: ms, minimum: 1, source },
  shortestPassword: { default: 12, unit: 'characters', minimum: 1, source: 'facts login-gov §6.1' },
  rulesOfUseMs: { default: 5 * 365 * DAY, unit: ms, source: 'facts login-gov §6.1' },
  consentMs: { default: 365 * DAY, unit: ms, source: 'facts login-gov §6.1' },
  pushTimeoutMs: { default: 3 * SECOND, unit: ms, minimum: 1, source: 'facts login-gov §7.1' },
  pushRetryWaitMs: { default: 5 * SECOND, unit: ms, source: 'assumed' },
  pushesPerUrl: { default: 1_000, unit: 'pushes to one URL', minimum: 1, source: 'facts login-gov §7.1' },
  pushesWindowMs: { default: 60 * SECOND, unit: ms, minimum: 1, source: 'facts login-gov §7.1' },
  pushedTokenLifetimeMs: { default: 12 * HOUR, unit: ms, minimum: 1, source: 'facts login-gov §7.1' },
  proofingAttempts: { default: 5, unit: 'tries that failed, per account', minimum: 1, source: 'assumed' },
  proofingAttemptsWindowMs: { default: 6 * HOUR, unit: ms, minimum: 1, source: 'assumed' },
  codeLifetimeMs: { default: 300 * SECOND, unit: ms, minimum: 1, source: 'facts login-gov §3' },
} as const satisfies Record<string, Limit>
