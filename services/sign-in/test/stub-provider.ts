import { createHash } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'

/** What the stub says about the person, and the faults a test asks for. */
export interface StubState {
  /** Userinfo. The ID token has the same `sub` unless told otherwise. */
  claims: Record<string, unknown>
  /** Replaces members of the ID token. */
  idToken: Record<string, unknown>
  /** Signs the ID token with a key that is not in the JWKS. */
  foreignKey: boolean
  tokenStatus: number
  isDown: boolean
  /** Further members of the answer to an authorization request. */
  answer: Record<string, string>
}

const ISSUER = 'https://provider.example/'

const healthy = (): StubState => ({
  claims: {
    sub: 'person-1',
    given_name: 'Maria',
    family_name: 'Example',
    birthdate: '1984-03-12',
    email: 'maria@example.com',
    social_security_number: '987-65-4325',
  },
  idToken: {},
  foreignKey: false,
  tokenStatus: 200,
  isDown: false,
  answer: {},
})

/** An identity provider at the other end of `fetch`: real keys and tokens, no network. */
export async function createStubProvider(clientKey: JWK) {
  const [own, foreign] = await Promise.all([
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('RS256'),
  ])
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'provider', alg: 'RS256', use: 'sig' }] }
  const clientKeys = createLocalJWKSet({ keys: [clientKey] })
  const state = healthy()
  /** By code: what the authorization request asked for. */
  const requests = new Map<string, URLSearchParams>()
  const fetched: string[] = []
  const assertions: Record<string, unknown>[] = []
  const handedOut: string[] = []

  async function token(body: URLSearchParams): Promise<Response> {
    const { payload } = await jwtVerify(body.get('client_assertion') ?? '', clientKeys)
    assertions.push(payload)
    const request = requests.get(body.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (state.tokenStatus !== 200 || challenge !== request?.get('code_challenge')) {
      return Response.json(
        { error: 'invalid_grant' },
        { status: state.tokenStatus === 200 ? 400 : state.tokenStatus },
      )
    }
    const idToken = await new SignJWT({
      iss: ISSUER,
      sub: state.claims.sub as string,
      aud: 'gatehouse',
      nonce: request.get('nonce'),
      acr: 'http://idmanagement.gov/ns/assurance/ial/2',
      iat: epochSeconds(),
      exp: epochSeconds() + 300,
      ...state.idToken,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .sign(state.foreignKey ? foreign.privateKey : own.privateKey)
    const accessToken = `stub-access-token-${handedOut.length}`
    handedOut.push(accessToken, idToken)
    return Response.json({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken,
    })
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    fetched.push(url.pathname)
    if (state.isDown) throw new TypeError('fetch failed')
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
    /** A security event token, signed with the key of its ID tokens unless told otherwise. */
    async securityEvent(
      claims: Record<string, unknown>,
      { key = 'own', ...header }: { key?: 'own' | 'foreign'; [name: string]: unknown } = {},
    ): Promise<string> {
      return new SignJWT(JSON.parse(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', kid: 'provider', ...header })
        .sign(key === 'own' ? own.privateKey : foreign.privateKey)
    },
    state,
    fetch,
    /** Back to the healthy state. */
    heal: () => Object.assign(state, healthy()),
    /** How often this path was fetched. */
    fetched: (path: string) => fetched.filter((one) => one === path).length,
    /** Claims of the client assertions so far. */
    assertions,
    /** Codes and tokens so far. */
    handedOut,
    /** The person authenticated: the query that comes back for an authorization request. */
    answer(authorizationUrl: string): string {
      const parameters = new URL(authorizationUrl).searchParams
      const code = `stub-code-${requests.size}`
      requests.set(code, parameters)
      handedOut.push(code)
      const answer: Record<string, string> = 'error' in state.answer ? {} : { code }
      return new URLSearchParams({
        ...answer,
        state: parameters.get('state') ?? '',
        ...state.answer,
      }).toString()
    },
  }
}

export type StubProvider = Awaited<ReturnType<typeof createStubProvider>>
