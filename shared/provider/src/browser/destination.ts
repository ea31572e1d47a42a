import type { Session } from '../sessions/sessions.ts'

/** What a relying service's request asks of the sign-in itself, whatever protocol said so. */
export interface RequiredAuthentication {
  /** Authenticator assurance level (NIST SP 800-63B). */
  aal: 1 | 2
  /** Only authenticators that a look-alike site cannot use; `hspd12` implies it. */
  phishingResistant: boolean
  /** Only a government employee's certificate (PIV/CAC). */
  hspd12: boolean
  /** Whether a browser that is remembered may go without a second factor. */
  allowsRememberedBrowser: boolean
}

/** What the steps of a sign-in know of the relying service that a person is on the way to. */
export interface Destination {
  clientId: string
  /** As people know it. */
  name: string
  /** Path, without language prefix, at which its request goes on after a step. */
  continueAt: string
  /** Path that leads back to it without signing in. */
  cancelAt: string
  /** Addresses outside to which the way on may lead. */
  leadsTo: string[]
  /** What the sign-in must have; nothing beyond the provider's own rules when absent. */
  requires?: RequiredAuthentication
}

/** How the steps of a sign-in ask where it leads, whatever protocol it came by. */
export interface Destinations {
  /** The destination of a session, while a request waits in it. */
  of(session: Session | undefined): Destination | undefined
  /**
   * What to keep as a session's pending request so that it goes on at `continueAt`, for a sign-in page that was open for
   * longer than its session. Nothing for any other address.
   */
  resume(continueAt: string): unknown
}
