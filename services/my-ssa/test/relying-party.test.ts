// A relying service with openid-client, unmodified, over HTTP.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import * as client from 'openid-client'
import { BASIC, clientKey, type MySsa, POSTS, SIGN_IN, startMySsa } from './support/my-ssa.ts'

let mySsa: MySsa
let root: string
before(async () => {
  const port = await freePort()
  root = `http://localhost:${port}`
  mySsa = await startMySsa({ environment: { MY_SSA_URL: root } })
  await mySsa.app.listen({ host: 'localhost', port })
})
after(() => mySsa.app.close())

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

/** Follows a browser that is signed in until it leaves. */
async function visit(url: URL, id: string, methods: string[]): Promise<URL> {
  const browser = await mySsa.signedIn(id, methods)
  const cookies = new Map(browser.cookies)
  let next = url
  for (let count = 0; count < 6 && next.origin === root; count += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(next, {
      headers: { cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    assert.equal(answer.status, 303, await answer.text())
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    next = new URL(answer.headers.get('location') ?? '', root)
  }
  return next
}

const METHODS: [
  name: string,
  registered: { client_id: string; redirect_uris: string[]; id_token_signed_response_alg?: string },
  authentication: () => Promise<client.ClientAuth>,
][] = [
  [
    'private_key_jwt',
    SIGN_IN,
    async () => {
      const pem = clientKey.privateKey.export({ type: 'pkcs8', format: 'der' })
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
      const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(pem), algorithm, false, ['sign'])
      return client.PrivateKeyJwt({ key, kid: 'one' })
    },
  ],
  ['client_secret_post', POSTS, async () => client.ClientSecretPost(POSTS.client_secret)],
  ['client_secret_basic and ES256', BASIC, async () => client.ClientSecretBasic(BASIC.client_secret)],
]

for (const [name, registered, authentication] of METHODS) {
  test(`openid-client signs a person in by ${name} and PKCE, with extra security, and reads userinfo`, async () => {
    const { id_token_signed_response_alg } = registered
    const configuration = await client.discovery(
      new URL(root),
      registered.client_id,
      id_token_signed_response_alg ? { id_token_signed_response_alg } : {},
      await authentication(),
      { execute: [client.allowInsecureRequests] },
    )
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: registered.redirect_uris[0] ?? '',
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      acr_values: MY_SSA_ACR.withExtraSecurity,
    })
    const back = await visit(url, 'daniel', ['pwd', 'sms'])
    const tokens = await client.authorizationCodeGrant(configuration, back, {
      pkceCodeVerifier,
      expectedState,
      expectedNonce,
      maxAge: 60,
    })
    const claims = tokens.claims()
    assert.equal(claims?.acr, MY_SSA_ACR.withExtraSecurity)
    const person = await client.fetchUserInfo(configuration, tokens.access_token, claims?.sub ?? '')
    assert.equal(person.preferred_username, 'DanielPattern68')
    assert.equal(person.social_security_number, undefined)
  })
}
