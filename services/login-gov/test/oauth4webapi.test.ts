// A relying service with oauth4webapi, unmodified and over HTTP.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import {
  AUTH_ONLY,
  CLIENT,
  clientKeys,
  OTHER_REDIRECT_URI,
  REDIRECT_URI,
  SAME_AGENCY,
} from './support/login-gov.ts'
import { startOverHttp } from './support/over-http.ts'
import { authorized, signedIn } from './support/signed-in.ts'

let idp: Awaited<ReturnType<typeof startOverHttp>>
let server: oauth.AuthorizationServer
const insecure = { [oauth.allowInsecureRequests]: true }
before(async () => {
  idp = await startOverHttp()
  const issuer = new URL(`${idp.root}/`)
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
})
after(() => idp.app.close())

async function signInBy(
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  request: { redirect_uri: string; acr_values: string; scope: string },
  usesPkce: boolean,
) {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const url = new URL(server.authorization_endpoint ?? '')
  const challenge = usesPkce
    ? { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }
    : {}
  const parameters = {
    client_id: client.client_id,
    response_type: 'code',
    state,
    nonce,
    ...request,
    ...challenge,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const back = await authorized(await signedIn(idp), url.pathname + url.search)
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    oauth.validateAuthResponse(server, client, back, state),
    request.redirect_uri,
    usesPkce ? verifier : oauth.nopkce,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(server, answer, insecure)
  const claims = oauth.getValidatedIdTokenClaims(tokens)
  const userInfo = await oauth.processUserInfoResponse(
    server,
    client,
    claims?.sub ?? '',
    await oauth.userInfoRequest(server, client, tokens.access_token, insecure),
  )
  return { claims, userInfo }
}

describe('oauth4webapi', () => {
  test('signs a person in by private_key_jwt, given the audience that Login.gov wants', async () => {
    const der = clientKeys.privateKey.export({ type: 'pkcs8', format: 'der' })
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
    const authentication = oauth.PrivateKeyJwt(key, {
      [oauth.modifyAssertion]: (_header, claims) => {
        claims.aud = server.token_endpoint
      },
    })
    const request = {
      redirect_uri: REDIRECT_URI,
      acr_values: 'urn:acr.login.gov:verified',
      scope: 'openid email profile',
    }
    const { claims, userInfo } = await signInBy({ client_id: CLIENT }, authentication, request, false)
    assert.equal(claims?.acr, 'urn:acr.login.gov:verified')
    assert.equal(userInfo.given_name, 'Maria')
  })

  test('is refused with its own audience, the issuer', async () => {
    const der = clientKeys.privateKey.export({ type: 'pkcs8', format: 'der' })
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
    // A client with one key: with two, the last key's failure is the one that is told.
    const client = { client_id: AUTH_ONLY }
    const request = {
      redirect_uri: 'http://localhost:4200/callback',
      acr_values: 'urn:acr.login.gov:auth-only',
      scope: 'openid',
    }
    await assert.rejects(signInBy(client, oauth.PrivateKeyJwt(key), request, false), (error: Error) => {
      const { status, error: text } = error as oauth.ResponseBodyError
      assert.equal(status, 400)
      assert.match(text, /^Client assertion Invalid audience claim, expected http/)
      return true
    })
  })

  test('signs a person in by PKCE', async () => {
    const request = {
      redirect_uri: OTHER_REDIRECT_URI,
      acr_values: 'http://idmanagement.gov/ns/assurance/ial/1',
      scope: 'openid email',
    }
    const { claims, userInfo } = await signInBy({ client_id: SAME_AGENCY }, oauth.None(), request, true)
    assert.equal(claims?.acr, 'http://idmanagement.gov/ns/assurance/ial/1')
    assert.equal(userInfo.email, 'maria@example.com')
  })
})
