import { decodeJwt, type JWTPayload } from 'jose'
import * as client from 'openid-client'
import { type HeadlessBrowser, openBrowser } from './headless-browser.ts'
import { StuckAt } from './page.ts'
import { completeSignIn, type SignInChoices } from './sign-in-steps.ts'

/** A public client and what it asks for. */
export interface PublicClient {
  clientId: string
  redirectUri: string
  scope: string
  /** A resource indicator (RFC 8707). */
  resource: string
  /** Levels to ask for, the preferred one first. */
  acrValues?: string
}

/** The client that every suite of the test profile knows. Nobody listens at its redirect URI, and nobody needs to. */
export const commandLineClient: PublicClient = {
  clientId: 'gatehouse-cli',
  redirectUri: 'http://127.0.0.1/callback',
  scope: 'openid profile bso cbsv.verify',
  resource: 'urn:gatehouse:cbsv',
}

/** The same client, as an administrator uses it for the interface of the console: it asks for a factor that resists phishing. */
export const administratorClient: PublicClient = {
  ...commandLineClient,
  scope: 'openid profile admin',
  resource: 'urn:gatehouse:admin',
  acrValues: 'http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true',
}

export interface SignedIn {
  /** The answer of the token endpoint. */
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers
  /** What the access token says, decoded and not verified: that is for whoever takes the token. */
  claims: JWTPayload
}

/**
 * Signs a persona in over HTTP, through every page, as a public client: authorization code with PKCE (RFC 7636).
 *
 * @param options.browser one that stops at the client's redirect URI and is left open; a new one unless given
 * @throws StuckAt naming the page at which it ended; errors of openid-client when an answer is not what it must be
 */
export async function signInHeadless(
  options: SignInChoices & { client?: PublicClient; browser?: HeadlessBrowser },
): Promise<SignedIn> {
  const { clientId, redirectUri, scope, resource, acrValues } = options.client ?? commandLineClient
  const configuration = await client.discovery(
    new URL(options.urls['sign-in']),
    clientId,
    undefined,
    client.None(),
    { execute: [client.allowInsecureRequests] },
  )
  const codeVerifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope,
    resource,
    ...(acrValues ? { acr_values: acrValues } : {}),
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  const browser = options.browser ?? openBrowser({ stopAt: redirectUri })
  try {
    await browser.open(address.href)
    const arrived = await completeSignIn(browser, options)
    if (!arrived.stopped) throw new StuckAt(arrived, 'The sign-in left for somewhere else')
    const tokens = await client.authorizationCodeGrant(
      configuration,
      new URL(arrived.url),
      { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      { resource },
    )
    return { tokens, claims: decodeJwt(tokens.access_token) }
  } finally {
    if (!options.browser) await browser.close()
  }
}
