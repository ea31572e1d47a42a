import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Lang } from '@gatehouse/pages/site'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Page, Show } from '../browser/frame.ts'
import type { Link } from '../browser/links.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import type { Post } from '../mail/post.ts'
import type { Entrance } from '../password/entrance.ts'
import type { Allowance } from '../rate-limits/allowance.ts'
import { tooManyPage } from '../rate-limits/pages.ts'
import { SECOND_FACTOR } from '../second-factor/step.ts'
import type { AccountResets, LinkUse } from './account-resets.ts'
import { cancelledLetter, deletedLetter, requestLetter } from './letters.ts'
import * as pages from './pages.ts'
import { CANCEL, DELETION, PENDING, RECOVERY_OPTIONS } from './paths.ts'

const REQUEST = '/account_reset/request'

export interface AccountResetRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  accountResets: AccountResets
  entrance: Entrance
  destinations: Destinations
  mailLanguages: MailLanguages
  /** Takes the account away with all that hangs on it. */
  purge(accountId: string): Promise<boolean>
  post: Post
  link: Link
  /** Requests for one account. */
  requests: Allowance
  /** Milliseconds between request and second letter. */
  waitMs: number
  audit: Audit
}

export function addAccountResetRoutes(app: App, parts: AccountResetRouteParts): void {
  const { visits, show, accounts, accountResets, entrance, mailLanguages, post, link, waitMs } = parts
  const guarded = { onRequest: visits.requireFirstFactor }

  const languageFor = async (account: Account, request: FastifyRequest) =>
    (await mailLanguages.of(account.id)) ?? request.visit.language.lang

  const note = (request: FastifyRequest, accountId: string, event: string) =>
    parts.audit.record({ event, outcome: 'success', actor: accountId, requestId: request.id })

  /** The account of somebody who has not given the second factor; who has one needs none of this. */
  async function locked(request: FastifyRequest): Promise<Account | undefined> {
    const { session } = request.visit
    return session?.signInId ? undefined : accounts.find(session?.accountId ?? '')
  }

  app.get(RECOVERY_OPTIONS, { onRequest: visits.requirePassword }, async (request, reply) => {
    const { base } = request.visit.language
    if (!(await locked(request))) return reply.redirect(`${base}/account`)
    return show(request, reply, pages.recoveryOptionsPage(request.visit.language))
  })

  app.get(REQUEST, { onRequest: visits.requirePassword }, async (request, reply) => {
    const { lang, base } = request.visit.language
    if (!(await locked(request))) return reply.redirect(`${base}/account`)
    return show(request, reply, pages.requestPage({ lang, base, csrf: reply.csrfToken(), wait: waitMs }))
  })

  app.post(REQUEST, { onRequest: visits.requirePassword }, async (request, reply) => {
    const { lang, base } = request.visit.language
    const account = await locked(request)
    if (!account) return reply.redirect(`${base}/account`, 303)
    const retryAt = await parts.requests.take(account.id)
    if (retryAt !== undefined) {
      const left = retryAt - now()
      reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
      const destination = parts.destinations.of(request.visit.session)
      return show(request, reply, tooManyPage({ lang, base, destination, left }))
    }
    const language = await languageFor(account, request)
    const token = await accountResets.request(account.id, language)
    await post.send(account.emails, requestLetter(link(CANCEL, language, { token }), language), language)
    await note(request, account.id, 'account-reset.requested')
    await visits.renew(request, reply, SIGNED_OUT)
    return reply.redirect(`${base}/account_reset/confirm_request`, 303)
  })

  app.get('/account_reset/confirm_request', async (request, reply) => {
    const { lang, base } = request.visit.language
    return show(request, reply, pages.requestedPage({ lang, base, wait: waitMs }))
  })

  /** Goes on as after the password, for somebody whose request is none any more. */
  async function goOn(request: FastifyRequest, reply: FastifyReply, account: Account | undefined) {
    const detour = account && (await entrance.detour(account))
    await visits.keep(request, reply, { detour: detour ?? null })
    return reply.redirect(request.visit.language.base + (detour ?? SECOND_FACTOR), 303)
  }

  /** The signed-in account with the time left of its wait; nothing for anybody else. */
  async function pendingOf(request: FastifyRequest) {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    const until = account && (await accountResets.waiting(account.id))
    return { account, left: until === undefined ? undefined : until - now() }
  }

  app.get(PENDING, guarded, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { account, left } = await pendingOf(request)
    if (left !== undefined)
      return show(request, reply, pages.pendingPage({ lang, base, csrf: reply.csrfToken(), left }))
    // The wait has just ended: the letter goes out now, whenever the timer would have sent it.
    await accountResets.grantDue()
    return goOn(request, reply, account)
  })

  app.get(`${PENDING}/confirm`, guarded, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { left } = await pendingOf(request)
    if (left === undefined) return reply.redirect(base + PENDING)
    const around = { lang, base, csrf: reply.csrfToken() }
    return show(request, reply, pages.cancelPage({ ...around, action: `${PENDING}/cancel`, back: PENDING }))
  })

  app.post(`${PENDING}/cancel`, guarded, async (request, reply) => {
    const { account } = await pendingOf(request)
    if (account) await cancel(request, account)
    return goOn(request, reply, account)
  })

  async function cancel(request: FastifyRequest, account: Account): Promise<void> {
    if (!(await accountResets.cancel(account.id))) return
    await note(request, account.id, 'account-reset.cancelled')
    const language = await languageFor(account, request)
    await post.notify(account.emails, cancelledLetter(language), language)
  }

  // A link in a letter is opened by programs too: only the button does anything. Its token goes no further than the
  // address, as pages with it in theirs could give it away.
  async function openLink(
    request: FastifyRequest,
    reply: FastifyReply,
    use: LinkUse,
    page: (around: { lang: Lang; base: string; csrf: string }) => Page,
  ) {
    const { lang, base } = request.visit.language
    const [path = ''] = request.url.split('?')
    const token = new URLSearchParams(request.url.split('?')[1]).get('token')
    if (token !== null) {
      const key = await accountResets.open(token, use)
      if (!key) return show(request, reply, pages.resetExpiredPage({ lang, base }))
      await visits.renew(request, reply, { ceremony: { accountReset: { [use]: key } } })
      return reply.redirect(path)
    }
    if (!(await linked(request, use))) return show(request, reply, pages.resetExpiredPage({ lang, base }))
    return show(request, reply, page({ lang, base, csrf: reply.csrfToken() }))
  }

  /** The account of the link that was opened. */
  async function linked(request: FastifyRequest, use: LinkUse): Promise<Account | undefined> {
    const kept = (request.visit.session?.ceremony?.accountReset ?? {}) as Partial<Record<LinkUse, string>>
    const accountId = await accountResets.find(kept[use], use)
    const account = accountId ? await accounts.find(accountId) : undefined
    // Or whoever is suspended would have the address free for a new account.
    return use === 'delete' && account?.isSuspended ? undefined : account
  }

  app.get(CANCEL, async (request, reply) =>
    openLink(request, reply, 'cancel', (around) => pages.cancelPage({ ...around, action: CANCEL })),
  )

  app.post(CANCEL, async (request, reply) => {
    const { lang, base } = request.visit.language
    const account = await linked(request, 'cancel')
    if (!account) return show(request, reply, pages.resetExpiredPage({ lang, base }))
    await cancel(request, account)
    await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'account_reset_cancelled' } })
    return reply.redirect(`${base}/`, 303)
  })

  app.get(DELETION, async (request, reply) => openLink(request, reply, 'delete', pages.deletePage))

  app.post(DELETION, async (request, reply) => {
    const { lang, base } = request.visit.language
    const account = await linked(request, 'delete')
    if (!account) return show(request, reply, pages.resetExpiredPage({ lang, base }))
    const language = await languageFor(account, request)
    await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'account_deleted' } })
    await parts.purge(account.id)
    await note(request, account.id, 'account-reset.completed')
    await post.notify(account.emails, deletedLetter(language), language)
    return reply.redirect(`${base}/`, 303)
  })
}
