// What a relying service is granted at the end of a sign-in.

import type { Audit } from '@gatehouse/audit/audit'
import type { UserId } from '@gatehouse/contracts/bso-user-ids'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { SignIn } from '../accounts/sign-ins.ts'
import { ADMIN_SCOPE, CBSV_SCOPE } from '../openid-provider/resources.ts'
import { finishInteraction, type Interaction } from './interaction.ts'

export interface GrantingDependencies {
  provider: () => Provider
  accounts: Accounts
  audit: Audit
}

const MFA_SCOPES = new Set([CBSV_SCOPE, ADMIN_SCOPE])

export function createGranting({ provider: current, accounts, audit }: GrantingDependencies) {
  /** Grants what was asked for, as far as the chosen User ID allows it, and sends the person back. */
  return async function grant(
    request: FastifyRequest,
    reply: FastifyReply,
    interaction: Interaction,
    signIn: SignIn,
    userId: UserId | undefined,
    chosenAt: number,
  ): Promise<FastifyReply> {
    const provider = current()
    const { missingOIDCScope = [], missingResourceScopes = {} } = interaction.prompt.details as {
      missingOIDCScope?: string[]
      missingResourceScopes?: Record<string, string[]>
    }
    const granted = new provider.Grant({
      accountId: signIn.accountId,
      clientId: String(interaction.params.client_id),
    })
    // CBSV opens only to User IDs for which the service is active (seed 001, 2.8: activation). As it and the console show
    // personal data, only to a sign-in of which the provider says that it had more than one factor (NIST SP 800-63B-4 §2).
    const opensCbsv = userId?.services.includes('CBSV') === true
    const isAllowed = (scope: string) =>
      (scope !== CBSV_SCOPE || opensCbsv) && (!MFA_SCOPES.has(scope) || signIn.amr.includes('mfa'))
    for (const scope of missingOIDCScope) {
      if (isAllowed(scope)) granted.addOIDCScope(scope)
      else granted.rejectOIDCScope(scope)
    }
    for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
      for (const scope of scopes) {
        if (isAllowed(scope)) granted.addResourceScope(resource, scope)
        else granted.rejectResourceScope(resource, scope)
      }
    }
    const grantId = await granted.save()
    const clientId = String(interaction.params.client_id)
    await accounts.keepGrantFacts(grantId, signIn.signInId, clientId, userId, chosenAt)
    await audit.record({
      event: 'sign-in.completed',
      outcome: 'success',
      actor: signIn.accountId,
      subject: String(interaction.params.client_id),
      details: { idp: signIn.idp, ...(userId ? { bsoUserId: userId.bsoUserId, ein: userId.ein } : {}) },
      requestId: request.id,
    })
    return finishInteraction(provider, request, reply, { consent: { grantId } })
  }
}
