import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Attestation, AttestationRequest } from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'
import type { Attestations } from './attestations.ts'

export function addAttestationRoutes(app: App, attestations: Attestations): void {
  app.post(
    '/attestations',
    {
      onRequest: app.requireCaller('attestations.write'),
      schema: {
        summary: 'Keep that an account agreed to the Terms of Service in force',
        body: AttestationRequest,
        response: { 201: Attestation, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const attestation = await attestations.attest(request.body, request.id)
      return reply.code(201).send(attestation)
    },
  )
}
