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
  failureToProofUrl: string | undefined
  allowPromptLogin: boolean
  active: boolean
}

export interface Clients {
  find(clientId: string): Client | undefined
}
