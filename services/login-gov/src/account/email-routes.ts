import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readEmailAddress } from '../browser/email-address.ts'
import type { Show } from '../browser/frame.ts'
import type { Link } from '../browser/links.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import type { Post } from '../mail/post.ts'
import type { Allowance } from '../rate-limits/allowance.ts'
import { tooManyPage } from '../rate-limits/pages.ts'
import type { RecentAuthentication } from '../reauthentication/recent-authentication.ts'
import type { AddedEmails } from './added-emails.ts'
import { ACCOUNT } from './frame.ts'
import { addressTakenLetter, confirmAddedLetter, emailsChangedLetter } from './letters.ts'
import { addEmailPage, deleteEmailPage, emailLinkExpiredPage, emailSentPage } from './pages.ts'
import { personOf } from './person.ts'

const EmailForm = Type.Object(
  { 'user[email]': Type.String({ maxLength: 255 }) },
  { additionalProperties: false },
)
const EmailPath = Type.Object({ id: Type.String({ maxLength: 64 }) })
const CHECK = '/add/email/check'

export interface EmailRouteParts extends RecentAuthentication {
  visits: Visits
  show: Show
  accounts: Accounts
  addedEmails: AddedEmails
  mailLanguages: MailLanguages
  events: AccountEvents
  post: Post
  link: Link
  /** Letters for one address. */
  letters: Allowance
  emailId: (email: string) => string
  /** Addresses that an account may have. */
  mostEmails: number
  audit: Audit
}

/** Adding and deleting the e-mail addresses of an account. */
export function addEmailRoutes(app: App, parts: EmailRouteParts): void {
  const { visits, show, accounts, addedEmails, mailLanguages, events, post, link, emailId, mostEmails } =
    parts
  const guarded = { onRequest: parts.requireRecentAuthentication }

  const note = (request: FastifyRequest, account: Account, event: string) =>
    parts.audit.record({ event, outcome: 'success', actor: account.id, requestId: request.id })

  const languageFor = async (account: Account, request: FastifyRequest) =>
    (await mailLanguages.of(account.id)) ?? request.visit.language.lang

  /**
   * Sends the letter. False when that was too often, which has been answered then. Whose the address is, only its owner
   * learns.
   */
  async function write(request: FastifyRequest, reply: FastifyReply, account: Account, email: string) {
    const { lang, base } = request.visit.language
    const retryAt = await parts.letters.take(email)
    if (retryAt !== undefined) {
      const left = retryAt - now()
      reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
      await show(request, reply, tooManyPage({ lang, base, destination: undefined, left }))
      return false
    }
    const language = await languageFor(account, request)
    if (await accounts.findByEmail(email)) {
      await post.send(email, addressTakenLetter(language), language)
    } else {
      const token = await addedEmails.begin({
        accountId: account.id,
        email,
        passwordChangedAt: account.passwordChangedAt,
      })
      const address = link('/add/email/confirm', language, { confirmation_token: token })
      await post.send(email, confirmAddedLetter(address, language), language)
    }
    return true
  }

  app.get('/add/email', guarded, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    if (account.emails.length >= mostEmails) return reply.redirect(around.base + ACCOUNT)
    return show(request, reply, addEmailPage(around))
  })

  app.post('/add/email', { ...guarded, schema: { body: EmailForm } }, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    if (account.emails.length >= mostEmails) return reply.redirect(around.base + ACCOUNT, 303)
    const address = request.body['user[email]']
    const email = readEmailAddress(address)
    if (!email) return show(request, reply, addEmailPage({ ...around, address, problem: 'wrong' }))
    if (account.emails.includes(email))
      return show(request, reply, addEmailPage({ ...around, address, problem: 'own' }))
    if (!(await write(request, reply, account, email))) return reply
    await visits.keep(request, reply, { ceremony: { addedEmail: email } })
    return reply.redirect(around.base + CHECK, 303)
  })

  app.get(CHECK, guarded, async (request, reply) => {
    const { around } = await personOf(request, reply, accounts)
    const address = askedFor(request)
    if (!address) return reply.redirect(`${around.base}/add/email`)
    const sentAgain = new URLSearchParams(request.url.split('?')[1]).get('resend') === 'true'
    return show(request, reply, emailSentPage({ ...around, address, sentAgain }))
  })

  app.post('/add/email/resend', guarded, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const email = askedFor(request)
    if (!email || account.emails.includes(email)) return reply.redirect(around.base + ACCOUNT, 303)
    if (!(await write(request, reply, account, email))) return reply
    return reply.redirect(`${around.base}${CHECK}?resend=true`, 303)
  })

  // Opened out of the letter, in whatever browser: the token says whose address it becomes.
  app.get('/add/email/confirm', async (request, reply) => {
    const { lang, base } = request.visit.language
    const token = new URLSearchParams(request.url.split('?')[1]).get('confirmation_token') ?? ''
    const added = token === '' ? undefined : await addedEmails.find(token)
    const account = added && (await accounts.find(added.accountId))
    const isOpen = account?.passwordChangedAt === added?.passwordChangedAt && !account?.isSuspended
    if (!added || !account || !isOpen || !(await add(request, account, added.email))) {
      return show(request, reply, emailLinkExpiredPage({ lang, base }))
    }
    await addedEmails.forget(token)
    await visits.keep(request, reply, { notice: { kind: 'email_confirmed' } })
    return reply.redirect(`${base}${request.visit.session?.signInId ? ACCOUNT : '/'}`)
  })

  async function add(request: FastifyRequest, account: Account, email: string): Promise<boolean> {
    if (account.emails.length >= mostEmails || (await accounts.findByEmail(email))) return false
    // Kept for relying services before the change: told for nothing is better than never told.
    await events.publish({ kind: 'email-added', accountId: account.id, email })
    if (!(await accounts.addEmail(account.id, email))) return false
    await note(request, account, 'email.added')
    const language = await languageFor(account, request)
    await post.notify(
      account.emails,
      emailsChangedLetter('added', link(ACCOUNT, language), language),
      language,
    )
    return true
  }

  /** The address of a path, with its account; the last one is never there to be deleted. */
  async function chosen(request: FastifyRequest, reply: FastifyReply, id: string) {
    const { account, around } = await personOf(request, reply, accounts)
    const address = account.emails.find((email) => emailId(email) === id)
    return { account, around, address: account.emails.length > 1 ? address : undefined }
  }

  app.get(
    '/manage/email/confirm_delete/:id',
    { ...guarded, schema: { params: EmailPath } },
    async (request, reply) => {
      const { id } = request.params
      const { around, address } = await chosen(request, reply, id)
      if (!address) return reply.redirect(around.base + ACCOUNT)
      return show(request, reply, deleteEmailPage({ ...around, address, id }))
    },
  )

  app.post(
    '/manage/email/confirm_delete/:id',
    { ...guarded, schema: { params: EmailPath } },
    async (request, reply) => {
      const { account, around, address } = await chosen(request, reply, request.params.id)
      if (!address) return reply.redirect(around.base + ACCOUNT, 303)
      await events.publish({ kind: 'email-removed', accountId: account.id, email: address })
      if (await accounts.removeEmail(account.id, address)) {
        await note(request, account, 'email.deleted')
        const language = await languageFor(account, request)
        const letter = emailsChangedLetter('deleted', link(ACCOUNT, language), language)
        await post.notify(account.emails, letter, language)
        await visits.keep(request, reply, { notice: { kind: 'email_deleted' } })
      }
      return reply.redirect(around.base + ACCOUNT, 303)
    },
  )
}

/** The address to which a letter went, as the session keeps it. */
function askedFor(request: FastifyRequest): string | undefined {
  return request.visit.session?.ceremony?.addedEmail as string | undefined
}
