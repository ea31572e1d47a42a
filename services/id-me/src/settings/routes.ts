// What somebody sees and changes of the own account: second factors and e-mail addresses, never the last of either.

import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { readAddress } from '@gatehouse/provider/mail/address'
import type { MailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Frame } from '../browser/frame.ts'
import type { Letters } from '../mail/letters.ts'
import type { MailedLinks } from '../mail/mailed-links.ts'
import { sentPage } from '../mail/pages.ts'
import { PATHS } from '../paths.ts'
import { deadLinkPage } from '../recovery/pages.ts'
import { TokenQuery } from '../recovery/routes.ts'
import type { Changes } from './change.ts'
import { confirmEmailPage, type SettingsProblem, settingsPage } from './pages.ts'

const RemovalForm = Type.Object(
  { id: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)
const EmailForm = Type.Object(
  { email: Type.Optional(Type.String({ maxLength: 255 })) },
  { additionalProperties: false },
)
const TokenForm = Type.Object(
  { token: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

export interface SettingsRouteParts {
  changes: Changes
  visits: Visits
  frame: Frame
  accounts: Accounts
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
  links: MailedLinks
  letters: Letters
  mailLimit: MailLimit
  limits: { emailConfirmationMs: number; emailAddresses: number }
}

export function addSettingsRoutes(app: App, parts: SettingsRouteParts): void {
  const { changes, visits, frame, accounts, authenticators, lookUpSecrets, links, letters, mailLimit } = parts
  const { emailConfirmationMs, emailAddresses } = parts.limits
  const emailLink = `${PATHS.settings}/email/link`
  const guarded = { onRequest: changes.guards(PATHS.settings) }

  async function show(request: FastifyRequest, reply: FastifyReply, problem?: SettingsProblem) {
    const { account } = await changes.open(request)
    const page = settingsPage(frame.around(request, reply), {
      emails: account.emails,
      isVerified: account.profile !== undefined,
      authenticators: await authenticators.of(account.id),
      hasRecoveryCode: (await lookUpSecrets.left(account.id, 'recovery_code')) > 0,
      backupCodesLeft: await lookUpSecrets.left(account.id, 'backup_code'),
      notice: request.visit.session?.notice?.kind,
      ...(problem ? { problem } : {}),
    })
    return frame.show(request, reply, page)
  }

  async function showAgain(request: FastifyRequest, reply: FastifyReply, notice: string) {
    await visits.keep(request, reply, { notice: { kind: notice } })
    return reply.redirect(request.visit.language.base + PATHS.settings, 303)
  }

  app.get(PATHS.settings, { onRequest: changes.viewing }, async (request, reply) => {
    const answer = await show(request, reply)
    // Said once.
    if (request.visit.session?.notice) await visits.keep(request, reply, { notice: null })
    return answer
  })

  app.post(
    `${PATHS.settings}/remove`,
    { ...guarded, schema: { body: RemovalForm } },
    async (request, reply) => {
      const accountId = request.visit.session?.accountId ?? ''
      const found = await authenticators.find(accountId, request.body.id ?? '')
      if (!found) return reply.redirect(request.visit.language.base + PATHS.settings, 303)
      if (!(await authenticators.removeUnlessLast(accountId, found.id))) return show(request, reply, 'last')
      await changes.tell(request, 'second-factor.removed', found.kind)
      return showAgain(request, reply, 'removed')
    },
  )

  app.post(`${PATHS.settings}/email`, { ...guarded, schema: { body: EmailForm } }, async (request, reply) => {
    const { account } = await changes.open(request)
    const email = readAddress(request.body.email ?? '')
    if (!email) return show(request, reply, 'malformed')
    if (account.emails.length >= emailAddresses) return show(request, reply, 'most')
    const { lang } = request.visit.language
    // Nobody is told whether an address is somebody's but who gets its mail.
    const isTaken = (await accounts.findByEmail(email)) !== undefined
    await mailLimit.once('email', email, async () => {
      if (isTaken) return letters.send('alreadyRegistered', email, lang, PATHS.signIn)
      const token = await links.make('email', { accountId: account.id, email }, emailConfirmationMs)
      return letters.send('newEmail', email, lang, `${emailLink}?token=${token}`, emailConfirmationMs)
    })
    return frame.show(request, reply, sentPage(frame.around(request, reply), email))
  })

  app.get(
    emailLink,
    { onRequest: changes.viewing, schema: { querystring: TokenQuery } },
    async (request, reply) => {
      const { token = '' } = request.query
      const content = await links.find('email', token)
      const around = frame.around(request, reply)
      const isMine = content?.accountId === request.visit.session?.accountId
      const page = content && isMine ? confirmEmailPage(around, token, content.email) : deadLinkPage(around)
      return frame.show(request, reply, page)
    },
  )

  app.post(emailLink, { onRequest: changes.viewing, schema: { body: TokenForm } }, async (request, reply) => {
    const { token = '' } = request.body
    const content = await links.find('email', token)
    if (!content || content.accountId !== request.visit.session?.accountId) {
      return frame.show(request, reply, deadLinkPage(frame.around(request, reply)))
    }
    const added = await accounts.addEmail(content.accountId, content.email)
    await links.end('email', token)
    if (!added) return frame.show(request, reply, deadLinkPage(frame.around(request, reply)))
    await changes.tell(request, 'email.added', 'email')
    return showAgain(request, reply, 'email_added')
  })

  app.post(
    `${PATHS.settings}/email/remove`,
    { ...guarded, schema: { body: EmailForm } },
    async (request, reply) => {
      const { account } = await changes.open(request)
      const email = account.emails.find((one) => one === request.body.email)
      if (!email) return reply.redirect(request.visit.language.base + PATHS.settings, 303)
      if (!(await accounts.removeEmail(account.id, email))) return show(request, reply, 'lastEmail')
      await changes.tell(request, 'email.removed', 'email')
      return showAgain(request, reply, 'removed')
    },
  )
}
