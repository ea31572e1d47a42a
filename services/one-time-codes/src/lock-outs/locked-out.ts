import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'

/** @param retryAt milliseconds; nothing of the owner is looked at before */
export function lockedOut(retryAt: number): Refusal {
  return new Refusal('locked_out', undefined, { retryAt }, retryAfter(retryAt))
}

/** The `retry-after` header for an instant, in seconds and never 0. */
export function retryAfter(retryAt: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil((retryAt - now()) / 1000))) }
}
