import type { Audit } from '@gatehouse/audit/audit'
import { AssociationRequest, UserIds } from '@gatehouse/contracts/bso-user-ids'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { recordRefusal } from '../audited-refusals.ts'
import type { AccountUserIds } from '../user-ids/user-ids.ts'
import type { Associations } from './associations.ts'

interface Dependencies {
  associations: Associations
  userIds: AccountUserIds
  audit: Audit
}

export function addAssociationRoutes(app: App, { associations, userIds, audit }: Dependencies): void {
  app.post(
    '/associations',
    {
      onRequest: app.requireCaller('user-ids.write'),
      schema: {
        summary: 'Link the User IDs that a person holds to the account that has just signed in',
        body: AssociationRequest,
        response: { 200: UserIds, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const { accountId: actor, credential } = request.body
      const who = { actor, subject: credential.idp, requestId: request.id }
      const newLinks = await associations
        .associate(request.body)
        .catch(recordRefusal(audit, { event: 'account.association-refused', ...who }))
      await audit.record({ event: 'account.associated', outcome: 'success', ...who, details: { newLinks } })
      return { userIds: await userIds.of(actor) }
    },
  )
}
