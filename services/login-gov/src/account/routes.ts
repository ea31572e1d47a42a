import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '../accounts/accounts.ts'
import type { Show } from '../browser/frame.ts'
import type { Visits } from '../browser/visits.ts'
import { maskedPhone } from '../second-factor/pages.ts'
import { accountPage } from './pages.ts'

export interface AccountRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  audit: Audit
}

export function addAccountRoutes(app: App, { visits, show, accounts, audit }: AccountRouteParts): void {
  app.get('/account', { onRequest: visits.requireSignIn }, async (request, reply) => {
    const { language, session } = request.visit
    const account = await accounts.find(session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    const page = accountPage({
      lang: language.lang,
      base: language.base,
      csrf: reply.csrfToken(),
      email: account.email,
      phone: maskedPhone(account.phoneNumber),
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
