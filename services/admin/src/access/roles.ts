import { type Static, Type } from 'typebox'

/**
 * What an administrator may do. Each role includes reading; `approver` decides what another person asked for, and
 * changes nothing else.
 */
export const Role = Type.Union([Type.Literal('viewer'), Type.Literal('revoker'), Type.Literal('approver')])
export type Role = Static<typeof Role>

/** An administrator at work: who, with which rights, from where. Made anew for each request. */
export interface Actor {
  administratorId: string
  email: string
  name: string | null
  /** As the operator gave them. */
  roles: readonly Role[]
  /** Whether this sign-in used a phishing-resistant factor. */
  isPhishingResistant: boolean
  /** The roles that count for this request. */
  rights: ReadonlySet<Role>
  /** The network address that the request came from. */
  from: string
  requestId: string
}

/** The word in `amr` for a factor that cannot be phished: as OpenID EAP ACR Values 1.0 §3 has it for `acr`; in `amr` it is ours. */
const PHISHING_RESISTANT = 'phr'

export function isPhishingResistant(amr: readonly string[] | undefined): boolean {
  return amr?.includes(PHISHING_RESISTANT) ?? false
}

/** Roles as far as the sign-in allows: who could have been phished may look, whatever the roles. */
export function rightsOf(roles: readonly Role[], phishingResistant: boolean): ReadonlySet<Role> {
  if (roles.length === 0) return new Set()
  return new Set(phishingResistant ? ['viewer', ...roles] : ['viewer'])
}
