import { Owner } from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Redeemed, RedemptionRequest } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { Redemptions } from './redemptions.ts'

export function addRedemptionRoutes(app: App, redemptions: Redemptions): void {
  app.post(
    '/owners/:owner/redemptions',
    {
      onRequest: app.requireCaller('letters.write'),
      schema: {
        summary: 'Spend the code of a letter',
        params: Type.Object({ owner: Owner }),
        body: RedemptionRequest,
        response: { 200: Redeemed, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
    },
    async (request) => redemptions.redeem(request.caller!, request.params.owner, request.body),
  )
}
