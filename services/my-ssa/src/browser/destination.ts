// What the pages know of the relying service that a person is on the way to. The wire gives it.

import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { Session } from '@gatehouse/provider/sessions/sessions'

export interface MySsaDestination extends Destination {
  /** The relying service asks first of all for a sign-in with extra security. Whoever skips it goes on without. */
  needsExtraSecurity: boolean
}

export interface MySsaDestinations extends Destinations {
  of(session: Session | undefined): MySsaDestination | undefined
}
