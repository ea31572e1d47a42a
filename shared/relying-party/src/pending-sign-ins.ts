// Sign-ins that were begun and not yet answered. What is kept belongs to one browser, and is taken once: an answer
// that somebody else began, or that came before, finds nothing.

import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Expected } from './relying-party.ts'

/** Milliseconds a person may take at sign-in and the provider; a letter's code, or a new User ID, is part of it. */
const PENDING_LIFETIME = 60 * 60 * 1000

export interface PendingSignIn {
  expected: Expected
  /** The page to show afterwards. */
  place: string
}

export interface PendingSignIns {
  /** Resolves once it is stored. */
  keep(browser: string, pending: PendingSignIn): Promise<void>
  /** What this browser began under `state`, once. */
  take(browser: string | undefined, state: string | null): Promise<PendingSignIn | undefined>
}

export function createPendingSignIns(keyValue: KeyValue, secrets: Secrets): PendingSignIns {
  const keyOf = (browser: string, state: string) =>
    `pending-sign-in:${secrets.digest('pending sign-in', `${browser} ${state}`)}`
  return {
    async keep(browser, pending) {
      const sealed = secrets.seal('pending sign-in', JSON.stringify(pending))
      await keyValue.put(keyOf(browser, pending.expected.state), { sealed }, now() + PENDING_LIFETIME)
    },
    async take(browser, state) {
      if (!browser || !state) return undefined
      const kept = await keyValue.take<{ sealed: string }>(keyOf(browser, state))
      return kept && (JSON.parse(secrets.unseal('pending sign-in', kept.sealed)) as PendingSignIn)
    },
  }
}
