// Whether an answer is one to what was asked, for this site, by the key it names (Web Authentication Level 3 §7.1, §7.2).
// `@simplewebauthn/server` judges; it is loaded when the first answer comes.

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import type { WebAuthnDetails } from './authenticators.ts'
import type { AuthenticationResponse, RegistrationResponse } from './webauthn-responses.ts'

/** COSE algorithms of which every kind of key has one: EdDSA, ES256, RS256 (RFC 9053, RFC 8812). */
export const ALGORITHMS = [-8, -7, -257]

/** What an answer must be an answer to. */
export interface Asked {
  /** As in the options. */
  challenge: string
  origin: string
  rpId: string
  /** The authenticator must have made sure who it is. */
  mustVerifyUser: boolean
}

/** Characters of base64url: 16 bytes, the least that a challenge may have (§13.4.3). */
const SHORTEST_CHALLENGE = 22

/** @returns what is to be kept of a new credential; nothing if the answer is not what was asked for */
export async function verifiedCredential(response: RegistrationResponse, asked: Asked) {
  if (asked.challenge.length < SHORTEST_CHALLENGE) return undefined
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers')
  try {
    // None were asked for, so whoever sends some is no browser; and to judge some the library asks their makers' servers.
    const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject))
    if (hasCertificates(attestation)) return undefined
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: asked.challenge,
      expectedOrigin: asked.origin,
      expectedRPID: asked.rpId,
      supportedAlgorithmIDs: ALGORITHMS,
      requireUserVerification: asked.mustVerifyUser,
    })
    if (!verified) return undefined
    const { credential, credentialBackedUp } = registrationInfo
    const details: WebAuthnDetails = {
      credentialId: credential.id,
      publicKey: isoBase64URL.fromBuffer(credential.publicKey),
      transports: response.response.transports ?? [],
      isBackedUp: credentialBackedUp,
    }
    return { identifier: credential.id, counter: credential.counter, details }
  } catch {
    // That is how the library says no, and what it makes of bytes that mean nothing.
    return undefined
  }
}

/** Whether a credential comes with statements of its maker, beyond its own signature. */
function hasCertificates(attestation: ReturnType<typeof decodeAttestationObject>): boolean {
  const format = attestation.get('fmt')
  if (format === 'none') return false
  return format !== 'packed' || attestation.get('attStmt').get('x5c') !== undefined
}

/** @returns the count that an assertion by this credential gives; nothing if it is not what was asked for */
export async function verifiedCounter(
  response: AuthenticationResponse,
  asked: Asked,
  { details, counter }: { details: WebAuthnDetails; counter: number },
): Promise<number | undefined> {
  if (asked.challenge.length < SHORTEST_CHALLENGE) return undefined
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: asked.challenge,
      expectedOrigin: asked.origin,
      expectedRPID: asked.rpId,
      credential: {
        id: details.credentialId,
        publicKey: new Uint8Array(Buffer.from(details.publicKey, 'base64url')),
        counter,
      },
      requireUserVerification: asked.mustVerifyUser,
    })
    return verified ? authenticationInfo.newCounter : undefined
  } catch {
    return undefined
  }
}
