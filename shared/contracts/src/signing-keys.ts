// The keys with which sign-in signs.

import { type Static, Type } from 'typebox'
import { orderedBy } from './administrators.ts'
import type { ServiceCalls } from './calls.ts'

export const SigningKey = Type.Object({
  kid: Type.String(),
  alg: Type.String(),
  state: Type.Union([Type.Literal('current'), Type.Literal('next'), Type.Literal('previous')]),
  createdAt: Type.Integer({ description: 'milliseconds' }),
})
export type SigningKey = Static<typeof SigningKey>
export const SigningKeys = Type.Object({ signingKeys: Type.Array(SigningKey) })

export const RotationOrder = Type.Object(
  {
    ...orderedBy,
    current: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'a key id: rotates only while this key is a current one, so that one order rotates once',
      }),
    ),
  },
  { additionalProperties: false },
)

/** Signing keys (scope `signing-keys.write`). Refuses with `signing_keys_rotated` (409): `current` is not current. */
export function signingKeys(calls: ServiceCalls) {
  const scope = 'signing-keys.write'
  const path = '/signing-keys'
  return {
    /** All that are published: current, next, previous, of each algorithm. */
    list: () => calls.call('sign-in', { scope, method: 'GET', path, response: SigningKeys }),
    /**
     * Next becomes current, current previous, and what was previous goes. Every process of sign-in follows within
     * seconds, and until then signs with a key that is still published.
     */
    rotate: (body: Static<typeof RotationOrder>) =>
      calls.call('sign-in', { scope, method: 'POST', path, body, response: SigningKeys }),
  }
}
