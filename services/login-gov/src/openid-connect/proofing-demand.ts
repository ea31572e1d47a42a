import { now } from '@gatehouse/clock/clock'
import type { Account, Profile } from '@gatehouse/provider/accounts/account'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { Clients } from '../clients/client.ts'
import type { ProofingDemand } from '../proofing/progress.ts'
import { isSatisfied } from './assurance-levels.ts'
import type { AuthorizeRequest } from './authorize-request.ts'
import { waitingRequest } from './pending-request.ts'

/** What a request wants to have verified about somebody; nothing when what is known of them will do. */
export function proofingDemandOf(
  { assurance, verifiedWithin }: Pick<AuthorizeRequest, 'assurance' | 'verifiedWithin'>,
  account: Account,
): ProofingDemand | undefined {
  const { level } = assurance
  if (isSatisfied(level, recentProfile(account, verifiedWithin))) return undefined
  // New users match their face where it is preferred, too (fact sheet 2.3).
  return { facialMatch: level === 'facial_match_required' || level === 'facial_match_preferred' }
}

/** The same of the request that waits in a session, if any does. */
export function createProofingDemands(clients: Clients) {
  return (session: Session | undefined, account: Account): ProofingDemand | undefined => {
    const waiting = waitingRequest(session, clients)
    return waiting && proofingDemandOf(waiting, account)
  }
}

/** The profile, unless the request asks for one that is younger. */
function recentProfile({ profile }: Account, verifiedWithin: number | undefined): Profile | undefined {
  const isTooOld = profile && verifiedWithin !== undefined && profile.verifiedAt < now() - verifiedWithin
  return isTooOld ? undefined : profile
}
