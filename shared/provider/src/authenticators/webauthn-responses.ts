// The form of what comes back from a browser (Web Authentication Level 3 §5.1): nothing else reaches the library.

import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Base64Url = Type.String({ minLength: 1, maxLength: 65_536, pattern: '^[A-Za-z0-9_-]+={0,2}$' })
/** A credential id has 1023 bytes at most (§4). */
const CredentialId = Type.String({ minLength: 1, maxLength: 1364, pattern: '^[A-Za-z0-9_-]+$' })

const Transport = Type.Union(
  ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'].map((name) => Type.Literal(name)),
)

const RegistrationSchema = Type.Object({
  id: CredentialId,
  rawId: CredentialId,
  type: Type.Literal('public-key'),
  response: Type.Object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    transports: Type.Optional(Type.Array(Transport, { maxItems: 16 })),
  }),
})

const AuthenticationSchema = Type.Object({
  id: CredentialId,
  rawId: CredentialId,
  type: Type.Literal('public-key'),
  response: Type.Object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Type.Optional(Type.Union([Base64Url, Type.Null()])),
  }),
})

export type RegistrationResponse = Static<typeof RegistrationSchema>
export type AuthenticationResponse = Static<typeof AuthenticationSchema>

export function isRegistrationResponse(response: unknown): response is RegistrationResponse {
  return Value.Check(RegistrationSchema, response)
}

export function isAuthenticationResponse(response: unknown): response is AuthenticationResponse {
  return Value.Check(AuthenticationSchema, response)
}
