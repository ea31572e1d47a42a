// Somebody who is signed in gives password and second factor again before a change to the account. The page for the
// password starts it; the second factor ends it.

import type { Session } from '@gatehouse/provider/sessions/sessions'

/** What the session keeps in its ceremony between password and second factor. */
export interface Again {
  /** Path, without language prefix, to which the person comes back. */
  returnTo: string
}

export function beginAgain(returnTo: string): { again: Again } {
  return { again: { returnTo } }
}

export function againOf(session: Session | undefined): Again | undefined {
  return session?.ceremony?.again as Again | undefined
}
