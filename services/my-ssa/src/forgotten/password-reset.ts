// What every way to a new password ends with.

import { CallFailed } from '@gatehouse/contracts/calls'
import type { Account } from '@gatehouse/provider/accounts/account'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Emails } from '../mail/emails.ts'
import { createMailedLinks } from '../mail/mailed-links.ts'
import { createPasswordChange } from '../passwords/password-change.ts'
import { PATHS } from '../paths.ts'
import { createMySsaPasswordStep } from '../sign-in/password.ts'
import type { ForgottenRouteParts } from './routes.ts'

export interface PasswordReset {
  /** What somebody who guesses passwords would try with this person. */
  knownAbout(account: Account): Promise<string[]>
  /**
   * Changes the password, ends what else would change it (a link, a temporary password), signs the account out
   * everywhere, tells its e-mail address, and leads to the sign-in page: the new password alone is not more than a
   * password.
   */
  finish(
    request: FastifyRequest,
    reply: FastifyReply,
    account: Account,
    password: string,
    how: 'email' | 'letter',
  ): Promise<FastifyReply>
}

export function createPasswordReset(parts: ForgottenRouteParts & { emails: Emails }): PasswordReset {
  const { visits, usernames, letters, keyValue, secrets, emails, audit } = parts
  const changePassword = createPasswordChange(parts)
  const passwordStep = createMySsaPasswordStep(parts)
  const links = createMailedLinks(keyValue, secrets)

  return {
    async knownAbout({ id, email, profile }) {
      const { givenName = '', familyName = '', birthdate = '', socialSecurityNumber = '' } = profile ?? {}
      const username = (await usernames.of(id)) ?? ''
      return [username, email, givenName, familyName, birthdate, socialSecurityNumber]
    },
    async finish(request, reply, account, password, how) {
      await changePassword(account.id, password)
      await links.end('password', account.id)
      await passwordStep.forget(account.id)
      try {
        await letters.cancel(account.id, 'temporary-password')
      } catch (error) {
        // The password is changed; the next letter, or its last day, ends the code of this one.
        if (!(error instanceof CallFailed)) throw error
        request.log.warn({ err: error }, 'a temporary password that nobody needs any more could not be ended')
      }
      await audit.record({
        event: 'password.reset',
        outcome: 'success',
        actor: account.id,
        details: { how },
        requestId: request.id,
      })
      try {
        await emails.send('passwordChanged', account.email)
      } catch (error) {
        // The password is changed; that the e-mail did not go takes nothing back.
        if (!(error instanceof CallFailed)) throw error
        request.log.warn({ err: error }, 'no e-mail about a new password')
      }
      await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'password_changed' } })
      return reply.redirect(PATHS.signIn, 303)
    },
  }
}
