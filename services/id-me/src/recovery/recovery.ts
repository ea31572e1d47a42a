// Whoever fails too often, with passwords or with second factors, confirms the address of the account by a link in a mail;
// that takes the failures away (fact sheet 7). Without it the account opens by itself after a day.

import type { Lang } from '@gatehouse/pages/site'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { MailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { PasswordStep } from '@gatehouse/provider/password/password-step'
import type { Letters } from '../mail/letters.ts'
import type { MailedLinks } from '../mail/mailed-links.ts'
import { PATHS } from '../paths.ts'

export interface Recovery {
  /**
   * Mails a link, unless one has just been sent.
   *
   * @throws CallFailed when no mail can be sent now
   */
  mailLink(account: Account, lang: Lang): Promise<void>
  /** The same to an address that nobody has: a mail that says so, or the time without one would tell. */
  mailNobody(email: string, lang: Lang): Promise<void>
  /** The account that a link of a mail is for, while it works. */
  find(token: string): Promise<Account | undefined>
  /** Opens the account again; the link is used up. */
  recover(token: string, account: Account): Promise<void>
}

export interface RecoveryParts {
  accounts: Accounts
  tries: Tries
  passwordStep: PasswordStep
  links: MailedLinks
  letters: Letters
  mailLimit: MailLimit
  /** Milliseconds. */
  linkMs: number
}

export function createRecovery(parts: RecoveryParts): Recovery {
  const { accounts, tries, passwordStep, links, letters, mailLimit, linkMs } = parts
  return {
    mailLink: (account, lang) =>
      mailLimit.once('recovery', account.id, async () => {
        const token = await links.make('recovery', { accountId: account.id }, linkMs)
        await letters.send('recovery', account.email, lang, `${PATHS.recovery}/link?token=${token}`, linkMs)
      }),
    mailNobody: (email, lang) =>
      mailLimit.once('recovery', email, () => letters.send('noAccount', email, lang, PATHS.signUp)),
    async find(token) {
      const link = await links.find('recovery', token)
      return link && accounts.find(link.accountId)
    },
    async recover(token, { id }) {
      // The link goes last: should this be cut short, it can be opened again.
      await tries.forget(id)
      await passwordStep.forget(id)
      await links.end('recovery', token)
    },
  }
}
