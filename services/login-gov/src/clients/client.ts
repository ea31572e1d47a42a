import type { KeyObject } from 'node:crypto'

/** A relying service as it is registered. */
export interface Client {
  clientId: string
  /** What people read. */
  friendlyName: string
  /** Clients of one agency see the same subject for a person. */
  agencyId: string
  /** The most it may ask for: 1 is sign-in alone, 2 is proofed identity as well. */
  ial: 1 | 2
  /** true: PKCE only; false: private_key_jwt only; null: either. */
  pkce: boolean | null
  publicKeys: KeyObject[]
  /** For coming back from signing in and from signing out alike. */
  redirectUris: string[]
  returnToSpUrl: string | undefined
  failureToProofUrl: string | undefined
  /** Where security events are pushed to. */
  pushNotificationUrl: string | undefined
  /** Security events name the client as their audience instead of the URL. */
  pushAudienceIsClientId: boolean
  allowPromptLogin: boolean
  allowPromptCreate: boolean
  /** May ask for `ial/0`: verified attributes of who is proofed, sign-in alone for others. */
  allowIalmax: boolean
  allowVerifiedWithin: boolean
  /** What sign-ins need where a request is silent: 2 a fresh second factor, 3 one that resists phishing. */
  defaultAal: 2 | 3 | undefined
  active: boolean
}

export interface Clients {
  find(clientId: string): Client | undefined
  all(): Client[]
}
