// Links by which somebody who forgot the password chooses another one. Of the links for an account only the newest works,
// for a short while and once (OWASP ASVS 5.0 6.4.3, NIST SP 800-63B-4 §4.2.1).

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

/** Whose password it is for. */
export interface Reset {
  accountId: string
  /** Where the relying service's request goes on, should the session that held it be gone. */
  continueAt?: string
}

export interface ResetLinks {
  /** Gives the token for the letter; earlier ones are void. */
  begin(reset: Reset): Promise<string>
  /** What the page may keep of a token; nothing when it is unknown, too old or not the newest. */
  open(token: string): Promise<{ key: string; reset: Reset } | undefined>
  /** The same by what the page kept. */
  find(key: string): Promise<Reset | undefined>
  /** Uses the link up. Of two at once at most one is told true. */
  spend(key: string): Promise<boolean>
}

export interface ResetLinkParts {
  keyValue: KeyValue
  digest: (token: string) => string
  /** Milliseconds for which a link can be used. */
  linkMs: number
}

export function createResetLinks({ keyValue, digest, linkMs }: ResetLinkParts): ResetLinks {
  const at = (key: string) => `password-reset/${key}`
  const newestOf = (accountId: string) => `password-reset-newest/${accountId}`

  async function find(key: string): Promise<Reset | undefined> {
    const reset = await keyValue.get<Reset>(at(key))
    const isNewest = reset && (await keyValue.get<string>(newestOf(reset.accountId))) === key
    return isNewest ? reset : undefined
  }

  return {
    find,
    async begin(reset) {
      const token = randomBytes(24).toString('base64url')
      const key = digest(token)
      await keyValue.put(at(key), reset, now() + linkMs)
      await keyValue.put(newestOf(reset.accountId), key, now() + linkMs)
      return token
    },
    async open(token) {
      const key = digest(token)
      const reset = await find(key)
      return reset && { key, reset }
    },
    async spend(key) {
      return (await find(key)) !== undefined && (await keyValue.take(at(key))) !== undefined
    },
  }
}
