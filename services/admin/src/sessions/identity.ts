import type { Registration } from '@gatehouse/relying-party/relying-party'
import { ADMIN_AUDIENCE } from '@gatehouse/tokens/access-token'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** Asks for a factor that cannot be phished. Sign-in need not obey: `amr` tells afterwards. */
const PHISHING_RESISTANT_ACR = 'http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true'

/** The scope of the console's API. */
export const ADMIN_SCOPE = 'admin'

/** Who is signed in, as the ID token says. */
export interface Identity {
  /** One for all clients of the console's API; means nothing to any other relying service. */
  subject: string
  name: string | undefined
  email: string | undefined
  amr: string[]
  /** Epoch seconds. */
  authenticatedAt: number
}

const Text = Type.String({ minLength: 1 })
const Claims = Type.Object({
  sub: Text,
  name: Type.Optional(Text),
  email: Type.Optional(Text),
  amr: Type.Optional(Type.Array(Text)),
  auth_time: Type.Integer(),
})

/** What the console is to sign-in. */
export const registration: Registration<Identity> = {
  clientId: 'admin',
  scope: `openid profile email ${ADMIN_SCOPE}`,
  resource: ADMIN_AUDIENCE,
  acrValues: PHISHING_RESISTANT_ACR,
  personOf(claims) {
    if (!Value.Check(Claims, claims)) return undefined
    const { sub: subject, name, email, amr = [], auth_time: authenticatedAt } = claims
    return { subject, name, email, amr, authenticatedAt }
  },
}
