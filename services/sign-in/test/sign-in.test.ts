import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
after(() => suite.app.close())

test('a whole sign-in ends with tokens that say who, how and for which User ID', async () => {
  const redirect = await suite.signIn(suite.newBrowser())
  assert.equal(redirect.origin, 'https://relying.example')
  assert.equal(redirect.searchParams.get('state'), 'state-of-the-relying-service')
  assert.equal(redirect.searchParams.get('iss'), 'http://localhost:4000')
  const response = await suite.redeem(redirect.searchParams.get('code') as string)
  assert.equal(response.statusCode, 200, response.body)
  const { access_token, id_token, expires_in, refresh_token } = response.json()
  assert.equal(expires_in, 300)
  assert.ok(refresh_token)
  const header = decodeProtectedHeader(access_token)
  assert.equal(header.typ, 'at+jwt')
  assert.equal(header.alg, 'ES256')
  const claims = decodeJwt(access_token)
  assert.equal(claims.aud, 'urn:gatehouse:cbsv')
  assert.equal(claims.iss, 'http://localhost:4000')
  assert.equal(claims.scope, 'cbsv.verify')
  assert.equal(claims.client_id, suite.registered.client_id)
  assert.equal(claims.idp, 'login.gov')
  assert.equal(claims.acr, 'http://idmanagement.gov/ns/assurance/ial/2')
  assert.deepEqual(claims.amr, ['mfa'])
  assert.equal(claims.bso_user_id, 'MARIA7K2')
  assert.equal(claims.ein, '960001012')
  assert.ok(claims.sid && claims.jti && claims.auth_time)
  const person = decodeJwt(id_token)
  assert.equal(person.sub, claims.sub)
  assert.equal(person.name, 'Maria Example')
  assert.equal(person.nonce, 'nonce-of-the-relying-service')
  assert.deepEqual(person.bso_services, ['CBSV'])
  assert.equal(person.idp, 'login.gov')
})
