import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import { Type } from 'typebox'
import { deletedLetter } from '../account-reset/letters.ts'
import type { Show } from '../browser/frame.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import type { Post } from '../mail/post.ts'
import type { PasswordAttempts } from '../password/attempts.ts'
import type { NewPasswords } from '../password/new-password.ts'
import type { ChangePassword } from '../password/password-change.ts'
import type { RecentAuthentication } from '../reauthentication/recent-authentication.ts'
import { ACCOUNT } from './frame.ts'
import { deleteAccountPage, passwordPage } from './pages.ts'
import { personOf } from './person.ts'

const PasswordForm = Type.Object(
  { 'update_user_password_form[password]': Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)
const DeleteForm = Type.Object(
  { 'user[password]': Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)

export interface CredentialRouteParts extends RecentAuthentication {
  visits: Visits
  show: Show
  accounts: Accounts
  passwordAttempts: PasswordAttempts
  newPasswords: NewPasswords
  changePassword: ChangePassword
  mailLanguages: MailLanguages
  /** Takes the account away with all that hangs on it. */
  purge(accountId: string): Promise<boolean>
  post: Post
  audit: Audit
}

/** Another password, and the end of the account. */
export function addCredentialRoutes(app: App, parts: CredentialRouteParts): void {
  const { visits, show, accounts, passwordAttempts, newPasswords, mailLanguages, audit } = parts
  const guarded = { onRequest: parts.requireRecentAuthentication }

  app.get('/manage/password', guarded, async (request, reply) => {
    const { around } = await personOf(request, reply, accounts)
    return show(request, reply, passwordPage({ ...around, shortest: newPasswords.shortest }))
  })

  app.post('/manage/password', { ...guarded, schema: { body: PasswordForm } }, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const password = request.body['update_user_password_form[password]']
    const problem = await newPasswords.problem(password, account.emails)
    if (problem) {
      return show(request, reply, passwordPage({ ...around, shortest: newPasswords.shortest, problem }))
    }
    // A new cookie first: whoever had the old one is out with everybody else.
    const session = await visits.renew(request, reply, { notice: { kind: 'own_password_changed' } })
    await parts.changePassword({
      account,
      password,
      session,
      lang: (await mailLanguages.of(account.id)) ?? around.lang,
      requestId: request.id,
    })
    return reply.redirect(around.base + ACCOUNT, 303)
  })

  app.get('/account/delete', guarded, async (request, reply) => {
    const { around } = await personOf(request, reply, accounts)
    return show(request, reply, deleteAccountPage(around))
  })

  app.post('/account/delete', { ...guarded, schema: { body: DeleteForm } }, async (request, reply) => {
    const { account, around } = await personOf(request, reply, accounts)
    const attempt = await passwordAttempts.attempt({
      sessionId: request.visit.session?.id ?? '',
      email: account.email,
      password: request.body['user[password]'],
      address: request.ip,
    })
    if (attempt.outcome !== 'accepted') {
      const isBlocked = 'until' in attempt
      const blockedFor = isBlocked ? attempt.until - now() : 0
      if (isBlocked) reply.header('retry-after', Math.max(1, Math.ceil(blockedFor / 1000)))
      const problem = isBlocked ? { blockedFor } : 'wrong'
      return show(request, reply, deleteAccountPage({ ...around, problem }))
    }
    const language = (await mailLanguages.of(account.id)) ?? around.lang
    await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'account_deleted' } })
    await parts.purge(account.id)
    await audit.record({
      event: 'account.deleted',
      outcome: 'success',
      actor: account.id,
      requestId: request.id,
    })
    await parts.post.notify(account.emails, deletedLetter(language), language)
    return reply.redirect(`${around.base}/`, 303)
  })
}
