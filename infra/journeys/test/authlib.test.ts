// A client in Python signs in at Login.gov: Authlib as Debian packages it, by discovery and private_key_jwt.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import { authlibIsMissing, signInWithAuthlib } from '../src/authlib/authlib.ts'

const missing = authlibIsMissing()
const options = { timeout: 180_000, ...(missing ? { skip: missing } : {}) }
const operator = randomBytes(32).toString('base64url')
const gatehouse = missing
  ? undefined
  : await startGatehouse({ environment: { 'login-gov': { OPERATOR_TOKEN: operator } } })
after(() => gatehouse?.close())

const CLIENT = 'urn:gov:gsa:openidconnect.profiles:sp:sso:example:authlib'
const REDIRECT_URI = 'http://127.0.0.1/callback'

test('Authlib signs in at Login.gov, by private_key_jwt and PKCE', options, async () => {
  assert.ok(gatehouse)
  const { urls } = gatehouse
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const answer = await fetch(`${urls['login-gov']}/api/clients/${encodeURIComponent(CLIENT)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: CLIENT,
      friendly_name: 'Authlib',
      agency_id: 9,
      ial: 1,
      pkce: false,
      public_keys: [publicKey],
      redirect_uris: [REDIRECT_URI],
    }),
  })
  assert.equal(answer.status, 201)

  const { claims, userinfo } = await signInWithAuthlib(
    {
      issuer: `${urls['login-gov']}/`,
      client_id: CLIENT,
      private_key: privateKey,
      redirect_uri: REDIRECT_URI,
      acr_values: 'urn:acr.login.gov:auth-only',
    },
    async (address) => {
      const browser = openBrowser({ stopAt: REDIRECT_URI })
      try {
        await browser.open(address)
        return (await completeSignIn(browser, { urls, persona: gatehouse.persona('maria') })).url
      } finally {
        await browser.close()
      }
    },
  )
  assert.equal(claims.acr, 'urn:acr.login.gov:auth-only')
  assert.equal(userinfo.email, 'maria@example.com')
  assert.equal(userinfo.sub, claims.sub)
})
