// A website's side of OpenID Connect: code flow with PKCE, private_key_jwt. What openid-client throws holds codes and
// tokens in its causes, so nothing of it leaves this file: callers get an outcome, and a word for the log.

import { webcrypto } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Ground } from '@gatehouse/http/service'
import * as oidc from 'openid-client'

/** Seconds for each request to sign-in. */
const TIMEOUT = 5

export interface Tokens {
  accessToken: string
  /** Milliseconds since the epoch. */
  expiresAt: number
  refreshToken?: string
}

/** Which sign-in a session of a website comes of: to be kept with it, and shown to `hasEnded` of back-channel logout. */
export interface SignInOrigin {
  /** As this website knows the person. */
  subject: string
  /** The session at sign-in, by the name that it has at this website alone. */
  sid?: string
  /** When the ID token was issued: epoch seconds, by the clock of sign-in. */
  issuedAt: number
}

/** What must come back unchanged for a sign-in to count. */
export interface Expected {
  state: string
  nonce: string
  codeVerifier: string
}

export type SignInResult<Person> =
  | { kind: 'signed-in'; person: Person; tokens: Tokens; origin: SignInOrigin }
  | { kind: 'left' }
  | { kind: 'failed'; reason: string }
  | { kind: 'unavailable'; reason: string }

export type RefreshResult<Person> =
  | { kind: 'refreshed'; tokens: Tokens; person?: Person | undefined }
  | { kind: 'refused'; reason: string }
  | { kind: 'unavailable'; reason: string }

/** Sign-in could not be asked. The message is for the log. */
export class SignInUnreachable extends Error {}

export interface RelyingParty<Person> {
  /**
   * The address to send the browser to, and what to expect back.
   *
   * @param choices `prompt: 'consent'` lets the person choose again what a sign-in that still stands had settled
   * @throws SignInUnreachable
   */
  begin(choices?: { prompt?: 'consent' }): Promise<{ url: URL; expected: Expected }>
  /** Takes the answer, as the query of the redirect URI: checks it, redeems the code, checks the ID token. */
  finish(query: URLSearchParams, expected: Expected): Promise<SignInResult<Person>>
  /** Trades a refresh token in. It is spent by this, whatever comes of it. */
  refresh(refreshToken: string, subject: string): Promise<RefreshResult<Person>>
  /** Where the browser ends the session at sign-in. No token is part of it. @throws SignInUnreachable */
  endSessionUrl(state: string): Promise<URL>
}

export interface Registration<Person> {
  /** As registered at sign-in, with `<publicUrl>/callback` and `<publicUrl>/signed-out`. */
  clientId: string
  scope: string
  /** The audience of the access token (RFC 8707). */
  resource?: string
  /** How the person should sign in. Sign-in need not obey (OpenID Connect Core §3.1.2.1): look at `acr` afterwards. */
  acrValues?: string
  /** The person of a validated ID token; `undefined` when it lacks what the website needs, and nobody is signed in. */
  personOf(claims: unknown): Person | undefined
}

type Footing = Pick<Ground, 'publicUrl' | 'urls' | 'serviceKey' | 'fetch'> & {
  configuration: { PROFILE: 'test' | 'live' }
}

export function createRelyingParty<Person>(
  { publicUrl, urls, serviceKey, fetch, configuration: { PROFILE } }: Footing,
  { clientId, scope, resource, acrValues, personOf }: Registration<Person>,
): RelyingParty<Person> {
  const towards: Record<string, string> = resource === undefined ? {} : { resource }
  let discovered: Promise<oidc.Configuration> | undefined

  async function discover(): Promise<oidc.Configuration> {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await webcrypto.subtle.importKey('jwk', serviceKey, algorithm, false, ['sign'])
    return oidc.discovery(
      new URL(urls['sign-in']),
      clientId,
      { id_token_signed_response_alg: 'ES256' },
      // openid-client addresses the assertion to the issuer, as the OpenID Foundation asked for in January 2025.
      oidc.PrivateKeyJwt({ key, kid: serviceKey.kid ?? '' }),
      {
        [oidc.customFetch]: fetch as oidc.CustomFetch,
        timeout: TIMEOUT,
        // The ID token's signature counts although it came straight from sign-in (OIDC Core §3.1.3.7).
        execute: [
          oidc.enableNonRepudiationChecks,
          ...(PROFILE === 'test' ? [oidc.allowInsecureRequests] : []),
        ],
      },
    )
  }

  // On first need, so that a website starts while sign-in is down; a failure is forgotten and tried again.
  async function signIn(): Promise<oidc.Configuration> {
    discovered ??= discover()
    try {
      return await discovered
    } catch (error) {
      discovered = undefined
      throw new SignInUnreachable(reasonOf(error))
    }
  }

  return {
    async begin({ prompt } = {}) {
      const provider = await signIn()
      const expected = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      }
      const url = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: `${publicUrl}/callback`,
        scope,
        ...towards,
        ...(acrValues === undefined ? {} : { acr_values: acrValues }),
        ...(prompt === undefined ? {} : { prompt }),
        state: expected.state,
        nonce: expected.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(expected.codeVerifier),
        code_challenge_method: 'S256',
      })
      return { url, expected }
    },

    async finish(query, { state, nonce, codeVerifier }) {
      try {
        const answer = await oidc.authorizationCodeGrant(
          await signIn(),
          new URL(`${publicUrl}/callback?${query}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
          towards,
        )
        const claims = answer.claims()
        const person = personOf(claims)
        if (!claims || !person) return { kind: 'failed', reason: 'id_token_lacks_claims' }
        return { kind: 'signed-in', person, tokens: tokensOf(answer), origin: originOf(claims) }
      } catch (error) {
        if (error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied')
          return { kind: 'left' }
        return { kind: isOutage(error) ? 'unavailable' : 'failed', reason: reasonOf(error) }
      }
    },

    async refresh(refreshToken, subject) {
      try {
        const answer = await oidc.refreshTokenGrant(await signIn(), refreshToken, towards)
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
      return oidc.buildEndSessionUrl(await signIn(), {
        post_logout_redirect_uri: `${publicUrl}/signed-out`,
        state,
      })
    },
  }
}

function originOf({ sub, sid, iat }: oidc.IDToken): SignInOrigin {
  return { subject: sub, issuedAt: iat, ...(typeof sid === 'string' ? { sid } : {}) }
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
