// What an authenticator app is told when an account is added: a setup key that a person types, or the otpauth address
// that a QR code holds.

import type { FieldError } from '@gatehouse/pages/forms'
import { type OTPAuthParams, parse } from '@otplib/uri'
import { createGuardrails, generateSync, ScureBase32Plugin } from 'otplib'

export interface SetupRequest {
  /** Base32; blanks and hyphens do not count. An otpauth address is taken too. */
  setupKey?: string
  /** `otpauth://totp/…` */
  uri?: string
  /** Beside a setup key only: an address has its own. */
  issuer?: string
  account?: string
}

/** How the codes of an account are made (RFC 6238). */
export interface Setup {
  /** Base32, upper case, without padding. */
  secret: string
  algorithm: NonNullable<OTPAuthParams['algorithm']>
  digits: NonNullable<OTPAuthParams['digits']>
  /** Seconds for which a code counts. */
  period: number
}

export interface NewAccount {
  issuer: string
  account: string
  setup: Setup
}

/** Ten bytes is the shortest key that the usual apps take; the library would ask for 16 (RFC 4226 §4 R6). */
const FEWEST_BYTES = 10
const MOST_BYTES = 64
/** Seconds. */
const LONGEST_PERIOD = 3_600
const guardrails = createGuardrails({
  MIN_SECRET_BYTES: FEWEST_BYTES,
  MAX_SECRET_BYTES: MOST_BYTES,
  MAX_PERIOD: LONGEST_PERIOD,
})
const base32 = new ScureBase32Plugin()

/** The code that counts at `at` (milliseconds). */
export function codeOf({ secret, algorithm, digits, period }: Setup, at: number): string {
  const epoch = Math.floor(at / 1_000)
  return generateSync({ secret, algorithm, digits, period, epoch, guardrails })
}

/** The account, or which field is wrong and why; the message never repeats what was entered. */
export function readSetup(request: SetupRequest): { account: NewAccount } | { error: FieldError } {
  const { setupKey, uri } = request
  const refuse = (field: string, message: string) => ({ error: { field, message } })
  if (setupKey !== undefined && uri !== undefined)
    return refuse('uri', 'Enter a setup key or an address, not both')
  const entered = (setupKey ?? uri ?? '').trim()
  const field = setupKey === undefined && uri !== undefined ? 'uri' : 'setupKey'
  if (/^otpauth:/i.test(entered)) return readAddress(entered, (message) => refuse(field, message))
  if (field === 'uri') return refuse(field, 'Enter an address that begins with otpauth://totp/')
  const secret = readKey(entered)
  if ('error' in secret) return refuse(field, secret.error)
  return {
    account: {
      issuer: nameOf(request.issuer ?? ''),
      account: nameOf(request.account ?? ''),
      setup: { ...secret, algorithm: 'sha1', digits: 6, period: 30 },
    },
  }
}

function readKey(entered: string): { secret: string } | { error: string } {
  const secret = entered.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
  if (secret === '') return { error: 'Enter a setup key' }
  if (!/^[A-Z2-7]+$/.test(secret)) return { error: 'A setup key has only letters and the digits 2 to 7' }
  try {
    const { length } = base32.decode(secret)
    if (length < FEWEST_BYTES)
      return { error: 'This setup key is too short: it needs 16 characters at least' }
    if (length > MOST_BYTES) return { error: 'This setup key is too long: it has 103 characters at most' }
    return { secret }
  } catch {
    return { error: 'This setup key is not complete: characters are missing at its end' }
  }
}

function readAddress<Refused>(
  address: string,
  refuse: (message: string) => Refused,
): { account: NewAccount } | Refused {
  let parsed: ReturnType<typeof parse>
  try {
    // The scheme in any case (RFC 3986 §3.1); the library knows one.
    parsed = parse(address.replace(/^otpauth:/i, 'otpauth:'))
  } catch (error) {
    return refuse(ADDRESS_ERRORS[(error as Error).name] ?? 'This otpauth address cannot be read')
  }
  const { type, label, params } = parsed
  if (type !== 'totp') return refuse('Only codes that change with time (otpauth://totp/) can be made here')
  const key = readKey(params.secret)
  if ('error' in key) return refuse(key.error)
  const colon = label.indexOf(':')
  const { algorithm = 'sha1', digits = 6, period = 30 } = params
  if (period > LONGEST_PERIOD) return refuse('A code can count for 3600 seconds at most')
  return {
    account: {
      issuer: nameOf(params.issuer ?? label.slice(0, Math.max(0, colon))),
      account: nameOf(label.slice(colon + 1)),
      setup: { ...key, algorithm, digits, period },
    },
  }
}

/** Characters of an issuer or an account that are kept. */
export const LONGEST_NAME = 120

/** Without control characters: PostgreSQL keeps NUL in no text. */
const nameOf = (entered: string) =>
  entered
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, LONGEST_NAME)

/** By the name of the library's error: its messages repeat what was entered, and that is a secret. */
const ADDRESS_ERRORS: Record<string, string> = {
  InvalidURIError: 'Enter an address that begins with otpauth://totp/',
  MissingParameterError: 'This otpauth address has no secret',
  InvalidParameterError:
    'This otpauth address asks for codes that cannot be made here: the type is totp, the algorithm SHA1, SHA256 or SHA512, digits 6 to 8, and the period whole seconds',
}
