import { Owner } from '@gatehouse/contracts/one-time-codes'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Letter, LetterKind, Letters as LetterList, LetterRequest } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { Letters } from './letters.ts'

const OfLetter = Type.Object({ letterId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })
const OfOwner = Type.Object({ owner: Owner })
const OfKind = Type.Object({ kind: LetterKind }, { additionalProperties: false })
const Empty = Type.Object({}, { additionalProperties: false })

export function addLetterRoutes(app: App, letters: Letters): void {
  const onRequest = app.requireCaller('letters.write')
  const failures = { '4xx': ProblemSchema, '5xx': ProblemSchema }

  app.post(
    '/letters',
    {
      onRequest,
      schema: {
        summary: 'Request a letter; it ends the code of an earlier one of this owner and kind',
        body: LetterRequest,
        response: { 201: Letter, ...failures },
      },
    },
    async (request, reply) => reply.code(201).send(await letters.request(request.caller!, request.body)),
  )
  app.post(
    '/letters/:letterId/resends',
    {
      onRequest,
      schema: {
        summary: 'Send another letter, with another code, to the same address',
        params: OfLetter,
        body: Empty,
        response: { 201: Letter, ...failures },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await letters.resend(request.caller!, request.params.letterId)),
  )
  app.post(
    '/letters/:letterId/returns',
    {
      onRequest: app.requireCaller('letters.return'),
      schema: {
        summary: 'The mail brings a letter back as undeliverable',
        params: OfLetter,
        body: Empty,
        response: { 200: Letter, ...failures },
      },
    },
    async (request) => letters.comeBack(request.caller!, request.params.letterId),
  )
  app.get(
    '/owners/:owner/letters',
    {
      onRequest,
      schema: {
        summary: 'The letters of an owner, newest first',
        params: OfOwner,
        querystring: OfKind,
        response: { 200: LetterList, ...failures },
      },
    },
    async (request) => ({
      letters: await letters.list(request.caller!, request.params.owner, request.query.kind),
    }),
  )
  app.delete(
    '/owners/:owner/letters',
    {
      onRequest,
      schema: {
        summary: 'End the code of the letter that is open, if any',
        params: OfOwner,
        querystring: OfKind,
        response: { 204: Type.Null(), ...failures },
      },
    },
    async (request, reply) => {
      await letters.cancel(request.caller!, request.params.owner, request.query.kind)
      return reply.code(204).send(null)
    },
  )
}
