// A relying service with openid-client, the library that sign-in uses, unmodified and over HTTP.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as client from 'openid-client'
import { CLIENT, clientKeys, OTHER_REDIRECT_URI, REDIRECT_URI, SAME_AGENCY } from './support/login-gov.ts'
import { startOverHttp } from './support/over-http.ts'
import { authorized, signedIn } from './support/signed-in.ts'

let idp: Awaited<ReturnType<typeof startOverHttp>>
before(async () => {
  idp = await startOverHttp()
})
after(() => idp.app.close())

async function configurationFor(clientId: string, authentication: client.ClientAuth) {
  return client.discovery(new URL(`${idp.root}/`), clientId, undefined, authentication, {
    execute: [client.allowInsecureRequests],
  })
}

/** What the person does at the pages: everything of the library's is left to the library. */
async function goThere(request: URL): Promise<URL> {
  return authorized(await signedIn(idp), request.pathname + request.search)
}

describe('openid-client', () => {
  test('signs a person in by private_key_jwt, given the audience that Login.gov wants', async () => {
    const der = clientKeys.privateKey.export({ type: 'pkcs8', format: 'der' })
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign'])
    const authentication = client.PrivateKeyJwt(key, {
      [client.modifyAssertion]: (_header, claims) => {
        claims.aud = `${idp.root}/api/openid_connect/token`
      },
    })
    const configuration = await configurationFor(CLIENT, authentication)
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const request = client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid email',
      acr_values: 'urn:acr.login.gov:verified',
      state,
      nonce,
    })
    const tokens = await client.authorizationCodeGrant(configuration, await goThere(request), {
      expectedState: state,
      expectedNonce: nonce,
    })
    const subject = tokens.claims()?.sub ?? ''
    const person = await client.fetchUserInfo(configuration, tokens.access_token, subject)
    assert.equal(person.email, 'maria@example.com')
    assert.equal(person.ial, 'urn:acr.login.gov:verified')
  })

  test('signs a person in by PKCE, and out again', async () => {
    const configuration = await configurationFor(SAME_AGENCY, client.None())
    const verifier = client.randomPKCECodeVerifier()
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const request = client.buildAuthorizationUrl(configuration, {
      redirect_uri: OTHER_REDIRECT_URI,
      scope: 'openid profile',
      acr_values: 'http://idmanagement.gov/ns/assurance/ial/2',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    })
    const back = await goThere(request)
    const tokens = await client.authorizationCodeGrant(configuration, back, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    })
    assert.equal(tokens.claims()?.given_name, 'Maria')
    const out = client.buildEndSessionUrl(configuration, {
      client_id: SAME_AGENCY,
      post_logout_redirect_uri: OTHER_REDIRECT_URI,
    })
    const answer = await fetch(out, { redirect: 'manual' })
    assert.equal(answer.headers.get('location'), OTHER_REDIRECT_URI)
  })

  test('tells its caller of an error that came by the redirect', async () => {
    const configuration = await configurationFor(SAME_AGENCY, client.None())
    const request = client.buildAuthorizationUrl(configuration, {
      redirect_uri: OTHER_REDIRECT_URI,
      scope: 'openid',
      acr_values: 'urn:acr.login.gov:verified',
      state: 'too-short',
      nonce: client.randomNonce(),
    })
    const answer = await fetch(request, { redirect: 'manual' })
    const back = new URL(answer.headers.get('location') ?? '')
    await assert.rejects(
      client.authorizationCodeGrant(configuration, back, { expectedState: 'too-short' }),
      (error: client.AuthorizationResponseError) => {
        assert.equal(error.error, 'invalid_request')
        assert.match(error.error_description ?? '', /^State is too short/)
        return true
      },
    )
  })
})
