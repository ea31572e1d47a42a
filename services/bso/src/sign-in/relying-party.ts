// BSO's side of OpenID Connect: code flow with PKCE, private_key_jwt. What openid-client throws holds codes and tokens
// in its causes, so nothing of it leaves this file: callers get an outcome, and a word for the log.

import type { webcrypto } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import * as oidc from 'openid-client'
import { type Person, personOf } from '../person.ts'

/** The audience of the access token: CBSV behind the gateway (RFC 8707). */
const RESOURCE = 'urn:gatehouse:cbsv'
const SCOPE = 'openid profile bso cbsv.verify'
/** Seconds for each request to sign-in. */
const TIMEOUT = 5

export interface Tokens {
  accessToken: string
  /** Milliseconds since the epoch. */
  expiresAt: number
  refreshToken?: string
}

/** What must come back unchanged for a sign-in to count. */
export interface Expected {
  state: string
  nonce: string
  codeVerifier: string
}

export type SignInResult =
  | { kind: 'signed-in'; person: Person; tokens: Tokens }
  | { kind: 'left' }
  | { kind: 'failed'; reason: string }
  | { kind: 'unavailable'; reason: string }

export type RefreshResult =
  | { kind: 'refreshed'; tokens: Tokens; person?: Person }
  | { kind: 'refused'; reason: string }
  | { kind: 'unavailable'; reason: string }

/** Sign-in could not be asked. `reason` is for the log. */
export class SignInUnreachable extends Error {}

export interface RelyingParty {
  /** The address to send the browser to, and what to expect back. @throws SignInUnreachable */
  begin(): Promise<{ url: URL; expected: Expected }>
  /** Takes the answer, as the query of the redirect URI: checks it, redeems the code, checks the ID token. */
  finish(query: URLSearchParams, expected: Expected): Promise<SignInResult>
  /** Trades a refresh token in. It is spent by this, whatever comes of it. */
  refresh(refreshToken: string, subject: string): Promise<RefreshResult>
  /** Where the browser ends the session at sign-in. No token is part of it. @throws SignInUnreachable */
  endSessionUrl(state: string): Promise<URL>
}

interface Options {
  issuer: string
  clientId: string
  /** P-256. */
  privateKey: webcrypto.CryptoKey
  /** Its `kid` in this service's JWKS. */
  keyId: string
  publicUrl: string
  fetch: typeof fetch
  /** Whether the issuer may be an `http:` address. */
  allowHttp: boolean
}

export function createRelyingParty(options: Options): RelyingParty {
  const { issuer, clientId, privateKey, keyId, publicUrl } = options
  let discovered: Promise<oidc.Configuration> | undefined

  // On first need, so that this website starts while sign-in is down; a failure is forgotten and tried again.
  async function configuration(): Promise<oidc.Configuration> {
    discovered ??= oidc.discovery(
      new URL(issuer),
      clientId,
      { id_token_signed_response_alg: 'ES256' },
      // openid-client addresses the assertion to the issuer, as the OpenID Foundation asked for in January 2025.
      oidc.PrivateKeyJwt({ key: privateKey, kid: keyId }),
      {
        [oidc.customFetch]: options.fetch as oidc.CustomFetch,
        timeout: TIMEOUT,
        // The ID token's signature counts although it came straight from sign-in (OIDC Core §3.1.3.7).
        execute: [
          oidc.enableNonRepudiationChecks,
          ...(options.allowHttp ? [oidc.allowInsecureRequests] : []),
        ],
      },
    )
    try {
      return await discovered
    } catch (error) {
      discovered = undefined
      throw new SignInUnreachable(reasonOf(error))
    }
  }

  return {
    async begin() {
      const config = await configuration()
      const expected = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      }
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: `${publicUrl}/callback`,
        scope: SCOPE,
        resource: RESOURCE,
        state: expected.state,
        nonce: expected.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(expected.codeVerifier),
        code_challenge_method: 'S256',
      })
      return { url, expected }
    },

    async finish(query, { state, nonce, codeVerifier }) {
      try {
        const config = await configuration()
        const answer = await oidc.authorizationCodeGrant(
          config,
          new URL(`${publicUrl}/callback?${query}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
          { resource: RESOURCE },
        )
        const person = personOf(answer.claims())
        if (!person) return { kind: 'failed', reason: 'id_token_lacks_claims' }
        return { kind: 'signed-in', person, tokens: tokensOf(answer) }
      } catch (error) {
        const reason = reasonOf(error)
        if (error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied')
          return { kind: 'left' }
        return { kind: isOutage(error) ? 'unavailable' : 'failed', reason }
      }
    },

    async refresh(refreshToken, subject) {
      try {
        const config = await configuration()
        const answer = await oidc.refreshTokenGrant(config, refreshToken, { resource: RESOURCE })
        const claims = answer.claims()
        // OIDC Core §12.2: a refreshed ID token is about the same person.
        if (claims && claims.sub !== subject) return { kind: 'refused', reason: 'another_subject' }
        return { kind: 'refreshed', tokens: tokensOf(answer, refreshToken), person: personOf(claims) }
      } catch (error) {
        const isRefused = error instanceof oidc.ResponseBodyError && error.error === 'invalid_grant'
        return { kind: isRefused ? 'refused' : 'unavailable', reason: reasonOf(error) }
      }
    },

    async endSessionUrl(state) {
      return oidc.buildEndSessionUrl(await configuration(), {
        post_logout_redirect_uri: `${publicUrl}/signed-out`,
        state,
      })
    },
  }
}

function tokensOf(answer: oidc.TokenEndpointResponse, previousRefreshToken?: string): Tokens {
  const refreshToken = answer.refresh_token ?? previousRefreshToken
  return {
    accessToken: answer.access_token,
    expiresAt: now() + (answer.expires_in ?? 0) * 1000,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  }
}

/** An error as one word. `error` of a response is text from outside: only what RFC 6749 could name gets through. */
function reasonOf(error: unknown): string {
  if (error instanceof SignInUnreachable) return error.message
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return /^[a-z_]{1,40}$/.test(error.error) ? error.error : 'unnamed_error'
  if (error instanceof oidc.WWWAuthenticateChallengeError) return 'client_refused'
  if (error instanceof oidc.ClientError) return error.code ?? 'invalid_answer'
  return error instanceof TypeError ? 'no_connection' : 'unexpected_error'
}

/** Whether sign-in was not there, or not itself, rather than said no. */
function isOutage(error: unknown): boolean {
  if (error instanceof SignInUnreachable || error instanceof TypeError) return true
  const outages = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']
  return error instanceof oidc.ClientError && outages.includes(error.code ?? '')
}
