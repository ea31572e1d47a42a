import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { onRequestAsyncHookHandler } from 'fastify'
import { type Static, Type } from 'typebox'
import { Role } from '../access/roles.ts'
import type { Administrator, Administrators } from './administrators.ts'

/** One `@` between what has no white space. Whether mail arrives there is not what it is for. */
const EMAIL = '^[^\\s@]{1,64}@[^\\s@]{1,189}$'

const Standing = Type.Object(
  {
    roles: Type.Array(Role, { minItems: 1, maxItems: 3, uniqueItems: true }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\p{C}]*\\S[^\\p{C}]*$' })),
  },
  { additionalProperties: false },
)

export const ShownAdministrator = Type.Object({
  administratorId: Type.String({ description: 'names the administrator in audit trails' }),
  email: Type.String(),
  name: Type.Optional(Type.String()),
  roles: Type.Array(Role),
  addedAt: Type.Integer({ description: 'milliseconds' }),
  boundAt: Type.Optional(
    Type.Integer({ description: 'when somebody first signed in with this address and a security key' }),
  ),
  removedAt: Type.Optional(Type.Integer()),
})

const Address = Type.Object({ email: Type.String({ pattern: EMAIL }) })

interface Dependencies {
  administrators: Administrators
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

/** The administrators over HTTP, for whoever has the operator's token. No administrator makes another. */
export function addAdministratorRoutes(
  app: App,
  { administrators, requireOperator, audit }: Dependencies,
): void {
  const guarded = { onRequest: requireOperator, config: { csrf: false as const } }
  const common = {
    description: "Takes the operator's token as Bearer token.",
    security: [{ operator: [] }],
  }

  app.get(
    '/administrators',
    {
      ...guarded,
      schema: {
        ...common,
        summary: 'Everybody who is an administrator',
        response: { 200: Type.Object({ administrators: Type.Array(ShownAdministrator) }) },
      },
    },
    async () => ({ administrators: (await administrators.all()).map(shown) }),
  )

  app.get(
    '/administrators/:email',
    {
      ...guarded,
      schema: {
        ...common,
        summary: 'One administrator',
        params: Address,
        response: { 200: ShownAdministrator },
      },
    },
    async (request) => {
      const administrator = await administrators.find(request.params.email)
      if (!administrator) throw new Refusal('not_found')
      return shown(administrator)
    },
  )

  app.put(
    '/administrators/:email',
    {
      ...guarded,
      schema: {
        ...common,
        summary: 'Makes somebody an administrator, or changes the roles, from the next request on',
        params: Address,
        body: Standing,
        response: { 200: ShownAdministrator, 201: ShownAdministrator },
      },
    },
    async (request, reply) => {
      const { before, after } = await administrators.put(request.params.email, request.body)
      await audit.record({
        event: before ? 'administrator.changed' : 'administrator.added',
        outcome: 'success',
        actor: 'operator',
        subject: after.id,
        from: request.ip,
        ...(before ? { before: { roles: before.roles.join(' ') } } : {}),
        after: { roles: after.roles.join(' ') },
        requestId: request.id,
      })
      return reply.code(before ? 200 : 201).send(shown(after))
    },
  )

  app.delete(
    '/administrators/:email',
    {
      ...guarded,
      schema: {
        ...common,
        summary: 'Takes all roles away, from the next request on, and frees the binding',
        params: Address,
      },
    },
    async (request, reply) => {
      const removed = await administrators.remove(request.params.email)
      if (!removed) throw new Refusal('not_found')
      await audit.record({
        event: 'administrator.removed',
        outcome: 'success',
        actor: 'operator',
        subject: removed.id,
        from: request.ip,
        before: { roles: removed.roles.join(' ') },
        requestId: request.id,
      })
      return reply.code(204).send()
    },
  )
}

export function shown(administrator: Administrator): Static<typeof ShownAdministrator> {
  const { id, email, name, roles, addedAt, boundAt, removedAt } = administrator
  return {
    administratorId: id,
    email,
    ...(name === null ? {} : { name }),
    roles,
    addedAt,
    ...(boundAt === null ? {} : { boundAt }),
    ...(removedAt === null ? {} : { removedAt }),
  }
}
