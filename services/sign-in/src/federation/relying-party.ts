import { now } from '@gatehouse/clock/clock'
import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import * as client from 'openid-client'
import { clientAuthentication } from './client-authentication.ts'
import { type FederatedIdentity, identityFrom } from './identity.ts'
import type { IdentityProvider } from './providers.ts'
import { fetchClaims, prepareUserInfo } from './userinfo.ts'

/** What must be remembered between the request and the answer. */
export interface PendingRequest {
  state: string
  nonce: string
  codeVerifier: string
}

/** The person ended the federated sign-in, or may not use it: `access_denied` (RFC 6749 §4.1.2.1). */
export class FederationDenied extends Error {}
/** The provider cannot be reached, or what it answered must not be believed. */
class FederationFailed extends Error {}

/** How long a provider's metadata is used before it is fetched again. */
const METADATA_MILLISECONDS = 10 * 60 * 1000

/**
 * This service as a relying party of one provider: authorization code with PKCE, state and nonce (RFC 9700 §2.1.1). PKCE is
 * sent whatever the provider advertises: one that does not know it ignores it.
 *
 * @param redirectUri where the provider sends the person back
 * @param options.allowHttp plain http issuers, for the test profile
 */
export function createRelyingParty(
  provider: IdentityProvider,
  redirectUri: string,
  options: { fetch: typeof fetch; allowHttp: boolean },
) {
  const fetch = options.fetch as client.CustomFetch
  let configuration: Promise<client.Configuration> | undefined
  let discoveredAt = 0

  async function discover(): Promise<client.Configuration> {
    const alg = provider.userinfo?.alg
    const discovered = await client.discovery(
      new URL(provider.issuer),
      provider.clientId,
      alg ? { userinfo_signed_response_alg: alg } : undefined,
      await clientAuthentication(provider),
      {
        [client.customFetch]: fetch,
        execute: [
          // Without it the library takes tokens on the word of TLS alone.
          client.enableNonRepudiationChecks,
          ...(options.allowHttp ? [client.allowInsecureRequests] : []),
        ],
      },
    )
    await prepareUserInfo(discovered, provider, fetch)
    discoveredAt = now()
    return discovered
  }

  /** Fetched when first needed, so that this service starts while the provider is down. */
  function configured(): Promise<client.Configuration> {
    if (!configuration || now() - discoveredAt > METADATA_MILLISECONDS) {
      discoveredAt = now()
      configuration = discover().catch((error) => {
        configuration = undefined
        throw new FederationFailed('no metadata', { cause: error })
      })
    }
    return configuration
  }

  /** Redeems the code of an answer; gives tokens whose ID token is verified. */
  async function redeem(configuration: client.Configuration, query: string, pending: PendingRequest) {
    const answer = validateAuthResponse(
      configuration.serverMetadata(),
      { client_id: provider.clientId },
      new URLSearchParams(query),
      pending.state,
    )
    const code = answer.get('code')
    if (!code) throw new Error('the answer has no code')
    const tokens = await client.genericGrantRequest(configuration, 'authorization_code', {
      code,
      redirect_uri: redirectUri,
      code_verifier: pending.codeVerifier,
    })
    const idToken = tokens.claims()
    if (!idToken) throw new Error('the token response has no ID token')
    // Ours to check: the library has no rule for providers that do not always echo it.
    const mayBeAbsent = provider.nonce === 'if-echoed' && idToken.nonce === undefined
    if (!mayBeAbsent && idToken.nonce !== pending.nonce) throw new Error('the ID token has another nonce')
    return { accessToken: tokens.access_token, idToken }
  }

  return {
    provider,

    /** Where the provider publishes the keys with which it signs. @throws FederationFailed */
    async jwksUri(): Promise<string> {
      const { jwks_uri: jwksUri } = (await configured()).serverMetadata()
      if (!jwksUri) throw new FederationFailed('the metadata name no keys')
      return jwksUri
    },

    /**
     * The address to send the person to, and what to remember until the answer.
     *
     * @param options.authenticateAgain a session that the person still has at the provider is not enough
     * @param options.signUp the person has no account there yet
     * @param options.levels what the relying service asks for; of them the provider is asked for those in its row
     * @throws FederationFailed
     */
    async begin(options: {
      authenticateAgain: boolean
      signUp: boolean
      levels: readonly string[]
    }): Promise<{ url: URL; pending: PendingRequest }> {
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      }
      const levels = options.levels.filter((level) => provider.requestableAcr?.includes(level))
      const acrValues = [...new Set([...levels, ...(provider.acrValues?.split(' ') ?? [])])].join(' ')
      const url = client.buildAuthorizationUrl(await configured(), {
        redirect_uri: redirectUri,
        scope: provider.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        // The order is that of preference (OpenID Connect Core §3.1.2.1).
        ...(acrValues ? { acr_values: acrValues } : {}),
        ...provider.parameters,
        ...(options.authenticateAgain && provider.promptLogin ? { prompt: 'login' } : {}),
        // Last: whoever makes an account there authenticates anew in any case.
        ...(options.signUp ? provider.signUp?.parameters : {}),
      })
      return { url, pending }
    },

    /**
     * Redeems the answer and asks who the person is.
     *
     * @param query the query of the request to the redirect URI
     * @throws FederationDenied, FederationFailed
     */
    async finish(query: string, pending: PendingRequest): Promise<FederatedIdentity> {
      const configuration = await configured()
      try {
        const { accessToken, idToken } = await redeem(configuration, query, pending)
        const userinfo = await fetchClaims(configuration, provider, accessToken, idToken.sub)
        return identityFrom(provider, idToken, userinfo)
      } catch (error) {
        if (error instanceof AuthorizationResponseError && error.error === 'access_denied') {
          throw new FederationDenied(error.error, { cause: error })
        }
        throw new FederationFailed('the answer was not accepted', { cause: error })
      }
    },
  }
}

export type RelyingParty = ReturnType<typeof createRelyingParty>

/**
 * Why a federation failed, for the log: the words of this service and its libraries. What the provider sent is left out,
 * even the piece of it that a JSON parser quotes.
 */
export function reasonOf(error: unknown): string {
  const words: string[] = []
  for (let one = error; one instanceof Error && words.length < 6; one = one.cause) {
    const code = one instanceof client.ResponseBodyError && /^[a-z_]{1,40}$/.test(one.error) ? one.error : ''
    words.push(one instanceof SyntaxError ? 'no JSON' : `${one.message}${code && ` (${code})`}`)
  }
  return words.join(': ')
}
