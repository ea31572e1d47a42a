// Changes of extra security: recorded, and told to the person by e-mail (NIST SP 800-63B-4 §4.6).

import type { Audit } from '@gatehouse/audit/audit'
import { CallFailed } from '@gatehouse/contracts/calls'
import type { Mail } from '@gatehouse/contracts/lab'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { FastifyRequest } from 'fastify'
import { PATHS } from '../paths.ts'
import { SITE } from '../site.ts'

const LETTERS = {
  'extra-security.added': {
    subject: 'You added extra security',
    text: 'From now on we send a text message to your cell phone each time you sign in.',
  },
  'extra-security.removed': {
    subject: 'You removed extra security',
    text: 'From now on your username and password are enough to sign in.',
  },
  'extra-security.phone-changed': {
    subject: 'Your cell phone number changed',
    text: 'From now on we send the text messages for your sign-ins to another cell phone.',
  },
  'phone-reset.requested': {
    subject: 'You asked for a reset code',
    text: 'We are mailing a letter with a reset code, which puts another cell phone in the place of yours.',
  },
} as const

export type Change = keyof typeof LETTERS

export interface ChangeNotices {
  /** Records a change of the account that the session is of, and mails it to all its addresses. */
  tell(request: FastifyRequest, accountId: string, change: Change): Promise<void>
}

export interface NoticeParts {
  accounts: Accounts
  mail: Mail
  audit: Audit
  publicUrl: string
}

export function createChangeNotices({ accounts, mail, audit, publicUrl }: NoticeParts): ChangeNotices {
  return {
    async tell(request, accountId, change) {
      await audit.record({ event: change, outcome: 'success', actor: accountId, requestId: request.id })
      const account = await accounts.find(accountId)
      const { subject, text } = LETTERS[change]
      const { origin } = new URL(publicUrl)
      const body = [text, 'If it was not you, sign in, look at your settings and change your password:']
      try {
        for (const to of account?.emails ?? []) {
          const whole = [...body, origin + PATHS.securitySettings].join('\n\n')
          await mail.send({ from: SITE.name, to, subject, text: whole })
        }
      } catch (error) {
        // The change is made; that the mail did not go takes nothing back.
        if (!(error instanceof CallFailed)) throw error
        request.log.warn({ err: error }, 'no mail about a change of extra security')
      }
    },
  }
}
