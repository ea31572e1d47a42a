import { readFileSync } from 'node:fs'
import { now } from '@gatehouse/clock/clock'
import { importJWK, type JWK } from 'jose'
import * as client from 'openid-client'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { IdentityProvider } from './providers.ts'

/** What identifies the person behind a credential, as far as the provider says. */
export interface FederatedIdentity {
  idp: string
  subject: string
  acr: string | undefined
  amr: string[]
  givenName: string | undefined
  familyName: string | undefined
  /** YYYY-MM-DD. */
  birthdate: string | undefined
  email: string | undefined
  /** Nine digits. Kept nowhere in this service. */
  ssn: string | undefined
}

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

const Texts = Type.Array(Type.String())

async function clientAuthentication({ authentication }: IdentityProvider): Promise<client.ClientAuth> {
  if (authentication.method === 'client_secret_post') {
    return client.ClientSecretPost(readFileSync(authentication.secretFile, 'utf8').trim())
  }
  const jwk: JWK = JSON.parse(readFileSync(authentication.keyFile, 'utf8'))
  const key = (await importJWK(jwk)) as client.CryptoKey
  let tokenEndpoint: string | undefined
  const privateKeyJwt = client.PrivateKeyJwt(
    { key, ...(jwk.kid ? { kid: jwk.kid } : {}) },
    {
      // Login.gov takes its token endpoint as the audience and nothing else (facts: login-gov §3).
      [client.modifyAssertion]: (_header, payload) => {
        if (authentication.audience === 'token_endpoint' && tokenEndpoint) payload.aud = tokenEndpoint
      },
    },
  )
  return (server, metadata, body, headers) => {
    tokenEndpoint = server.token_endpoint
    return privateKeyJwt(server, metadata, body, headers)
  }
}

/**
 * This service as a relying party of one provider: authorization code with PKCE, state and nonce (RFC 9700 §2.1.1).
 *
 * @param redirectUri where the provider sends the person back
 * @param options.allowHttp plain http issuers, for the test profile
 */
export function createRelyingParty(
  provider: IdentityProvider,
  redirectUri: string,
  options: { fetch: typeof fetch; allowHttp: boolean },
) {
  let configuration: Promise<client.Configuration> | undefined
  let discoveredAt = 0

  async function discover(): Promise<client.Configuration> {
    const issuer = new URL(provider.issuer)
    const discovered = await client.discovery(
      issuer,
      provider.clientId,
      undefined,
      await clientAuthentication(provider),
      {
        [client.customFetch]: options.fetch as client.CustomFetch,
        execute: [
          // Without it the library takes an ID token from the token endpoint on the word of TLS alone.
          client.enableNonRepudiationChecks,
          ...(options.allowHttp ? [client.allowInsecureRequests] : []),
        ],
      },
    )
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

  /** People without an SSN carry other numbers at some providers; what is no SSN is not taken for one. */
  const nineDigits = (value: string | undefined) => {
    const digits = value?.replaceAll('-', '')
    return digits && /^[0-9]{9}$/.test(digits) ? digits : undefined
  }

  const text = (claims: Record<string, unknown>, name: string) => {
    const value = claims[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  return {
    provider,

    /**
     * The address to send the person to, and what to remember until the answer.
     *
     * @param options.authenticateAgain a session that the person still has at the provider is not enough
     * @throws FederationFailed
     */
    async begin(options: { authenticateAgain: boolean }): Promise<{ url: URL; pending: PendingRequest }> {
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(await configured(), {
        redirect_uri: redirectUri,
        scope: provider.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        ...(provider.acrValues ? { acr_values: provider.acrValues } : {}),
        ...(options.authenticateAgain && provider.promptLogin ? { prompt: 'login' } : {}),
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
        const tokens = await client.authorizationCodeGrant(
          configuration,
          new URL(`${redirectUri}?${query}`),
          {
            expectedState: pending.state,
            expectedNonce: pending.nonce,
            pkceCodeVerifier: pending.codeVerifier,
            idTokenExpected: true,
          },
        )
        const idToken = tokens.claims() as client.IDToken
        const claims = {
          ...idToken,
          ...(await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)),
        }
        const acr = text(idToken, 'acr')
        if (provider.acceptedAcr && !provider.acceptedAcr.includes(acr ?? '')) {
          throw new Error('the provider asserted an assurance level that is not enough')
        }
        const names = provider.claims
        return {
          idp: provider.id,
          subject: idToken.sub,
          acr,
          amr: Value.Check(Texts, idToken.amr) ? idToken.amr : provider.amr,
          givenName: text(claims, names?.givenName ?? 'given_name'),
          familyName: text(claims, names?.familyName ?? 'family_name'),
          birthdate: text(claims, names?.birthdate ?? 'birthdate'),
          email: text(claims, names?.email ?? 'email'),
          ssn: nineDigits(text(claims, names?.ssn ?? 'social_security_number')),
        }
      } catch (error) {
        if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied') {
          throw new FederationDenied(error.error, { cause: error })
        }
        throw new FederationFailed('the answer was not accepted', { cause: error })
      }
    },
  }
}

export type RelyingParty = ReturnType<typeof createRelyingParty>
