import {
  VerificationRequest as VerificationBody,
  VerificationResults,
  type VerificationRow,
} from '@gatehouse/contracts/cbsv'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { requester } from '../forwarded-identity.ts'
import type { VerificationRequest } from './field-rules.ts'
import type { Verifications } from './verifications.ts'

// The schema checks shape and types. What may be entered is for the field rules to say, all of it at once.
export function addVerificationRoutes(app: App, verifications: Verifications): void {
  app.post(
    '/cbsv/verifications',
    {
      onRequest: app.requireCaller('cbsv.forward'),
      schema: {
        summary: 'Verify up to ten names and SSNs online',
        body: VerificationBody,
        response: { 200: VerificationResults, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const requests = request.body.requests.map(withEveryField)
      const results = await verifications.verify(requester(request), requests)
      reply.header('cache-control', 'no-store')
      return { results }
    },
  )
}

/** A field that is absent is one that was left empty. */
function withEveryField(row: VerificationRow): VerificationRequest {
  return { middleName: '', suffix: '', dateOfBirth: '', gender: '', ...row }
}
