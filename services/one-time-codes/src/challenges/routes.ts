import {
  Challenge,
  ChallengeRequest,
  ResendRequest,
  VerificationRequest,
  Verified,
} from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { Challenges } from './challenges.ts'

const OfChallenge = Type.Object({ challengeId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

export function addChallengeRoutes(app: App, challenges: Challenges): void {
  const onRequest = app.requireCaller('challenges.write')
  const failures = { '4xx': ProblemSchema, '5xx': ProblemSchema }

  app.post(
    '/challenges',
    {
      onRequest,
      schema: {
        summary: 'Send a code; it replaces an earlier one of this owner for this purpose',
        body: ChallengeRequest,
        response: { 201: Challenge, ...failures },
      },
    },
    async (request, reply) => reply.code(201).send(await challenges.request(request.caller!, request.body)),
  )
  app.get(
    '/challenges/:challengeId',
    {
      onRequest,
      schema: {
        summary: 'When a code expires, when another may be asked for, and what became of it on its way',
        params: OfChallenge,
        response: { 200: Challenge, ...failures },
      },
    },
    async (request) => challenges.find(request.caller!, request.params.challengeId),
  )
  app.post(
    '/challenges/:challengeId/resends',
    {
      onRequest,
      schema: {
        summary: 'Send another code, which replaces the earlier one',
        params: OfChallenge,
        body: ResendRequest,
        response: { 200: Challenge, ...failures },
      },
    },
    async (request) => challenges.resend(request.caller!, request.params.challengeId, request.body.channel),
  )
  app.post(
    '/challenges/:challengeId/verifications',
    {
      onRequest,
      schema: {
        summary: 'Spend a code',
        params: OfChallenge,
        body: VerificationRequest,
        response: { 200: Verified, ...failures },
      },
    },
    async (request) => challenges.verify(request.caller!, request.params.challengeId, request.body.code),
  )
}
