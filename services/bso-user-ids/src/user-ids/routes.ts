import type { Audit } from '@gatehouse/audit/audit'
import { SelectionRequest, UserId, UserIdRequest, UserIds } from '@gatehouse/contracts/bso-user-ids'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { recordRefusal } from '../audited-refusals.ts'
import type { AccountUserIds } from './user-ids.ts'

const Account = Type.Object(
  { accountId: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
)

export function addUserIdRoutes(app: App, userIds: AccountUserIds, audit: Audit): void {
  app.get(
    '/accounts/:accountId/user-ids',
    {
      onRequest: app.requireCaller('user-ids.read'),
      schema: {
        summary: 'The User IDs that are linked to an account',
        params: Account,
        response: { 200: UserIds, '4xx': ProblemSchema },
      },
    },
    async (request) => ({ userIds: await userIds.of(request.params.accountId) }),
  )

  app.post(
    '/accounts/:accountId/selections',
    {
      onRequest: app.requireCaller('user-ids.write'),
      schema: {
        summary: 'Confirm and keep which User ID and EIN a sign-in is for',
        params: Account,
        body: SelectionRequest,
        response: { 200: UserId, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const { bsoUserId, ein } = request.body
      const who = { actor: request.params.accountId, subject: bsoUserId, requestId: request.id }
      const selected = await userIds
        .select(who.actor, bsoUserId, ein)
        .catch(recordRefusal(audit, { event: 'user-id.selection-refused', ...who }))
      await audit.record({ event: 'user-id.selected', outcome: 'success', ...who, details: { ein } })
      return selected
    },
  )

  app.post(
    '/accounts/:accountId/user-ids',
    {
      onRequest: app.requireCaller('user-ids.write'),
      schema: {
        summary: 'Issue a new User ID for a registered company, without any active service',
        params: Account,
        body: UserIdRequest,
        response: { 201: UserId, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { ein } = request.body
      const who = { actor: request.params.accountId, requestId: request.id }
      const issued = await userIds
        .request(who.actor, ein)
        .catch(recordRefusal(audit, { event: 'user-id.request-refused', ...who, subject: ein }))
      await audit.record({
        event: 'user-id.issued',
        outcome: 'success',
        ...who,
        subject: issued.bsoUserId,
        details: { ein },
      })
      return reply.code(201).send(issued)
    },
  )
}
