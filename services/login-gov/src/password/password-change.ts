// A password becomes another one: by its owner in the account, or by a link after it was forgotten.

import type { Audit } from '@gatehouse/audit/audit'
import type { Lang } from '@gatehouse/pages/site'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Session, Sessions } from '@gatehouse/provider/sessions/sessions'
import type { Link } from '../browser/links.ts'
import type { Post } from '../mail/post.ts'
import { passwordChangedLetter } from '../password-reset/letters.ts'

export interface PasswordChangeParts {
  accounts: Accounts
  sessions: Sessions
  events: AccountEvents
  post: Post
  link: Link
  audit: Audit
}

export interface ChangedPassword {
  account: Account
  password: string
  /** Stays signed in; every other session of the account ends. */
  session?: Session
  lang: Lang
  requestId: string
}

export type ChangePassword = (changed: ChangedPassword) => Promise<void>

export function createPasswordChange(parts: PasswordChangeParts): ChangePassword {
  const { accounts, sessions, events, post, link, audit } = parts
  return async ({ account, password, session, lang, requestId }) => {
    // Kept for relying services before the change: told for nothing is better than never told.
    await events.publish({ kind: 'password-reset', accountId: account.id })
    await accounts.setPassword(account.id, password)
    await sessions.endAll(account.id, 'password_changed', session)
    await audit.record({ event: 'password.changed', outcome: 'success', actor: account.id, requestId })
    await post.notify(account.emails, passwordChangedLetter(link('/users/password/new', lang), lang), lang)
  }
}
