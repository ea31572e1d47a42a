// How often a password may be tried: by one browser session (the password step of the provider), for one person from one
// address over hours and days, and by posts for one e-mail address within a minute (fact sheet 6.3, NIST SP 800-63B-4
// §3.2.2). Counted before the password is looked at, or many at once would all count as the first.

import { now } from '@gatehouse/clock/clock'
import { type Accounts, canonicalEmail } from '@gatehouse/provider/accounts/accounts'
import type { PasswordOutcome, PasswordStep } from '@gatehouse/provider/password/password-step'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { LIMITS } from '../limits.ts'

export interface PasswordAttempt {
  sessionId: string
  email: string
  password: string
  /** Of the client on the network. */
  address: string
}

export type AttemptOutcome =
  | PasswordOutcome
  | /** Too many posts; `until` in milliseconds. */ {
      outcome: 'banned'
      until: number
    }

export interface PasswordAttempts {
  attempt(attempt: PasswordAttempt): Promise<AttemptOutcome>
}

type Rules = Record<
  | 'passwordTriesPerUserAndAddress'
  | 'passwordTriesWindowMs'
  | 'passwordTriesGrowthPercent'
  | 'passwordTriesLongestWindowMs'
  | 'passwordPostsPerEmailAndAddress'
  | 'passwordPostsWindowMs'
  | 'passwordPostsBanMs',
  number
> &
  Partial<Record<keyof typeof LIMITS, number>>

export interface PasswordAttemptParts {
  step: PasswordStep
  accounts: Pick<Accounts, 'findByEmail'>
  keyValue: KeyValue
  /** Makes of a person and an address what may be kept. */
  digest: (text: string) => string
  limits: Rules
}

export function createPasswordAttempts({
  step,
  accounts,
  keyValue,
  digest,
  limits,
}: PasswordAttemptParts): PasswordAttempts {
  /** Gives until when posts are banned. The last one allowed is served, and starts the ban. */
  async function countPost(email: string, address: string): Promise<number | undefined> {
    const of = digest(`post ${email} ${address}`)
    const ban = `password-ban/${of}`
    const bannedUntil = await keyValue.get<number>(ban)
    if (bannedUntil) return bannedUntil
    const count = await keyValue.increment(`password-posts/${of}`, now() + limits.passwordPostsWindowMs)
    if (count < limits.passwordPostsPerEmailAndAddress) return undefined
    const until = now() + limits.passwordPostsBanMs
    await keyValue.put(ban, until, until)
    return count > limits.passwordPostsPerEmailAndAddress ? until : undefined
  }

  /** Each try makes the time longer for which all of them count. */
  function windowOf(tries: number): number {
    const { passwordTriesWindowMs: first, passwordTriesLongestWindowMs: longest } = limits
    return Math.min(
      first * (limits.passwordTriesGrowthPercent / 100) ** (tries - 1),
      Math.max(first, longest),
    )
  }

  /** Gives until when tries for this person from this address are blocked. */
  async function countTry(key: string): Promise<number | undefined> {
    const known = await keyValue.get<number>(`${key}/until`)
    if (!known) await keyValue.remove(key)
    const tries = await keyValue.increment(key, now() + windowOf(Number.POSITIVE_INFINITY))
    if (tries > limits.passwordTriesPerUserAndAddress && known) return known
    const until = Math.ceil(now() + windowOf(tries))
    await keyValue.put(`${key}/until`, until, until)
    return undefined
  }

  return {
    async attempt({ sessionId, email: given, password, address }) {
      // PostgreSQL takes no such character, and no address has one.
      const email = given.replaceAll('\u0000', '')
      const bannedUntil = await countPost(canonicalEmail(email), address)
      if (bannedUntil) return { outcome: 'banned', until: bannedUntil }
      // Each of somebody's addresses counts for the same person; an unknown one counts too, or its answer would tell.
      const person = (await accounts.findByEmail(email))?.id ?? canonicalEmail(email)
      const key = `password-tries-from/${digest(`try ${person} ${address}`)}`
      const blockedUntil = await countTry(key)
      if (blockedUntil) return { outcome: 'blocked', until: blockedUntil }
      const outcome = await step.attempt(sessionId, email, password)
      if ('account' in outcome) {
        await keyValue.remove(key)
        await keyValue.remove(`${key}/until`)
      }
      return outcome
    },
  }
}
