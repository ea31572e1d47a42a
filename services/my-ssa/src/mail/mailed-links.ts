// Links in e-mail: whoever opens one has the mailbox. The token is in the mail alone. A link works once, and a newer one of
// the same kind for the same owner ends it.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'

/** `password` of an account; `registration` of an application for one. */
export type LinkKind = 'password' | 'registration'

export interface MailedLinks {
  /**
   * @param owner whose link it is; it ends the one before
   * @param lifetimeMs milliseconds
   */
  make(kind: LinkKind, owner: string, lifetimeMs: number): Promise<string>
  /** The owner, while the link works. */
  find(kind: LinkKind, token: string): Promise<string | undefined>
  /** Uses it up; of two at once one gets the owner. */
  take(kind: LinkKind, token: string): Promise<string | undefined>
  /** From now on no link of the owner works. */
  end(kind: LinkKind, owner: string): Promise<void>
}

export function createMailedLinks(keyValue: KeyValue, secrets: Pick<Secrets, 'digest'>): MailedLinks {
  const digestOf = (token: string) => secrets.digest('mailed link', token)
  const ownerKey = (kind: LinkKind, digest: string) => `mailed-link/${kind}/${digest}`
  const newestKey = (kind: LinkKind, owner: string) => `newest-link/${kind}/${owner}`

  async function find(kind: LinkKind, token: string) {
    const digest = digestOf(token)
    const owner = await keyValue.get<string>(ownerKey(kind, digest))
    if (owner === undefined) return undefined
    return (await keyValue.get(newestKey(kind, owner))) === digest ? owner : undefined
  }

  return {
    async make(kind, owner, lifetimeMs) {
      const token = randomBytes(32).toString('base64url')
      const digest = digestOf(token)
      await keyValue.put(ownerKey(kind, digest), owner, now() + lifetimeMs)
      await keyValue.put(newestKey(kind, owner), digest, now() + lifetimeMs)
      return token
    },
    find,
    async take(kind, token) {
      if ((await find(kind, token)) === undefined) return undefined
      return keyValue.take<string>(ownerKey(kind, digestOf(token)))
    },
    end: (kind, owner) => keyValue.remove(newestKey(kind, owner)),
  }
}
