import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'

/** The Terms of Service in force. */
export const Terms = Type.Object({
  version: Type.String(),
  textHash: Type.String({ description: 'SHA-256 of the text, hexadecimal' }),
  introduction: Type.Array(Type.String({ description: 'a paragraph' })),
  conditions: Type.Array(
    Type.Object({ text: Type.String(), details: Type.Optional(Type.Array(Type.String())) }),
  ),
  agreement: Type.String({ description: 'the label of the checkbox' }),
})
export type Terms = Static<typeof Terms>

export const AttestationRequest = Type.Object(
  {
    accountId: Type.String({ minLength: 1, maxLength: 128 }),
    version: Type.String({ minLength: 1, maxLength: 32 }),
    textHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)

export const Attestation = Type.Object({
  attestationId: Type.String(),
  accountId: Type.String(),
  version: Type.String(),
  textHash: Type.String(),
  attestedAt: Type.Integer({ description: 'milliseconds' }),
})
export type Attestation = Static<typeof Attestation>

/** Refuses with `terms_not_current` (409) when version and hash are not those in force. */
export function terms(calls: ServiceCalls) {
  const scope = 'attestations.write'
  return {
    current: () => calls.call('terms', { scope, method: 'GET', path: '/terms/current', response: Terms }),
    attest: (body: Static<typeof AttestationRequest>) =>
      calls.call('terms', { scope, method: 'POST', path: '/attestations', body, response: Attestation }),
  }
}
