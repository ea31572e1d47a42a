// Authenticator apps: time-based one-time passcodes (RFC 6238) with what every app supports: SHA-1, six digits, 30 s.

import { now } from '@gatehouse/clock/clock'
import { generateSecret, generateURI, verifySync } from 'otplib'
import { renderSVG } from 'uqr'

const SECRET_BYTES = 20
const PERIOD = 30

/** @returns 160 random bits in base32, as RFC 4226 §4 (R6) recommends */
export function newTotpSecret(): string {
  return generateSecret({ length: SECRET_BYTES })
}

/** The `otpauth:` address that apps read out of a QR code. It holds the secret. */
export function totpUri(of: { issuer: string; account: string; secret: string }): string {
  const { issuer, account, secret } = of
  return generateURI({ strategy: 'totp', issuer, label: account, secret, algorithm: 'sha1', digits: 6 })
}

/** @returns SVG markup, for `!${}` of a template */
export function qrCode(uri: string): string {
  // A quiet zone of four modules, as ISO/IEC 18004 asks for.
  return renderSVG(uri, { ecc: 'M', border: 4 })
}

/**
 * Which time step's code this is, by the clock of the suite; one step early or late is taken (RFC 6238 §5.2). Hand the
 * step to `authenticators.use(id, step)`, which gives false for a code that was used before.
 *
 * @param code as entered: blanks and a leading number sign do not count
 * @returns the time step, or nothing when it is none of their codes
 */
export function totpStep(secret: string, code: string): number | undefined {
  const token = code.replace(/^\s*#/, '').replace(/\s/g, '')
  // Anything else makes the library throw.
  if (!/^[0-9]{6}$/.test(token)) return undefined
  const epoch = Math.floor(now() / 1000)
  const verified = verifySync({ secret, token, epoch, epochTolerance: PERIOD, period: PERIOD })
  return verified.valid && 'timeStep' in verified ? verified.timeStep : undefined
}
