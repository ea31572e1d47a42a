import type { KeyObject } from 'node:crypto'
import type { Attribute } from '../oauth/attributes.ts'
import type { Policy } from '../oauth/policies.ts'

export const GRANT_TYPES = ['authorization_code', 'refresh_token'] as const
export type GrantType = (typeof GRANT_TYPES)[number]

/** A relying service as it is registered. */
export interface Client {
  clientId: string
  /** Of the secret, which is kept nowhere. */
  secretDigest: string
  /** What people read. */
  name: string
  /** For coming back from signing in and from signing out alike; compared character by character. */
  redirectUris: readonly string[]
  /** What it may ask for, by scope, and what it learns then. */
  policies: ReadonlyMap<string, ClientPolicy>
  grantTypes: readonly GrantType[]
  requiresPkce: boolean
  /** Userinfo is encrypted to this key, where there is one. */
  encryptionKey: KeyObject | undefined
  encryptionKeyId: string | undefined
  /** Whether `social` comes as 123-45-6789. */
  hyphensInSocial: boolean
  /** Milliseconds; undefined where the client has no lifetime of its own. */
  lifetimes: { codeMs?: number; accessTokenMs?: number; refreshTokenMs?: number }
  active: boolean
}

export interface ClientPolicy {
  policy: Policy
  attributes: readonly Attribute[]
}

export interface Clients {
  find(clientId: string): Client | undefined
}
