import { Refusal } from '@gatehouse/http/refusal'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import { TokenRefusal, type TokenVerifier } from '@gatehouse/tokens/verifier'

/**
 * The claims of the access token that comes with a sign-in: by them revocations are matched.
 *
 * @throws Refusal `sign_in_failed`, `sign_in_unavailable`
 */
export function claimsOfSignIn(verifier: TokenVerifier) {
  return async (accessToken: string): Promise<AccessTokenClaims> => {
    try {
      return await verifier.verify(accessToken)
    } catch (error) {
      if (error instanceof KeysUnavailable) throw new Refusal('sign_in_unavailable')
      if (error instanceof TokenRefusal) throw new Refusal('sign_in_failed')
      throw error
    }
  }
}
