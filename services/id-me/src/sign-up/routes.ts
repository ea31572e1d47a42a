// A new account: the address is confirmed by a link in a mail, then a password is chosen. The second factor and the identity
// come with the steps that a request needs.

import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { readAddress } from '@gatehouse/provider/mail/address'
import type { MailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { IdMeDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import type { Letters } from '../mail/letters.ts'
import type { MailedLinks } from '../mail/mailed-links.ts'
import { addressPage, sentPage } from '../mail/pages.ts'
import { problemOf, problemText } from '../password/new-password.ts'
import { AddressForm, NewPasswordForm } from '../password/routes.ts'
import { PATHS } from '../paths.ts'
import { deadLinkPage } from '../recovery/pages.ts'
import { TokenQuery } from '../recovery/routes.ts'
import { newAccountPage, signUpPage } from './pages.ts'

export interface SignUpRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  destinations: IdMeDestinations
  links: MailedLinks
  letters: Letters
  mailLimit: MailLimit
  limits: { emailConfirmationMs: number; shortestPassword: number }
  audit: Audit
}

export function addSignUpRoutes(app: App, parts: SignUpRouteParts): void {
  const { visits, frame, accounts, destinations, links, letters, mailLimit, limits, audit } = parts
  const { emailConfirmationMs, shortestPassword: shortest } = limits
  const link = `${PATHS.signUp}/link`

  app.get(PATHS.signUp, async (request, reply) => {
    const around = frame.around(request, reply)
    if (request.visit.session?.signInId) {
      return reply.redirect(around.base + (around.destination?.continueAt ?? PATHS.settings))
    }
    return frame.show(request, reply, addressPage(around, signUpPage(around.lang, around.base)))
  })

  app.post(PATHS.signUp, { schema: { body: AddressForm } }, async (request, reply) => {
    const around = frame.around(request, reply)
    const { lang, base, destination } = around
    const email = readAddress(request.body.email)
    if (!email) {
      return frame.show(request, reply, addressPage(around, signUpPage(lang, base), request.body.email))
    }
    const continueAt = destination?.continueAt ?? request.body.continue ?? ''
    // Nobody is told whether an address has an account but who gets its mail.
    const isTaken = (await accounts.findByEmail(email)) !== undefined
    await mailLimit.once('registration', email, async () => {
      if (isTaken) return letters.send('alreadyRegistered', email, lang, PATHS.signIn)
      const token = await links.make('registration', { email, continueAt }, emailConfirmationMs)
      return letters.send('registration', email, lang, `${link}?token=${token}`, emailConfirmationMs)
    })
    return frame.show(request, reply, sentPage(around, email))
  })

  app.get(link, { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token = '' } = request.query
    const content = await links.find('registration', token)
    if (!content) return frame.show(request, reply, deadLinkPage(frame.around(request, reply)))
    const { email } = content
    return frame.show(
      request,
      reply,
      newAccountPage(frame.around(request, reply), { token, email, shortest }),
    )
  })

  app.post(link, { schema: { body: NewPasswordForm } }, async (request, reply) => {
    const { token, password } = request.body
    const around = frame.around(request, reply)
    const content = await links.find('registration', token)
    if (!content) return frame.show(request, reply, deadLinkPage(around))
    const { email, continueAt } = content
    const problem = await problemOf(password, { email, shortest })
    if (problem) {
      const error = problemText(problem, shortest, around.lang)
      return frame.show(request, reply, newAccountPage(around, { token, email, shortest, error }))
    }
    const accountId = await accounts.add({ email }, password)
    await links.end('registration', token)
    if (!accountId) return frame.show(request, reply, deadLinkPage(around))
    await audit.record({
      event: 'account.created',
      outcome: 'success',
      actor: accountId,
      requestId: request.id,
    })
    // The mail may have been opened in another browser than the one that the relying service sent.
    const pending = destinations.of(request.visit.session) ? undefined : destinations.resume(continueAt)
    await visits.keep(request, reply, pending ? { pending } : {})
    const session = await visits.signIn(request, reply, accountId, [], { methods: ['password'] })
    const next = destinations.of(session)?.continueAt ?? PATHS.setUp
    return reply.redirect(around.base + next, 303)
  })
}
