// The authorization request that waits in a session while the person signs in. Being in the database, it survives a
// restart of this service like everything else about the session.

import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { IdMeDestinations } from '../browser/destination.ts'
import type { Clients } from '../clients/client.ts'
import { type AuthorizeRequest, checkAuthorizeRequest } from './authorize-request.ts'
import { OAuthError } from './errors.ts'

const AUTHORIZE = '/oauth/authorize?'
export const CANCEL = '/oauth/cancel'

export interface PendingRequest {
  /** In the one spelling of `newRequest`. */
  query: string
  /** For a policy that verifies the identity each time: for this request it was done. */
  isVerified: boolean
  /** The code was given out: nothing waits any more. */
  isDone: boolean
}

/** A request that begins to wait. Spelled anew, its query can stand in a header: it may come out of a form. */
export function newRequest(query: string): PendingRequest {
  return { query: new URLSearchParams(query).toString(), isVerified: false, isDone: false }
}

/** What the session remembers of its latest request, waiting or done. */
export function latestRequest(session: Session | undefined): PendingRequest | undefined {
  return session?.pending as PendingRequest | undefined
}

/** The request that waits, if it still passes: a client may have been taken off the list meanwhile. */
export function waitingRequest(
  session: Session | undefined,
  clients: Clients,
): { pending: PendingRequest; wanted: AuthorizeRequest } | undefined {
  const pending = latestRequest(session)
  if (!pending || pending.isDone) return undefined
  const wanted = passing(pending.query, clients)
  return wanted && { pending, wanted }
}

function passing(query: string, clients: Clients): AuthorizeRequest | undefined {
  try {
    return checkAuthorizeRequest(query, clients)
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

/** Where sign-ins that came by OAuth lead. */
export function createDestinations(clients: Clients): IdMeDestinations {
  return {
    of(session) {
      const waiting = waitingRequest(session, clients)
      if (!waiting) return undefined
      const { client, asked, redirectUri, wantsSignUp } = waiting.wanted
      return {
        clientId: client.clientId,
        name: client.name,
        continueAt: AUTHORIZE + waiting.pending.query,
        cancelAt: CANCEL,
        leadsTo: [redirectUri],
        requires: {
          aal: asked.policy.aal,
          phishingResistant: false,
          hspd12: false,
          allowsRememberedBrowser: false,
        },
        policy: asked.policy.name,
        identity: asked.policy.identity,
        verifiesAnew: asked.policy.verifiesAlways && !waiting.pending.isVerified,
        group: asked.policy.group,
        wantsSignUp,
      }
    },
    resume(continueAt) {
      if (!continueAt.startsWith(AUTHORIZE)) return undefined
      // Checked as if it had just come from the relying service, which it may well have.
      const query = continueAt.slice(AUTHORIZE.length)
      return passing(query, clients) && newRequest(query)
    },
    verified(session) {
      const pending = latestRequest(session)
      return pending && ({ ...pending, isVerified: true } satisfies PendingRequest)
    },
  }
}
