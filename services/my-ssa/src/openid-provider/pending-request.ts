// The authorization request that waits in a session while the person signs in. oidc-provider keeps the request itself, as an
// interaction; what is here is what the pages need to know of it.

import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { MySsaDestination, MySsaDestinations } from '../browser/destination.ts'
import type { MySsaClients } from '../clients/store.ts'

export interface PendingRequest {
  /** Of the interaction. */
  uid: string
  /** Absent until the person has come by the address of the interaction in this session. */
  request?: { clientId: string; redirectUri: string; needsExtraSecurity: boolean }
}

const PREFIX = '/interaction/'

export const INTERACTION = `${PREFIX}:uid`
export const EXIT = `${INTERACTION}/exit`

export function pendingOf(session: Session | undefined): PendingRequest | undefined {
  return (session?.pending ?? undefined) as PendingRequest | undefined
}

/** Where sign-ins that came by OpenID Connect lead. */
export function createDestinations(clients: Pick<MySsaClients, 'find'>): MySsaDestinations {
  return {
    of(session): MySsaDestination | undefined {
      const pending = pendingOf(session)
      if (!pending) return undefined
      const { uid, request } = pending
      const client = request && clients.find(request.clientId)
      // A client may have been taken off the register meanwhile.
      if (request && !client) return undefined
      return {
        clientId: request?.clientId ?? '',
        name: client?.name ?? 'the service you came from',
        continueAt: PREFIX + uid,
        cancelAt: `${PREFIX}${uid}/exit`,
        leadsTo: request ? [request.redirectUri] : [],
        needsExtraSecurity: request?.needsExtraSecurity ?? false,
      }
    },
    resume(continueAt): PendingRequest | undefined {
      // Worth nothing without the cookie of the interaction, which is looked at when the person gets there.
      const uid = /^\/interaction\/([\w-]{10,100})$/.exec(continueAt)?.[1]
      return uid === undefined ? undefined : { uid }
    },
  }
}
