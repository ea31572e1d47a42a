import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readEmailAddress } from '../browser/email-address.ts'
import type { Show } from '../browser/frame.ts'
import type { Link } from '../browser/links.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import type { Post } from '../mail/post.ts'
import type { NewPasswords } from '../password/new-password.ts'
import type { ChangePassword } from '../password/password-change.ts'
import type { Allowance } from '../rate-limits/allowance.ts'
import { tooManyPage } from '../rate-limits/pages.ts'
import { noAccountLetter, resetLetter, suspendedLetter } from './letters.ts'
import { changePage, type ForgotPage, forgotPage, resetExpiredPage, sentPage } from './pages.ts'
import type { ResetLinks } from './reset-links.ts'

const EmailForm = Type.Object(
  {
    'password_reset_email_form[email]': Type.String({ maxLength: 255 }),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
const PasswordForm = Type.Object(
  { 'reset_password_form[password]': Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)

export interface PasswordResetRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  resetLinks: ResetLinks
  changePassword: ChangePassword
  newPasswords: NewPasswords
  mailLanguages: MailLanguages
  destinations: Destinations
  events: AccountEvents
  post: Post
  link: Link
  /** Letters for one address. */
  letters: Allowance
  audit: Audit
}

/** What the session keeps between the pages, in its ceremony. */
interface Resetting {
  /** The address to which a letter went. */
  email?: string
  /** The link that was opened. */
  key?: string
}

/** For somebody who forgot the password. Pages never tell whether an address has an account. */
export function addPasswordResetRoutes(app: App, parts: PasswordResetRouteParts): void {
  const { visits, show, accounts, resetLinks, newPasswords, mailLanguages, destinations, post, link } = parts

  /** Sends the letter. False when that was too often, which has been answered then. */
  async function write(request: FastifyRequest, reply: FastifyReply, email: string): Promise<boolean> {
    const { lang: pageLanguage, base } = request.visit.language
    const destination = destinations.of(request.visit.session)
    const retryAt = await parts.letters.take(email)
    if (retryAt !== undefined) {
      const left = retryAt - now()
      reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
      await show(request, reply, tooManyPage({ lang: pageLanguage, base, destination, left }))
      return false
    }
    const account = await accounts.findByEmail(email)
    const lang = (account && (await mailLanguages.of(account.id))) ?? pageLanguage
    if (!account) {
      await post.send(email, noAccountLetter(link('/sign_up/enter_email', lang), lang), lang)
      return true
    }
    if (account.isSuspended) {
      await post.send(email, suspendedLetter(lang), lang)
      return true
    }
    const continueAt = destination?.continueAt
    const token = await resetLinks.begin({ accountId: account.id, ...(continueAt ? { continueAt } : {}) })
    const address = link('/users/password/edit', lang, { reset_password_token: token })
    await parts.events.publish({ kind: 'recovery-activated', accountId: account.id })
    await post.send(email, resetLetter(address, lang), lang)
    await parts.audit.record({
      event: 'password-reset.requested',
      outcome: 'success',
      subject: account.id,
      requestId: request.id,
    })
    return true
  }

  function forgot(request: FastifyRequest, reply: FastifyReply, given: Partial<ForgotPage>) {
    const { lang, base } = request.visit.language
    const destination = destinations.of(request.visit.session)
    return show(request, reply, forgotPage({ lang, base, csrf: reply.csrfToken(), destination, ...given }))
  }

  app.get('/users/password/new', async (request, reply) => forgot(request, reply, {}))

  app.post('/users/password', { schema: { body: EmailForm } }, async (request, reply) => {
    const given = request.body['password_reset_email_form[email]']
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(request.body.continue ?? '')
    if (pending) await visits.keep(request, reply, { pending })
    const email = readEmailAddress(given)
    if (!email) return forgot(request, reply, { email: given, isWrong: true })
    if (!(await write(request, reply, email))) return reply
    await visits.keep(request, reply, { ceremony: { passwordReset: { email } } })
    return reply.redirect(`${request.visit.language.base}/forgot_password`, 303)
  })

  // For the language links of the page that answers a post.
  app.get('/users/password', async (request, reply) =>
    reply.redirect(`${request.visit.language.base}/users/password/new`),
  )

  app.get('/forgot_password', async (request, reply) => {
    const { lang, base } = request.visit.language
    const { email } = resetting(request.visit.session)
    if (!email) return reply.redirect(`${base}/users/password/new`)
    const sentAgain = new URLSearchParams(request.url.split('?')[1]).get('resend') === 'true'
    return show(request, reply, sentPage({ lang, base, csrf: reply.csrfToken(), email, sentAgain }))
  })

  app.post('/forgot_password', async (request, reply) => {
    const { base } = request.visit.language
    const { email } = resetting(request.visit.session)
    if (!email) return reply.redirect(`${base}/users/password/new`, 303)
    if (!(await write(request, reply, email))) return reply
    return reply.redirect(`${base}/forgot_password?resend=true`, 303)
  })

  app.get('/users/password/edit', async (request, reply) => {
    const { lang, base } = request.visit.language
    const token = new URLSearchParams(request.url.split('?')[1]).get('reset_password_token')
    if (token !== null) {
      const opened = await resetLinks.open(token)
      if (!opened) return show(request, reply, resetExpiredPage({ lang, base }))
      const pending = destinations.of(request.visit.session)
        ? undefined
        : destinations.resume(opened.reset.continueAt ?? '')
      // The token goes no further than this address: pages with it in theirs could give it away.
      const changes = { ceremony: { passwordReset: { key: opened.key } }, ...(pending ? { pending } : {}) }
      await visits.renew(request, reply, changes)
      return reply.redirect(`${base}/users/password/edit`)
    }
    const { key = '' } = resetting(request.visit.session)
    if (!(await resetLinks.find(key))) return show(request, reply, resetExpiredPage({ lang, base }))
    const { shortest } = newPasswords
    return show(request, reply, changePage({ lang, base, csrf: reply.csrfToken(), shortest }))
  })

  app.post('/users/password/edit', { schema: { body: PasswordForm } }, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { key = '' } = resetting(request.visit.session)
    const reset = await resetLinks.find(key)
    const account = reset && (await accounts.find(reset.accountId))
    if (!account || account.isSuspended) return show(request, reply, resetExpiredPage({ lang, base }))
    const password = request.body['reset_password_form[password]']
    const problem = await newPasswords.problem(password, account.emails)
    if (problem) {
      const { shortest } = newPasswords
      return show(request, reply, changePage({ lang, base, csrf: reply.csrfToken(), shortest, problem }))
    }
    if (!(await resetLinks.spend(key))) return show(request, reply, resetExpiredPage({ lang, base }))
    await parts.changePassword({
      account,
      password,
      lang: (await mailLanguages.of(account.id)) ?? lang,
      requestId: request.id,
    })
    // Signed in by nobody: the new password is given on the page for it.
    await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'password_changed' } })
    return reply.redirect(`${base}/`, 303)
  })
}

function resetting(session: Session | undefined): Resetting {
  return (session?.ceremony?.passwordReset ?? {}) as Resetting
}
