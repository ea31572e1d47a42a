// A forgotten password: a link by mail, and a new password. The second factor stays what it is.

import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { readAddress } from '@gatehouse/provider/mail/address'
import type { MailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { PasswordStep } from '@gatehouse/provider/password/password-step'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import { Type } from 'typebox'
import type { Frame } from '../browser/frame.ts'
import type { Letters } from '../mail/letters.ts'
import type { MailedLinks } from '../mail/mailed-links.ts'
import { addressPage, sentPage } from '../mail/pages.ts'
import { PATHS } from '../paths.ts'
import { deadLinkPage } from '../recovery/pages.ts'
import { TokenQuery } from '../recovery/routes.ts'
import { problemOf, problemText } from './new-password.ts'
import { forgotPage, resetPage } from './pages.ts'

export const AddressForm = Type.Object(
  { email: Type.String({ maxLength: 255 }), continue: Type.Optional(Type.String()) },
  { additionalProperties: false },
)
export const NewPasswordForm = Type.Object(
  { token: Type.String({ maxLength: 100 }), password: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)

export interface PasswordRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  sessions: Sessions
  passwordStep: PasswordStep
  links: MailedLinks
  letters: Letters
  mailLimit: MailLimit
  limits: { passwordLinkMs: number; shortestPassword: number }
  audit: Audit
}

export function addPasswordRoutes(app: App, parts: PasswordRouteParts): void {
  const { visits, frame, accounts, sessions, passwordStep, links, letters, mailLimit, limits, audit } = parts
  const { passwordLinkMs, shortestPassword: shortest } = limits
  const link = `${PATHS.password}/link`

  app.get(PATHS.password, async (request, reply) => {
    const page = addressPage(frame.around(request, reply), forgotPage(request.visit.language.lang))
    return frame.show(request, reply, page)
  })

  app.post(PATHS.password, { schema: { body: AddressForm } }, async (request, reply) => {
    const { lang } = request.visit.language
    const around = frame.around(request, reply)
    const email = readAddress(request.body.email)
    if (!email) return frame.show(request, reply, addressPage(around, forgotPage(lang), request.body.email))
    const account = await accounts.findByEmail(email)
    // A mail goes to an address that nobody has as well: neither the answer nor the time it takes tells which it is.
    await mailLimit.once('password', account?.id ?? email, async () => {
      if (!account) return letters.send('noAccount', email, lang, PATHS.signUp)
      const token = await links.make('password', { accountId: account.id }, passwordLinkMs)
      return letters.send('passwordReset', email, lang, `${link}?token=${token}`, passwordLinkMs)
    })
    return frame.show(request, reply, sentPage(around, email))
  })

  async function accountOf(token: string) {
    const content = await links.find('password', token)
    return content && accounts.find(content.accountId)
  }

  app.get(link, { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token = '' } = request.query
    const account = await accountOf(token)
    const around = frame.around(request, reply)
    const page = account ? resetPage(around, { token, email: account.email, shortest }) : deadLinkPage(around)
    return frame.show(request, reply, page)
  })

  app.post(link, { schema: { body: NewPasswordForm } }, async (request, reply) => {
    const { token, password } = request.body
    const { lang, base } = request.visit.language
    const around = frame.around(request, reply)
    const account = await accountOf(token)
    if (!account) return frame.show(request, reply, deadLinkPage(around))
    const { email } = account
    const problem = await problemOf(password, { email, shortest })
    if (problem) {
      const error = problemText(problem, shortest, lang)
      return frame.show(request, reply, resetPage(around, { token, email, shortest, error }))
    }
    await accounts.setPassword(account.id, password)
    await links.end('password', token)
    await passwordStep.forget(account.id)
    // Whoever is signed in with the old one need not be the person.
    await sessions.endAll(account.id, 'password_changed')
    await audit.record({
      event: 'password.reset',
      outcome: 'success',
      actor: account.id,
      requestId: request.id,
    })
    await mailLimit.once('password-changed', account.id, () =>
      letters.send('passwordChanged', email, lang, PATHS.password),
    )
    await visits.keep(request, reply, { notice: { kind: 'password_changed' } })
    return reply.redirect(base + PATHS.signIn, 303)
  })
}
