// What administrators do with relying services, in the audit trail: done or refused, with what changed of it.

import type { Audit, AuditEvent } from '@gatehouse/audit/audit'
import type { RelyingService } from '@gatehouse/contracts/relying-services'
import { Refusal } from '@gatehouse/http/refusal'

/** Who ordered what of which relying service; a new one has no id yet. */
export interface Act {
  event: 'registered' | 'secret-rotated' | 'keys-replaced' | 'removed'
  by: string
  reason?: string
  clientId?: string
  requestId?: string
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

function entry({ event, by: actor, reason, clientId: subject, requestId }: Act) {
  return { event: `relying-service.${event}`, actor, subject, reason, requestId }
}

/** The entry of what was done, to be stored with it. */
export function entryOf(
  act: Act,
  { before, after }: { before?: RelyingService; after?: RelyingService },
): AuditEvent {
  return {
    ...entry(act),
    subject: act.clientId ?? after?.clientId,
    outcome: 'success',
    before: before && facts(before),
    after: after && facts(after),
  }
}

/** Does it; of a refusal the trail tells, too. */
export async function auditRefusals<Answer>(
  audit: Audit,
  act: Act,
  work: (act: Act) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work(act)
  } catch (error) {
    if (error instanceof Refusal) {
      await audit.record({ ...entry(act), outcome: 'refusal', details: { code: error.code } })
    }
    throw error
  }
}
