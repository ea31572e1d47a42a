// Relying services with public libraries, unmodified, over HTTP. The pages are not part of this: each browser is signed in
// already.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { Strategy } from 'passport-openidconnect'
import {
  AGENCY,
  encryption,
  IAL2,
  type IdMe,
  PLAIN_VETERANS_URI,
  REDIRECT_URI,
  startIdMe,
  VETERANS,
} from './support/id-me.ts'

let idMe: IdMe
let root: string
before(async () => {
  const port = await freePort()
  root = `http://localhost:${port}`
  idMe = await startIdMe({ environment: { ID_ME_URL: root } })
  await idMe.allowAll('maria')
  await idMe.app.listen({ host: 'localhost', port })
})
after(() => idMe.app.close())

/** The issuer has to know its address before it listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** What a browser that is signed in is redirected to. */
async function visit(url: URL): Promise<URL> {
  const headers = { cookie: await idMe.cookieOf('maria') }
  const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
  assert.equal(answer.status, 302, await answer.text())
  return new URL(answer.headers.get('location') ?? '')
}

describe('openid-client', () => {
  async function signIn(
    registered: { client_id: string; client_secret: string },
    redirect_uri: string,
    authentication: (secret: string) => client.ClientAuth,
    prepare: (configuration: client.Configuration) => void = () => {},
  ) {
    const configuration = await client.discovery(
      new URL(`${root}/oidc`),
      registered.client_id,
      { userinfo_signed_response_alg: 'RS256' },
      authentication(registered.client_secret),
      { execute: [client.allowInsecureRequests] },
    )
    prepare(configuration)
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
    const back = await visit(
      client.buildAuthorizationUrl(configuration, {
        redirect_uri,
        scope: `openid ${IAL2}`,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: expectedState,
        nonce: expectedNonce,
      }),
    )
    const tokens = await client.authorizationCodeGrant(configuration, back, {
      pkceCodeVerifier,
      expectedState,
      expectedNonce,
    })
    return { configuration, tokens, subject: tokens.claims()?.sub ?? '' }
  }

  const methods = {
    client_secret_post: client.ClientSecretPost,
    client_secret_basic: client.ClientSecretBasic,
  }
  for (const [name, method] of Object.entries(methods)) {
    test(`signs a person in by ${name} and PKCE, reads userinfo once, and refreshes`, async () => {
      const { configuration, tokens, subject } = await signIn(AGENCY, REDIRECT_URI, method)
      const person = await client.fetchUserInfo(configuration, tokens.access_token, subject)
      assert.equal(person.fname, 'Maria')
      assert.equal(person.social, '987654325')
      await assert.rejects(client.fetchUserInfo(configuration, tokens.access_token, subject))
      const renewed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
      const again = await client.fetchUserInfo(configuration, renewed.access_token, subject)
      assert.equal(again.uuid, subject)
    })
  }

  test('reads userinfo that is encrypted, once its JSON string is taken out of the quotes', async () => {
    const key = await crypto.subtle.importKey(
      'pkcs8',
      new Uint8Array(encryption.privateKey.export({ type: 'pkcs8', format: 'der' })),
      { name: 'RSA-OAEP', hash: 'SHA-1' },
      false,
      ['decrypt'],
    )
    const { configuration, tokens, subject } = await signIn(
      VETERANS,
      PLAIN_VETERANS_URI,
      client.ClientSecretPost,
      (configuration) => {
        client.enableDecryptingResponses(configuration, ['A256CBC-HS512'], { key, alg: 'RSA-OAEP' })
        configuration[client.customFetch] = async (url, init) => {
          const answer = await fetch(url, init as RequestInit)
          if (!url.includes('/userinfo')) return answer
          return new Response(String(await answer.json()), { headers: { 'content-type': 'application/jwt' } })
        }
      },
    )
    const person = await client.fetchUserInfo(configuration, tokens.access_token, subject)
    assert.equal(person.social, '987-65-4325')
  })
})

test('oauth4webapi signs a person in by client_secret_post, and reads userinfo', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(`${root}/oidc`)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const rp: oauth.Client = { client_id: AGENCY.client_id, userinfo_signed_response_alg: 'RS256' }
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ]
  const url = new URL(server.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    client_id: rp.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: `openid ${IAL2}`,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).toString()
  const parameters = oauth.validateAuthResponse(server, rp, await visit(url), state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    rp,
    oauth.ClientSecretPost(AGENCY.client_secret),
    parameters,
    REDIRECT_URI,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, rp, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''
  const answer = await oauth.userInfoRequest(server, rp, tokens.access_token, insecure)
  const person = await oauth.processUserInfoResponse(server, rp, subject, answer)
  assert.equal(person.email, 'maria@example.com')
})

test('passport-openidconnect signs a person in, and keeps to its state and nonce', async () => {
  const contexts = new Map<string, { nonce?: string }>()
  const strategy = new Strategy(
    {
      issuer: `${root}/oidc`,
      authorizationURL: `${root}/oauth/authorize`,
      tokenURL: `${root}/oauth/token`,
      callbackURL: REDIRECT_URI,
      clientID: AGENCY.client_id,
      clientSecret: AGENCY.client_secret,
      scope: [IAL2],
      nonce: true,
      // It reads JSON only, and ID.me's userinfo is a JWT.
      skipUserProfile: true,
      store: {
        store(_request, context, _state, _meta, done) {
          const handle = client.randomState()
          contexts.set(handle, context)
          done(null, handle)
        },
        verify(_request, handle, done) {
          done(null, contexts.get(handle) ?? false)
        },
      },
    },
    (_issuer, profile, _context, _idToken, accessToken, _refreshToken, verified) =>
      verified(null, { id: profile.id, accessToken }),
  )
  /** What the strategy comes to, given the query of a request to the relying service. */
  const authenticate = (query: Record<string, string>) =>
    new Promise<unknown>((resolve, reject) => {
      // Passport gives each request a strategy of its own, with these.
      const one = Object.assign(Object.create(strategy) as typeof strategy, {
        redirect: resolve,
        success: resolve,
        fail: (why: unknown) => reject(new Error(`refused: ${JSON.stringify(why)}`)),
        error: reject,
      })
      one.authenticate({ query })
    })

  const back = await visit(new URL(String(await authenticate({}))))
  const person = await authenticate(Object.fromEntries(back.searchParams))
  const { id } = await idMe.accountOf('maria')
  assert.equal((person as { id: string }).id, id.replaceAll('-', ''))
  await assert.rejects(authenticate({ code: '0'.repeat(32), state: back.searchParams.get('state') ?? '' }), {
    code: 'invalid_grant',
  })
})
