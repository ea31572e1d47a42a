// A forgotten password: a link by e-mail, or a temporary password by letter.

import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import type { Account, Profile } from '@gatehouse/provider/accounts/account'
import type { MailLimit } from '@gatehouse/provider/mail/mail-limit'
import { Type } from 'typebox'
import type { Problem } from '../identity/details.ts'
import { typedLine } from '../identity/forms.ts'
import type { Afterwards } from '../mail/afterwards.ts'
import type { Emails } from '../mail/emails.ts'
import { createMailedLinks } from '../mail/mailed-links.ts'
import { newPasswordRule } from '../passwords/new-password.ts'
import { PATHS } from '../paths.ts'
import { deadLinkPage, forgotPasswordPage, newPasswordPage, passwordRequestedPage } from './pages.ts'
import { createPasswordReset } from './password-reset.ts'
import type { ForgottenRouteParts } from './routes.ts'

const ForgotForm = Type.Object(
  {
    // No control characters: PostgreSQL cannot even look for some.
    username: Type.Optional(Type.String({ maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })),
    how: typedLine(),
  },
  { additionalProperties: false },
)
const TokenQuery = Type.Object({ token: typedLine(100) })
const NewPasswordForm = Type.Object(
  { token: typedLine(100), password: Type.Optional(Type.String({ maxLength: 1024 })) },
  { additionalProperties: false },
)

export interface ForgottenPasswordRouteParts extends ForgottenRouteParts {
  emails: Emails
  mailLimit: MailLimit
  afterwards: Afterwards
}

export function addForgottenPasswordRoutes(app: App, parts: ForgottenPasswordRouteParts): void {
  const { limits, frame, accounts, usernames, letters, emails, mailLimit, afterwards } = parts
  const { keyValue, secrets, audit } = parts
  const { passwordLinkMs, shortestPassword: shortest } = limits
  const links = createMailedLinks(keyValue, secrets)
  const reset = createPasswordReset(parts)
  const link = `${PATHS.forgotPassword}/link`

  const ways = {
    email: (account: Account) =>
      mailLimit.once('password', account.id, async () => {
        const token = await links.make('password', account.id, passwordLinkMs)
        const place = { link: `${link}?token=${token}`, lifetimeMs: passwordLinkMs }
        await emails.send('passwordReset', account.email, place)
      }),
    async letter({ id: owner, profile }: Account) {
      if (!profile) throw new Error('an account of this service has no mailing address')
      await letters.request({ owner, kind: 'temporary-password', recipient: recipientOf(profile) })
    },
  }

  app.get(PATHS.forgotPassword, async (request, reply) =>
    frame.show(request, reply, forgotPasswordPage(frame.around(request, reply))),
  )

  app.post(PATHS.forgotPassword, { schema: { body: ForgotForm } }, async (request, reply) => {
    const { username = '', how = '' } = request.body
    const problems: Problem[] = []
    if (username.trim() === '') problems.push({ field: 'username', rule: 'Enter your username.' })
    if (how !== 'email' && how !== 'letter') {
      problems.push({ field: 'how', rule: 'Say how you would like to choose a new password.' })
    }
    if (problems.length > 0 || (how !== 'email' && how !== 'letter')) {
      const page = forgotPasswordPage(frame.around(request, reply), { username, how, problems })
      return frame.show(request, reply, page)
    }
    const requestId = request.id
    afterwards.run(`new password by ${how}`, async () => {
      const account = await accounts.find((await usernames.accountOf(username)) ?? '')
      // Nobody gets past a suspension or a block by a new password.
      if (!account || account.isSuspended) return
      await ways[how](account)
      const event = 'password-reset.requested'
      await audit.record({ event, outcome: 'success', actor: account.id, details: { how }, requestId })
    })
    return frame.show(request, reply, passwordRequestedPage(how, passwordLinkMs))
  })

  // Opening changes nothing yet: programs that look through mail open links too.
  app.get(link, { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token = '' } = request.query
    const accountId = await links.find('password', token)
    const around = frame.around(request, reply)
    return frame.show(
      request,
      reply,
      accountId ? newPasswordPage(around, { token, shortest }) : deadLinkPage(),
    )
  })

  app.post(link, { schema: { body: NewPasswordForm } }, async (request, reply) => {
    const { token = '', password = '' } = request.body
    const around = frame.around(request, reply)
    const account = await accounts.find((await links.find('password', token)) ?? '')
    if (!account || account.isSuspended) return frame.show(request, reply, deadLinkPage())
    const about = await reset.knownAbout(account)
    const rule = await newPasswordRule(password, { shortest, about })
    if (rule) {
      const page = newPasswordPage(around, { token, shortest, problems: [{ field: 'password', rule }] })
      return frame.show(request, reply, page)
    }
    if (!(await links.take('password', token))) return frame.show(request, reply, deadLinkPage())
    return reset.finish(request, reply, account, password, 'email')
  })
}

/** Where and to whom letters of an account go. */
function recipientOf({ givenName, middleName, familyName, address }: Profile): PostalAddress {
  return {
    name: [givenName, middleName, familyName].filter(Boolean).join(' '),
    street: address.street,
    city: address.locality,
    state: address.region,
    zipCode: address.postalCode,
  }
}
