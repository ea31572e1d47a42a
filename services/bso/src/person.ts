import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** Who is signed in, as the ID token says. */
export interface Person {
  /** Pairwise: means nothing to any other relying service. */
  subject: string
  name: string
  bsoUserId: string
  ein: string
  /** The BSO services that are active for the User ID, such as `CBSV`. */
  services: string[]
}

const Claims = Type.Object({
  sub: Type.String({ minLength: 1 }),
  name: Type.Optional(Type.String()),
  given_name: Type.Optional(Type.String()),
  family_name: Type.Optional(Type.String()),
  bso_user_id: Type.String({ minLength: 1 }),
  ein: Type.String({ minLength: 1 }),
  bso_services: Type.Array(Type.String()),
})

/** The person of a validated ID token; `undefined` when it lacks what BSO needs, and nobody is let in on half of it. */
export function personOf(claims: unknown): Person | undefined {
  if (!Value.Check(Claims, claims)) return undefined
  const { sub, name, given_name, family_name, bso_user_id, ein, bso_services } = claims
  const fullName = name ?? [given_name, family_name].filter(Boolean).join(' ')
  return { subject: sub, name: fullName || bso_user_id, bsoUserId: bso_user_id, ein, services: bso_services }
}
