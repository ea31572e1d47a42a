import { PageQuery } from '@gatehouse/contracts/paging'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Attestation, Attestations as AttestationPage, AttestationRequest } from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
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

  app.get(
    '/accounts/:accountId/attestations',
    {
      onRequest: app.requireCaller('attestations.read'),
      schema: {
        summary: 'What an account attested to, newest first',
        params: Type.Object(
          { accountId: Type.String({ minLength: 1, maxLength: 128 }) },
          { additionalProperties: false },
        ),
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: AttestationPage, '4xx': ProblemSchema },
      },
    },
    async ({ params, query: { cursor, limit } }) =>
      attestations.ofAccount(params.accountId, {
        cursor,
        limit: limit === undefined ? undefined : Number(limit),
      }),
  )
}
