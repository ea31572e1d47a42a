// Links in mail: whoever opens one has the mailbox. The token is in the mail alone, and what it stands for is kept under its
// digest until it expires.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

/** What each kind of link stands for. */
export interface LinkContents {
  /** Confirms the address of an account that is locked. */
  recovery: { accountId: string }
  password: { accountId: string }
  /** `continueAt` where the request of a relying service waited. */
  registration: { email: string; continueAt: string }
  /** A further address of an account. */
  email: { accountId: string; email: string }
}
export type LinkKind = keyof LinkContents

export interface MailedLinks {
  /** @param lifetimeMs milliseconds */
  make<Kind extends LinkKind>(kind: Kind, content: LinkContents[Kind], lifetimeMs: number): Promise<string>
  find<Kind extends LinkKind>(kind: Kind, token: string): Promise<LinkContents[Kind] | undefined>
  /** From now on the link leads nowhere. */
  end(kind: LinkKind, token: string): Promise<void>
}

export function createMailedLinks(
  keyValue: KeyValue,
  digest: (purpose: string, text: string) => string,
): MailedLinks {
  const keyOf = (kind: LinkKind, token: string) => `mailed-link/${kind}/${digest('mailed link', token)}`
  return {
    async make(kind, content, lifetimeMs) {
      const token = randomBytes(32).toString('base64url')
      await keyValue.put(keyOf(kind, token), content, now() + lifetimeMs)
      return token
    },
    find: (kind, token) => keyValue.get(keyOf(kind, token)),
    end: (kind, token) => keyValue.remove(keyOf(kind, token)),
  }
}
