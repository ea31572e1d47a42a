import { epochSeconds } from '@gatehouse/clock/clock'
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'

/** What the stub says about the person, and the faults a test asks for. */
export interface StubState {
  claims: Record<string, unknown>
  /** Replaces members of the ID token. */
  idToken: Record<string, unknown>
  tokenStatus: number
  lastAssertion: Record<string, unknown> | undefined
}

const ISSUER = 'https://provider.example/'

/** An identity provider at the other end of `fetch`: real keys and tokens, no network. */
export async function createStubProvider(clientKey: JWK) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'provider', alg: 'RS256', use: 'sig' }] }
  const clientKeys = createLocalJWKSet({ keys: [clientKey] })
  const state: StubState = {
    claims: {
      sub: 'person-1',
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      email: 'maria@example.com',
      social_security_number: '987-65-4325',
    },
    idToken: {},
    tokenStatus: 200,
    lastAssertion: undefined,
  }
  let nonce = ''
  let calls = 0

  async function token(body: URLSearchParams): Promise<Response> {
    const { payload } = await jwtVerify(body.get('client_assertion') ?? '', clientKeys)
    state.lastAssertion = payload
    if (state.tokenStatus !== 200) return Response.json({ error: 'invalid_grant' }, { status: state.tokenStatus })
    const idToken = await new SignJWT({
      iss: ISSUER,
      sub: 'person-1',
      aud: 'gatehouse',
      nonce,
      acr: 'http://idmanagement.gov/ns/assurance/ial/2',
      iat: epochSeconds(),
      exp: epochSeconds() + 300,
      ...state.idToken,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .sign(privateKey)
    return Response.json({
      access_token: 'stub-access-token',
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken,
    })
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    calls += 1
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return Response.json({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}authorize`,
          token_endpoint: `${ISSUER}token`,
          userinfo_endpoint: `${ISSUER}userinfo`,
          jwks_uri: `${ISSUER}jwks`,
          id_token_signing_alg_values_supported: ['RS256'],
        })
      case '/jwks':
        return Response.json(jwks)
      case '/token':
        return token(new URLSearchParams(String(init?.body)))
      case '/userinfo':
        return Response.json(state.claims)
      default:
        throw new Error(`the stub has no ${url.pathname}`)
    }
  }

  return {
    issuer: ISSUER,
    state,
    fetch,
    fetched: () => calls,
    /** The person authenticated: the query that comes back for an authorization request. */
    answer(authorizationUrl: string): string {
      const parameters = new URL(authorizationUrl).searchParams
      nonce = parameters.get('nonce') ?? ''
      return new URLSearchParams({ code: 'stub-code', state: parameters.get('state') ?? '' }).toString()
    },
  }
}
