// A temporary password that came by letter. It never signs anybody in: it is good for choosing a new password, once.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import { Type } from 'typebox'
import type { Problem } from '../identity/details.ts'
import type { Emails } from '../mail/emails.ts'
import { newPasswordRule } from '../passwords/new-password.ts'
import { PATHS } from '../paths.ts'
import { canonicalUsername } from '../usernames/username.ts'
import { type TemporaryPasswordPage, temporaryPasswordPage } from './pages.ts'
import { createPasswordReset } from './password-reset.ts'
import type { ForgottenRouteParts } from './routes.ts'

const TemporaryPasswordForm = Type.Object(
  {
    // No control characters: PostgreSQL cannot even look for some.
    username: Type.Optional(Type.String({ maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })),
    temporaryPassword: Type.Optional(Type.String({ maxLength: 1024 })),
    password: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  { additionalProperties: false },
)

/** For a lock-out whose end is not told. */
const LOCKED_FOR = 10 * 60_000

type Redeemed = { outcome: 'accepted' } | { outcome: 'refused' } | { outcome: 'locked'; retryAt: number }

export function addTemporaryPasswordRoutes(app: App, parts: ForgottenRouteParts & { emails: Emails }): void {
  const { limits, frame, accounts, usernames, letters, secrets, audit } = parts
  const { shortestPassword: shortest } = limits
  const reset = createPasswordReset(parts)

  app.get(PATHS.resetPassword, async (request, reply) =>
    frame.show(request, reply, temporaryPasswordPage(frame.around(request, reply), { shortest })),
  )

  /**
   * Spends the temporary password of an account. For nobody's username the same is asked, and wrong tries count and lock
   * as for anybody's, so that the two look alike.
   */
  async function redeem(account: Account | undefined, username: string, code: string, password: string) {
    const owner = account?.id ?? secrets.digest('username of nobody', canonicalUsername(username))
    // The same form sent again is the same use: a letter is not lost when we are killed before the password is stored.
    const reference = secrets.digest('use of a temporary password', JSON.stringify([owner, code, password]))
    try {
      const { usedAt } = await letters.redeem(owner, { kind: 'temporary-password', code, reference })
      // A use that has led to a password before leads to no other.
      const isNew = account !== undefined && account.passwordChangedAt < usedAt
      return { outcome: isNew ? 'accepted' : 'refused' } satisfies Redeemed
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error
      if (error.code !== 'locked_out') return { outcome: 'refused' } satisfies Redeemed
      const { retryAt } = error.problem
      const until = typeof retryAt === 'number' ? retryAt : now() + LOCKED_FOR
      return { outcome: 'locked', retryAt: until } satisfies Redeemed
    }
  }

  app.post(PATHS.resetPassword, { schema: { body: TemporaryPasswordForm } }, async (request, reply) => {
    const { username = '', temporaryPassword = '', password = '' } = request.body
    const show = (given: Omit<TemporaryPasswordPage, 'shortest'>) =>
      frame.show(
        request,
        reply,
        temporaryPasswordPage(frame.around(request, reply), { shortest, username, ...given }),
      )
    const problems: Problem[] = []
    if (username.trim() === '') problems.push({ field: 'username', rule: 'Enter your username.' })
    if (temporaryPassword.trim() === '') {
      problems.push({ field: 'temporaryPassword', rule: 'Enter the temporary password from our letter.' })
    }
    // Before the letter is looked at: a password that will not do must not spend it. It is judged by what was typed
    // alone, because what we know about a person is not for whoever types a username.
    const rule = await newPasswordRule(password, { shortest, about: [username, temporaryPassword] })
    if (rule) problems.push({ field: 'password', rule })
    if (problems.length > 0) return show({ problems })

    const found = await accounts.find((await usernames.accountOf(username)) ?? '')
    const account = found?.isSuspended ? undefined : found
    const redeemed = await redeem(account, username, temporaryPassword.trim(), password)
    if (redeemed.outcome === 'accepted' && account) {
      return reset.finish(request, reply, account, password, 'letter')
    }
    await audit.record({ event: 'temporary-password.refused', outcome: 'refusal', requestId: request.id })
    if (redeemed.outcome !== 'locked') return show({ isRefused: true })
    const left = Math.max(0, redeemed.retryAt - now())
    reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
    return show({ tryAgainIn: left })
  })
}
