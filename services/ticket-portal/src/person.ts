import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import type { Registration } from '@gatehouse/relying-party/relying-party'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** Who is signed in, as the ID token says. */
export interface Person {
  /** Pairwise: means nothing to any other relying service. */
  subject: string
  name: string
  /** At my Social Security. Without it nobody can be enrolled. */
  username: string | undefined
  hasExtraSecurity: boolean
}

const Text = Type.String({ minLength: 1 })
const Claims = Type.Object({
  sub: Text,
  name: Type.Optional(Text),
  preferred_username: Type.Optional(Text),
  acr: Type.Optional(Text),
})

/** What the Ticket Portal is to sign-in. */
export const registration: Registration<Person> = {
  clientId: 'ticket-portal',
  scope: 'openid profile',
  acrValues: MY_SSA_ACR.withExtraSecurity,
  personOf(claims) {
    if (!Value.Check(Claims, claims)) return undefined
    const { sub, name, preferred_username: username, acr } = claims
    // Whoever skipped extra security comes back all the same: asking for it made nothing sure.
    const hasExtraSecurity = acr === MY_SSA_ACR.withExtraSecurity
    return { subject: sub, name: name ?? username ?? 'Your account', username, hasExtraSecurity }
  },
}
