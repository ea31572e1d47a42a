// The accounts over HTTP, for whoever has the operator's token: QA staff put people into the state that a test needs.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { onRequestAsyncHookHandler } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Connections } from '../openid-connect/connections.ts'
import type { AccountStanding } from './account-standing.ts'

const Address = Type.Object({ account_id: Type.String({ minLength: 1, maxLength: 64 }) })
const Identity = Type.Union([
  Type.Literal('unproofed'),
  Type.Literal('proofed'),
  Type.Literal('face-matched'),
])

const AccountAnswer = Type.Object({
  account_id: Type.String(),
  email: Type.String(),
  all_emails: Type.Array(Type.String()),
  suspended: Type.Boolean(),
  password_reset_required: Type.Boolean(),
  identity: Identity,
  second_factors: Type.Array(Type.Object({ kind: Type.String(), name: Type.String() })),
  connected_clients: Type.Array(Type.String({ description: 'client_id' })),
  created_at: Type.Integer({ description: 'milliseconds' }),
})

export const administrationRefusals = {
  no_evidence: { status: 409, title: 'This person has nothing to prove an identity with' },
}

export interface AdministrationParts {
  accounts: Accounts
  authenticators: Authenticators
  connections: Connections
  standing: AccountStanding
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addAdministrationRoutes(app: App, parts: AdministrationParts): void {
  const { accounts, authenticators, connections, standing, requireOperator, audit } = parts
  const guarded = { onRequest: requireOperator, config: { csrf: false } } as const

  async function described(account: Account | undefined): Promise<Static<typeof AccountAnswer>> {
    if (!account) throw new Refusal('not_found')
    const { id, profile } = account
    const secondFactors = await authenticators.of(id)
    return {
      account_id: id,
      email: account.email,
      all_emails: account.emails,
      suspended: account.isSuspended,
      password_reset_required: account.passwordResetRequired,
      identity: profile ? (profile.faceMatched ? 'face-matched' : 'proofed') : 'unproofed',
      second_factors: secondFactors.map(({ kind, name }) => ({ kind, name })),
      connected_clients: await connections.of(id),
      created_at: account.createdAt,
    }
  }

  async function record(event: string, subject: string, requestId: string, details = {}): Promise<void> {
    await audit.record({ event, outcome: 'success', actor: 'operator', subject, details, requestId })
  }

  app.get(
    '/api/accounts',
    {
      ...guarded,
      schema: {
        summary: 'The account with an e-mail address',
        querystring: Type.Object(
          { email: Type.String({ minLength: 1, maxLength: 255 }) },
          { additionalProperties: false },
        ),
        response: { 200: AccountAnswer },
      },
    },
    async (request) => described(await accounts.findByEmail(request.query.email)),
  )

  app.get(
    '/api/accounts/:account_id',
    {
      ...guarded,
      schema: { summary: 'One account', params: Address, response: { 200: AccountAnswer } },
    },
    async (request) => described(await accounts.find(request.params.account_id)),
  )

  const changes = [
    {
      method: 'PUT',
      url: '/api/accounts/:account_id/suspension',
      summary: 'Suspends an account: it is signed out everywhere, its tokens die, nobody signs in to it',
      change: standing.suspend,
      event: 'account.suspended',
    },
    {
      method: 'DELETE',
      url: '/api/accounts/:account_id/suspension',
      summary: 'Reinstates a suspended account',
      change: standing.reinstate,
      event: 'account.reinstated',
    },
    {
      method: 'DELETE',
      url: '/api/accounts/:account_id',
      summary: 'Deletes an account',
      change: standing.purge,
      event: 'account.purged',
    },
  ] as const
  for (const { method, url, summary, change, event } of changes) {
    app.route({
      ...guarded,
      method,
      url,
      schema: { summary, params: Address },
      handler: async (request, reply) => {
        const { account_id: accountId } = request.params as Static<typeof Address>
        if (!(await change(accountId))) throw new Refusal('not_found')
        await record(event, accountId, request.id)
        return reply.code(204).send()
      },
    })
  }

  app.put(
    '/api/accounts/:account_id/identity',
    {
      ...guarded,
      schema: {
        summary: 'Sets what proofing has established, out of what the persona has to show',
        params: Address,
        body: Type.Object({ state: Identity }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { account_id: accountId } = request.params
      const { state } = request.body
      const outcome = await standing.setIdentity(accountId, state)
      if (outcome === 'unknown') throw new Refusal('not_found')
      if (outcome === 'no_evidence') throw new Refusal('no_evidence')
      await record('account.identity-set', accountId, request.id, { state })
      return reply.code(204).send()
    },
  )
}
