import { now } from '@gatehouse/clock/clock'

/** The `retry-after` header for an instant, in seconds and never 0. */
export function retryAfter(retryAt: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil((retryAt - now()) / 1000))) }
}
