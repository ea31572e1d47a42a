/**
 * The time, for all code that asks for it. In the test profile `shifted-date.ts` moves the process-wide `Date`,
 * and with it this function and third-party code alike.
 *
 * @returns milliseconds since the Unix epoch
 */
export function now(): number {
  return Date.now()
}

/** The same instant in whole seconds, as JWT NumericDate claims want it (RFC 7519 §2). */
export function epochSeconds(): number {
  return Math.floor(now() / 1000)
}
