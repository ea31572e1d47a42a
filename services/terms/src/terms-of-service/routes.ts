import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Terms } from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'

export function addTermsRoutes(app: App, inForce: Terms): void {
  app.get(
    '/terms/current',
    {
      onRequest: app.requireCaller('attestations.write'),
      schema: { summary: 'The Terms of Service in force', response: { 200: Terms, '4xx': ProblemSchema } },
    },
    async () => inForce,
  )
}
