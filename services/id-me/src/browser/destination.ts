// What the pages know of the relying service that a person is on the way to. The wire gives it.

import type {
  Destination,
  Destinations,
  RequiredAuthentication,
} from '@gatehouse/provider/browser/destination'
import type { Session } from '@gatehouse/provider/sessions/sessions'

/** What a request asks of the sign-in, by its policy (fact sheet 3). */
export interface IdMeDestination extends Destination {
  requires: RequiredAuthentication
  /** The scope that names the policy: consent is kept for each. */
  policy: string
  /** Whether ID.me must have verified who the person is. */
  identity: 'self-asserted' | 'verified'
  /** The policy verifies each time, and for this request that was not done yet. */
  verifiesAnew: boolean
  /** The community that the person must belong to. */
  group: string | undefined
  /** The person comes to open an account. */
  wantsSignUp: boolean
}

export interface IdMeDestinations extends Destinations {
  of(session: Session | undefined): IdMeDestination | undefined
  /** What to keep as a session's pending request once the identity was verified for it. */
  verified(session: Session): unknown
}
