// What my Social Security writes by e-mail about accounts. Letters on paper are written by upgrade-codes.

import type { Mail } from '@gatehouse/contracts/lab'
import { PATHS } from '../paths.ts'
import { SITE } from '../site.ts'
import { lengthOfTime } from './length-of-time.ts'

interface Email {
  subject: string
  /** Paragraphs before and after the link. */
  before: string
  after?: string
}

const CALL = 'If it was not you, call us at 1-800-772-1213 (TTY 1-800-325-0778).'

const words = {
  registration: (left) => ({
    subject: 'Confirm your e-mail address',
    before: 'Go on to create your my Social Security account here:',
    after: `The link works once, for ${left}. If you did not ask for it, do nothing.`,
  }),
  alreadyRegistered: () => ({
    subject: 'You already have an account',
    before:
      'Somebody wanted to create a my Social Security account with this address, but it belongs to an account already. Sign in here:',
    after: CALL,
  }),
  username: (_left, username) => ({
    subject: 'Your username',
    before: `Your username for my Social Security is ${username}. Sign in here:`,
    after: CALL,
  }),
  passwordReset: (left) => ({
    subject: 'Reset your password',
    before: 'Choose a new password here:',
    after: `The link works once, for ${left}. If you did not ask for it, do nothing.`,
  }),
  passwordChanged: () => ({
    subject: 'Your password changed',
    before: `The password of your my Social Security account was changed. ${CALL} You can also choose a new one:`,
  }),
  accountCreated: () => ({
    subject: 'Your account was created',
    before: `A my Social Security account was created for you. ${CALL} Sign in here:`,
  }),
  accessBlocked: () => ({
    subject: 'Electronic access to your information is blocked',
    before: `Nobody can sign in to your my Social Security account any more, and you cannot create another. To have it unblocked, call us at 1-800-772-1213 (TTY 1-800-325-0778).`,
  }),
  accessUnblocked: () => ({
    subject: 'Electronic access to your information is open again',
    before: `The block was taken away. ${CALL} Sign in here:`,
  }),
} as const satisfies Record<string, (left: string, username: string) => Email>

export type EmailKind = keyof typeof words

/** Where the link of an e-mail leads that is given none. */
const LINKS: Partial<Record<EmailKind, string>> = {
  alreadyRegistered: PATHS.signIn,
  username: PATHS.signIn,
  passwordChanged: PATHS.forgotPassword,
  accountCreated: PATHS.signIn,
  accessUnblocked: PATHS.signIn,
}

export interface Emails {
  /**
   * @param given `link`: path and query of this service; `lifetimeMs`: how long the link works, where it ends
   * @throws CallFailed when no e-mail can be sent now
   */
  send(
    kind: EmailKind,
    to: string,
    given?: { link?: string; lifetimeMs?: number; username?: string },
  ): Promise<void>
}

export function createEmails(mail: Mail, publicUrl: string): Emails {
  return {
    async send(kind, to, { link = LINKS[kind], lifetimeMs = 0, username = '' } = {}) {
      const email: Email = words[kind](lengthOfTime(lifetimeMs), username)
      const address = link === undefined ? undefined : new URL(publicUrl).origin + link
      const text = [email.before, address, email.after].filter((part) => part !== undefined).join('\n\n')
      await mail.send({ from: SITE.name, to, subject: email.subject, text })
    },
  }
}
