// A further e-mail address of an account waits here until the link in a letter to it was opened.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

export interface AddedEmail {
  accountId: string
  email: string
  /** Milliseconds; another password since makes the link worthless: somebody else may have asked for it. */
  passwordChangedAt: number
}

export interface AddedEmails {
  /** Gives the token for the letter. */
  begin(added: AddedEmail): Promise<string>
  find(token: string): Promise<AddedEmail | undefined>
  forget(token: string): Promise<void>
}

export function createAddedEmails(
  keyValue: KeyValue,
  digest: (token: string) => string,
  linkMs: number,
): AddedEmails {
  const at = (token: string) => `added-email/${digest(token)}`
  return {
    async begin(added) {
      const token = randomBytes(24).toString('base64url')
      await keyValue.put(at(token), added, now() + linkMs)
      return token
    },
    find: (token) => keyValue.get<AddedEmail>(at(token)),
    forget: (token) => keyValue.remove(at(token)),
  }
}
