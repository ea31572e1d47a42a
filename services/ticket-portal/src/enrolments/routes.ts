import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { type Static, Type } from 'typebox'
import { Employment, type Enrolment, type Enrolments, USERNAME } from './enrolments.ts'

const Shown = Type.Object({
  id: Type.String({ description: 'names the enrolment in the audit trail' }),
  username: Type.String(),
  ...Employment.properties,
  enrolledAt: Type.Integer({ description: 'milliseconds' }),
  boundAt: Type.Optional(Type.Integer({ description: 'when somebody first signed in with this username' })),
})

const Address = Type.Object({ username: Type.String({ pattern: USERNAME }) })

interface Dependencies {
  enrolments: Enrolments
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

/** The enrolments over HTTP, for whoever has the operator's token. */
export function addEnrolmentRoutes(app: App, { enrolments, requireOperator, audit }: Dependencies): void {
  const guarded = { onRequest: requireOperator, config: { csrf: false as const } }
  const description = "Takes the operator's token as Bearer token."

  async function record(event: string, subject: string, requestId: string): Promise<void> {
    await audit.record({ event, outcome: 'success', actor: 'operator', subject, requestId })
  }

  app.get(
    '/enrolments',
    {
      ...guarded,
      schema: {
        summary: 'Everybody who is enrolled',
        description,
        response: { 200: Type.Object({ enrolments: Type.Array(Shown) }) },
      },
    },
    async () => ({ enrolments: (await enrolments.all()).map(shown) }),
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
      await record(isNew ? 'enrolment.made' : 'enrolment.changed', enrolment.id, request.id)
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
      await record('enrolment.removed', id, request.id)
      return reply.code(204).send()
    },
  )
}

function shown({ id, username, organization, kind, enrolledAt, boundAt }: Enrolment): Static<typeof Shown> {
  return { id, username, organization, kind, enrolledAt, ...(boundAt === null ? {} : { boundAt }) }
}
