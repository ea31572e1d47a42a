// Somebody who wants an account shows first that the e-mail address is theirs, by a link in a letter. Whether an address
// has an account already is told to its owner by letter and to nobody else (OWASP ASVS 5.0 6.3.8).

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Lang } from '@gatehouse/pages/site'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { KeyValue } from '@gatehouse/storage/key-value'

/** A confirmed address that has no account yet. */
export interface SignUp {
  email: string
  /** Of the letters to it. */
  language: Lang
  /** Where the relying service's request goes on, should the session that held it be gone. */
  continueAt?: string
}

export interface SignUps {
  /** Gives the token for the letter. */
  begin(signUp: SignUp): Promise<string>
  /** What the page may keep of a token; nothing when it is unknown or too old. */
  open(token: string): Promise<{ key: string; signUp: SignUp } | undefined>
  /** The same by what the page kept. */
  find(key: string): Promise<SignUp | undefined>
  /** Makes the account and voids the token; gives nothing when the address got an account meanwhile. */
  finish(key: string, signUp: SignUp, password: string): Promise<string | undefined>
}

export interface SignUpParts {
  accounts: Pick<Accounts, 'add'>
  keyValue: KeyValue
  digest: (token: string) => string
  /** Milliseconds for which a link can be used. */
  linkMs: number
}

export function createSignUps({ accounts, keyValue, digest, linkMs }: SignUpParts): SignUps {
  const at = (key: string) => `sign-up/${key}`

  return {
    async begin(signUp) {
      const token = randomBytes(24).toString('base64url')
      await keyValue.put(at(digest(token)), signUp, now() + linkMs)
      return token
    },
    async open(token) {
      const key = digest(token)
      const signUp = await keyValue.get<SignUp>(at(key))
      return signUp && { key, signUp }
    },
    find: (key) => keyValue.get<SignUp>(at(key)),
    async finish(key, { email }, password) {
      // The rules were accepted when the address was entered. The account first: killed in between, the link still works.
      const id = await accounts.add({ email, rulesAcceptedAt: now() }, password)
      await keyValue.remove(at(key))
      return id
    },
  }
}
