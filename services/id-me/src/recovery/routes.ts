import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { Type } from 'typebox'
import type { Frame } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import type { Locked, Recovering } from './locked.ts'
import { confirmPage, deadLinkPage } from './pages.ts'
import type { Recovery } from './recovery.ts'

/** What a link in a mail carries. */
export const TokenQuery = Type.Object({ token: Type.Optional(Type.String({ maxLength: 100 })) })
const TokenForm = Type.Object(
  { token: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

export interface RecoveryRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  recovery: Recovery
  locked: Locked
  audit: Audit
}

export function addRecoveryRoutes(
  app: App,
  { visits, frame, accounts, recovery, locked, audit }: RecoveryRouteParts,
): void {
  const link = `${PATHS.recovery}/link`

  // Whoever reloads the page of a locked account gets here by GET.
  app.get(PATHS.recovery, async (request, reply) =>
    reply.redirect(request.visit.language.base + PATHS.signIn),
  )

  app.post(PATHS.recovery, async (request, reply) => {
    const recovering = request.visit.session?.ceremony?.recovering as Recovering | undefined
    if (!recovering) return reply.redirect(request.visit.language.base + PATHS.signIn, 303)
    const account = recovering.accountId === undefined ? undefined : await accounts.find(recovering.accountId)
    return locked.meet(request, reply, account, recovering)
  })

  // Opening changes nothing yet: programs that look through mail open links too.
  app.get(link, { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token = '' } = request.query
    const account = await recovery.find(token)
    const around = frame.around(request, reply)
    const page = account ? confirmPage(around, token, account.email) : deadLinkPage(around)
    return frame.show(request, reply, page)
  })

  app.post(link, { schema: { body: TokenForm } }, async (request, reply) => {
    const { token = '' } = request.body
    const account = await recovery.find(token)
    if (!account) return frame.show(request, reply, deadLinkPage(frame.around(request, reply)))
    await recovery.recover(token, account)
    await audit.record({
      event: 'account.recovered',
      outcome: 'success',
      actor: account.id,
      requestId: request.id,
    })
    await visits.keep(request, reply, { notice: { kind: 'recovered' }, ceremony: null })
    return reply.redirect(request.visit.language.base + PATHS.signIn, 303)
  })
}
