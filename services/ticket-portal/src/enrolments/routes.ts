import type { Audit } from '@gatehouse/audit/audit'
import {
  Employment,
  EnrolledUsername,
  Enrolments as EnrolmentPage,
  Enrolment as Shown,
} from '@gatehouse/contracts/enrolments'
import { PageQuery } from '@gatehouse/contracts/paging'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Enrolment, Enrolments } from './enrolments.ts'

const Address = Type.Object({ username: EnrolledUsername })
const Position = Type.Tuple([Type.String()])

interface Dependencies {
  enrolments: Enrolments
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

/** The enrolments over HTTP, for whoever has the operator's token, and for the administrators' console. */
export function addEnrolmentRoutes(app: App, { enrolments, requireOperator, audit }: Dependencies): void {
  const requireConsole = app.requireCaller('enrolments.write')
  const onRequest: onRequestAsyncHookHandler = async function (request, reply) {
    try {
      await requireOperator.call(this, request, reply)
    } catch {
      // Not the operator; whoever is nobody at all is told so by this one.
      await requireConsole.call(this, request, reply)
    }
  }
  const guarded = { onRequest, config: { csrf: false as const } }
  const description = "Takes the operator's token as Bearer token, or that of the administrators' console."

  async function record(event: string, subject: string, { id, caller }: FastifyRequest): Promise<void> {
    const actor = caller ?? 'operator'
    await audit.record({ event, outcome: 'success', actor, subject, requestId: id })
  }

  app.get(
    '/enrolments',
    {
      ...guarded,
      schema: {
        summary: 'Everybody who is enrolled, by username',
        description,
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: EnrolmentPage },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query
      const atMost = rowsOf(limit)
      const found = await enrolments.list(atMost + 1, decodeCursor(cursor, Position)?.[0])
      const { rows, ...more } = cutPage(found, atMost, ({ username }) => [username])
      return { enrolments: rows.map(shown), ...more }
    },
  )

  app.get(
    '/enrolments/:username',
    {
      ...guarded,
      schema: { summary: 'One enrolment', description, params: Address, response: { 200: Shown } },
    },
    async (request) => {
      const enrolment = await enrolments.find(request.params.username)
      if (!enrolment) throw new Refusal('not_found')
      return shown(enrolment)
    },
  )

  app.put(
    '/enrolments/:username',
    {
      ...guarded,
      schema: {
        summary: 'Enrols a my Social Security username, or changes for whom the person works',
        description,
        params: Address,
        body: Employment,
        response: { 200: Shown, 201: Shown },
      },
    },
    async (request, reply) => {
      const { isNew, enrolment } = await enrolments.enrol(request.params.username, request.body)
      await record(isNew ? 'enrolment.made' : 'enrolment.changed', enrolment.id, request)
      return reply.code(isNew ? 201 : 200).send(shown(enrolment))
    },
  )

  app.delete(
    '/enrolments/:username',
    {
      ...guarded,
      schema: { summary: 'Ends an enrolment, from the next click on', description, params: Address },
    },
    async (request, reply) => {
      const id = await enrolments.remove(request.params.username)
      if (!id) throw new Refusal('not_found')
      await record('enrolment.removed', id, request)
      return reply.code(204).send()
    },
  )
}

function shown({ id, username, organization, kind, enrolledAt, boundAt }: Enrolment): Shown {
  return { id, username, organization, kind, enrolledAt, ...(boundAt === null ? {} : { boundAt }) }
}
