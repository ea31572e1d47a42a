// A relying service with openid-client, the library that sign-in uses, from discovery to userinfo.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as client from 'openid-client'
import { CLIENT, clientKeys, REDIRECT_URI, ROOT, signIn, startLoginGov } from './support/login-gov.ts'

test('openid-client signs a person in by private_key_jwt, given the audience that Login.gov wants', async () => {
  const idp = await startLoginGov()
  const injected: client.CustomFetch = async (url, { method, headers, body }) => {
    const answer = await idp.app.inject({
      method: method as 'GET' | 'POST',
      url: url.slice(ROOT.length),
      headers,
      ...(body ? { payload: String(body) } : {}),
    })
    return new Response(answer.body, {
      status: answer.statusCode,
      headers: { 'content-type': String(answer.headers['content-type']) },
    })
  }
  const pem = clientKeys.privateKey.export({ type: 'pkcs8', format: 'der' })
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(pem), algorithm, false, ['sign'])
  const authentication = client.PrivateKeyJwt(key, {
    [client.modifyAssertion]: (_header, claims) => {
      claims.aud = `${ROOT}/api/openid_connect/token`
    },
  })
  const configuration = await client.discovery(new URL(`${ROOT}/`), CLIENT, undefined, authentication, {
    execute: [client.allowInsecureRequests],
    [client.customFetch]: injected,
  })
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const request = client.buildAuthorizationUrl(configuration, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid email',
    acr_values: 'urn:acr.login.gov:verified',
    state,
    nonce,
  })
  const back = await signIn(idp.browser(), idp.codes, undefined, request.pathname + request.search)
  const tokens = await client.authorizationCodeGrant(configuration, back, {
    expectedState: state,
    expectedNonce: nonce,
  })
  const subject = tokens.claims()?.sub ?? ''
  const person = await client.fetchUserInfo(configuration, tokens.access_token, subject)
  assert.equal(person.email, 'maria@example.com')
  assert.equal(person.ial, 'urn:acr.login.gov:verified')
  await idp.app.close()
})
