import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { ACTIVE } from '../browser/session-end.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import { ACCOUNT } from './frame.ts'
import { type AccountNotice, languagePage, overviewPage } from './pages.ts'
import { personOf } from './person.ts'

const LanguageForm = Type.Object(
  { 'user[email_language]': Type.Union([Type.Literal('en'), Type.Literal('es')]) },
  { additionalProperties: false },
)

export interface AccountRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  mailLanguages: MailLanguages
  /** What stands for an address in a path. */
  emailId: (email: string) => string
  /** Addresses that an account may have. */
  mostEmails: number
  audit: Audit
}

/** The account's first page, the language of letters, signing out, and staying signed in. */
export function addAccountRoutes(app: App, parts: AccountRouteParts): void {
  const { visits, show, accounts, mailLanguages, emailId, mostEmails, audit } = parts
  const guarded = { onRequest: visits.requireSignIn }

  app.get(ACCOUNT, guarded, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const notice = NOTICES[request.visit.session?.notice?.kind ?? '']
    if (notice) await visits.keep(request, reply, { notice: null })
    const page = overviewPage({
      ...around,
      emails: account.emails.map((address) => ({ address, id: emailId(address) })),
      mayAddEmail: account.emails.length < mostEmails,
      mailLanguage: (await mailLanguages.of(account.id)) ?? around.lang,
      profile: account.profile,
      ...(notice ? { notice } : {}),
    })
    return show(request, reply, page)
  })

  app.get('/account/email_language', guarded, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const chosen = (await mailLanguages.of(account.id)) ?? around.lang
    return show(request, reply, languagePage({ ...around, chosen }))
  })

  app.post(
    '/account/email_language',
    { ...guarded, schema: { body: LanguageForm } },
    async (request, reply) => {
      const { account, around } = await personOf(request, reply, accounts)
      await mailLanguages.set(account.id, request.body['user[email_language]'])
      await visits.keep(request, reply, { notice: { kind: 'language_changed' } })
      return reply.redirect(around.base + ACCOUNT, 303)
    },
  )

  // Opening the visit has kept the session alive.
  app.get(ACTIVE, async (request) => {
    const { session } = request.visit
    return { endsIn: session?.accountId ? session.expiresAt - now() : 0 }
  })

  app.post('/logout', { onRequest: visits.requireFirstFactor }, async (request, reply) => {
    const { language, session } = request.visit
    await audit.record({
      event: 'signed-out',
      outcome: 'success',
      actor: session?.accountId ?? '',
      requestId: request.id,
    })
    // A relying service that waits goes on waiting for whoever signs in next.
    if (session?.pending && !session.signInId) {
      await visits.renew(request, reply, SIGNED_OUT)
    } else {
      await visits.end(request, reply)
    }
    return reply.redirect(`${language.base}/`, 303)
  })
}

const NOTICES: Record<string, AccountNotice> = {
  email_confirmed: 'emailAdded',
  email_deleted: 'emailDeleted',
  own_password_changed: 'passwordChanged',
  language_changed: 'languageChanged',
}
