import { Owner, Tries } from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { OwnerTries } from './tries.ts'

const OfOwner = Type.Object({ owner: Owner })

export function addTriesRoutes(app: App, tries: OwnerTries): void {
  const onRequest = app.requireCaller('challenges.write')
  const failures = { '4xx': ProblemSchema, '5xx': ProblemSchema }

  app.post(
    '/owners/:owner/tries',
    {
      onRequest,
      schema: {
        summary: 'Count a try of any method, before its secret is looked at',
        params: OfOwner,
        response: { 200: Tries, ...failures },
      },
    },
    async (request) => tries.count(request.caller!, request.params.owner),
  )
  app.get(
    '/owners/:owner/tries',
    {
      onRequest,
      schema: {
        summary: 'How many tries are left, or until when the owner is locked out; counts nothing',
        params: OfOwner,
        response: { 200: Tries, ...failures },
      },
    },
    async (request) => tries.find(request.caller!, request.params.owner),
  )
  app.delete(
    '/owners/:owner/tries',
    {
      onRequest,
      schema: {
        summary: 'Forget tries and lock-out, after success by any method or a finished recovery',
        params: OfOwner,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      await tries.forget(request.caller!, request.params.owner)
      return reply.code(204).send(null)
    },
  )
}
