import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Show } from '../browser/frame.ts'
import { maskedPhone } from '../second-factor/pages.ts'
import { accountPage } from './pages.ts'

export interface AccountRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  authenticators: Authenticators
  audit: Audit
}

export function addAccountRoutes(
  app: App,
  { visits, show, accounts, authenticators, audit }: AccountRouteParts,
): void {
  app.get('/account', { onRequest: visits.requireSignIn }, async (request, reply) => {
    const { language, session } = request.visit
    const account = await accounts.find(session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    const [phone] = await authenticators.ofKind(account.id, 'phone')
    const page = accountPage({
      lang: language.lang,
      base: language.base,
      csrf: reply.csrfToken(),
      email: account.email,
      phone: maskedPhone(phone?.details.number ?? ''),
      isProofed: account.profile !== undefined,
    })
    return show(request, reply, page)
  })

  app.post('/logout', { onRequest: visits.requirePassword }, async (request, reply) => {
    const { language, session } = request.visit
    await audit.record({
      event: 'signed-out',
      outcome: 'success',
      actor: session?.accountId ?? '',
      requestId: request.id,
    })
    // A relying service that waits goes on waiting for whoever signs in next.
    if (session?.pending && !session.signInId) {
      await visits.renew(request, reply, { accountId: null, challenge: null, notice: null })
    } else {
      await visits.end(request, reply)
    }
    return reply.redirect(`${language.base}/`, 303)
  })
}
