// The authorization request that waits in a session while the person signs in. Being in the database, it survives a
// restart of this service like everything else about the session.

import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { Clients } from '../clients/client.ts'
import { readAcrValues, requiredAuthentication } from './assurance-levels.ts'
import { type AuthorizeRequest, checkAuthorizeRequest, readAuthorizeParameters } from './authorize-request.ts'

const AUTHORIZE = '/openid_connect/authorize?'

export interface PendingRequest {
  clientId: string
  /** The parameters as they came, without those that nobody reads. */
  query: string
  redirectUri: string
  state: string
  /** The `state` for which `prompt=login` has had its effect. */
  forcedFor: string | undefined
  /** The code was given out: nothing waits any more. */
  isDone: boolean
  /** Milliseconds: when that was. */
  handedOffAt?: number
}

export function pendingOf(
  request: AuthorizeRequest,
  query: string,
  forcedFor: string | undefined,
): PendingRequest {
  return {
    clientId: request.client.clientId,
    query: new URLSearchParams(readAuthorizeParameters(query)).toString(),
    redirectUri: request.redirectUri,
    state: request.state,
    forcedFor,
    isDone: false,
  }
}

/** What the session remembers of its latest request, waiting or done. */
export function latestRequest(session: Session | undefined): PendingRequest | undefined {
  return session?.pending as PendingRequest | undefined
}

/** The request that waits, if its parameters still pass: a client may have been taken off the list meanwhile. */
export function waitingRequest(session: Session | undefined, clients: Clients): AuthorizeRequest | undefined {
  const pending = latestRequest(session)
  if (!pending || pending.isDone) return undefined
  const checked = checkAuthorizeRequest(readAuthorizeParameters(pending.query), clients)
  return checked.isValid ? checked.request : undefined
}

/** Where sign-ins that came by OpenID Connect lead. */
export function createDestinations(clients: Clients): Destinations {
  return {
    of(session) {
      const pending = latestRequest(session)
      const client = pending && !pending.isDone ? clients.find(pending.clientId) : undefined
      if (!client || !pending) return undefined
      const acrValues = new URLSearchParams(pending.query).get('acr_values') ?? ''
      return {
        clientId: client.clientId,
        name: client.friendlyName,
        continueAt: AUTHORIZE + pending.query,
        cancelAt: '/redirect/return_to_sp/cancel',
        leadsTo: [pending.redirectUri, ...(client.failureToProofUrl ? [client.failureToProofUrl] : [])],
        requires: requiredAuthentication(readAcrValues(acrValues), client),
      }
    },
    resume(continueAt) {
      if (!continueAt.startsWith(AUTHORIZE)) return undefined
      // Checked as if it had just come from the relying service, which it may well have.
      const query = continueAt.slice(AUTHORIZE.length)
      const checked = checkAuthorizeRequest(readAuthorizeParameters(query), clients)
      if (!checked.isValid || !checked.request.client.active) return undefined
      return pendingOf(checked.request, query, checked.request.state)
    },
  }
}
