import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
after(() => suite.app.close())

test('a whole sign-in ends with tokens that say who, how and for which User ID', async () => {
  const browser = suite.newBrowser()
  const { redirect, steps } = await suite.walk(browser)
  assert.deepEqual(steps, ['choice', 'provider', 'terms', 'user-id'])
  assert.equal(redirect?.origin, 'https://relying.example')
  assert.equal(redirect.searchParams.get('state'), 'state-of-the-relying-service')
  // RFC 9207: the answer names its issuer.
  assert.equal(redirect.searchParams.get('iss'), 'http://localhost:4000')

  const { access_token, refresh_token, expires_in, scope, claims, person } = await suite.signedIn()
  assert.equal(expires_in, 300)
  assert.equal(scope, 'cbsv.verify')
  assert.ok(refresh_token)
  const header = decodeProtectedHeader(access_token)
  assert.equal(header.typ, 'at+jwt')
  assert.equal(header.alg, 'ES256')
  assert.equal(claims.aud, 'urn:gatehouse:cbsv')
  assert.equal(claims.iss, 'http://localhost:4000')
  assert.equal(claims.scope, 'cbsv.verify')
  assert.equal(claims.client_id, suite.relying.client_id)
  assert.equal(claims.idp, 'login.gov')
  assert.equal(claims.acr, 'http://idmanagement.gov/ns/assurance/ial/2')
  assert.deepEqual(claims.amr, ['mfa'])
  assert.equal(claims.bso_user_id, 'MARIA7K2')
  assert.equal(claims.ein, '960001012')
  assert.ok(claims.sid && claims.jti && claims.auth_time)
  assert.equal(person.sub, claims.sub)
  assert.equal(person.name, 'Maria Example')
  assert.equal(person.nonce, 'nonce-of-the-relying-service')
  assert.deepEqual(person.bso_services, ['CBSV'])
  assert.equal(person.idp, 'login.gov')
})
