// What administrators do with relying services, in the audit trail: done or refused, with what changed of it.

import type { Audit } from '@gatehouse/audit/audit'
import type { RelyingService } from '@gatehouse/contracts/relying-services'
import { Refusal } from '@gatehouse/http/refusal'
import type { ClientChange } from './relying-services.ts'

/** Who ordered what of which relying service; a new one has no id yet. */
interface Act {
  event: 'registered' | 'secret-rotated' | 'keys-replaced' | 'removed'
  by: string
  reason: string
  clientId?: string
  requestId: string
}

/** What says whom it sends people to and how it authenticates. Public keys by their ids. */
function facts({ metadata, hasSecret }: RelyingService) {
  const { client_name, redirect_uris, scope, token_endpoint_auth_method, jwks, jwks_uri } = metadata
  return {
    name: client_name,
    redirectUris: redirect_uris,
    scope,
    authenticationMethod: token_endpoint_auth_method,
    hasSecret,
    jwksUri: jwks_uri,
    keyIds: jwks?.keys.map(({ kid }) => (typeof kid === 'string' ? kid : null)),
  }
}

export function createTrail(audit: Audit) {
  /** Does it, and records it. What changed comes out of the answer by `changeIn`. */
  return async function record<Answer>(
    { event, by: actor, reason, clientId, requestId }: Act,
    work: () => Promise<Answer>,
    changeIn: (answer: Answer) => Partial<ClientChange>,
  ): Promise<Answer> {
    const who = { event: `relying-service.${event}`, actor, reason, requestId }
    try {
      const answer = await work()
      const { before, after } = changeIn(answer)
      await audit.record({
        ...who,
        subject: clientId ?? after?.clientId,
        outcome: 'success',
        before: before && facts(before),
        after: after && facts(after),
      })
      return answer
    } catch (error) {
      if (error instanceof Refusal) {
        const details = { code: error.code }
        await audit.record({ ...who, subject: clientId, outcome: 'refusal', details })
      }
      throw error
    }
  }
}
