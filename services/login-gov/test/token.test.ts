// The token endpoint and what it gives out, with real signatures.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { Profile } from '@gatehouse/provider/accounts/account'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader } from 'jose'
import {
  AUTH_ONLY,
  assertion,
  authorizeUrl,
  CLIENT,
  NONCE,
  PRIVILEGED,
  REDIRECT_URI,
  ROOT,
  redeem,
  STATE,
  secondClientKeys,
  startLoginGov,
  tokenParameters,
} from './support/login-gov.ts'
import { authorized, signedIn, UNHURRIED } from './support/signed-in.ts'
import { NS } from './wire/row.ts'
import { INVALID_CODE, NEITHER, pkce, VERIFIER } from './wire/token.ts'

let idp: Awaited<ReturnType<typeof startLoginGov>>
before(async () => {
  idp = await startLoginGov(UNHURRIED)
})
after(() => idp.app.close())

/** A code of somebody who has just signed in. */
async function newCode(
  options: { changes?: Record<string, string | undefined> } & Parameters<typeof signedIn>[1] = {},
) {
  const { changes, ...person } = options
  const browser = await signedIn(idp, person)
  const back = await authorized(browser, authorizeUrl(changes ?? {}))
  const code = back.searchParams.get('code')
  assert.ok(code, `no code in ${back.href}`)
  return { browser, code, back }
}

async function userInfo(token: string) {
  return idp.app.inject({
    url: '/api/openid_connect/userinfo',
    headers: { authorization: `Bearer ${token}` },
  })
}

describe('what a good exchange gives', () => {
  test('the redirect carries a UUID and the state, and nothing else (fact sheet 2.6)', async () => {
    const { back } = await newCode()
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.deepEqual([...back.searchParams.keys()], ['code', 'state'])
    assert.match(
      back.searchParams.get('code') ?? '',
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    assert.equal(back.searchParams.get('state'), STATE)
  })

  test('the answer has four members, and expires_in is what is left of the browser session (fact sheet 3)', async () => {
    const { code } = await newCode()
    advanceClock(60_000)
    const response = await redeem(idp.app, await tokenParameters(code))
    assert.equal(response.statusCode, 200, response.body)
    assert.equal(response.headers['cache-control'], 'no-store')
    const answer = response.json()
    assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in', 'id_token'])
    assert.match(answer.access_token, /^[\w-]{22}$/)
    assert.equal(answer.token_type, 'Bearer')
    assert.ok(answer.expires_in > 800 && answer.expires_in <= 840, String(answer.expires_in))
  })

  test('the id_token is signed by the first published key and has exactly these claims (fact sheet 4)', async () => {
    const { code } = await newCode()
    const { id_token: idToken, access_token: accessToken } = (
      await redeem(idp.app, await tokenParameters(code))
    ).json()
    const jwks = (await idp.app.inject('/api/openid_connect/certs')).json()
    await compactVerify(idToken, createLocalJWKSet(jwks))
    assert.deepEqual(decodeProtectedHeader(idToken), { kid: jwks.keys[0].kid, alg: 'RS256' })

    const claims = decodeJwt(idToken)
    const half = (text: string) =>
      createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    const { sub, jti, exp, iat, nbf, verified_at: verifiedAt, ...rest } = claims
    assert.match(String(sub), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    assert.match(String(jti), /^[\w-]{22}$/)
    assert.equal(iat, nbf)
    assert.ok(Math.abs(Number(iat) - epochSeconds()) <= 2)
    assert.ok(Math.abs(Number(exp) - Number(iat) - 900) <= 2)
    assert.equal(typeof verifiedAt, 'number')
    assert.deepEqual(rest, {
      iss: `${ROOT}/`,
      aud: CLIENT,
      nonce: NONCE,
      email: 'maria@example.com',
      email_verified: true,
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      acr: 'urn:acr.login.gov:verified',
      ial: 'urn:acr.login.gov:verified',
      aal: 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
      at_hash: half(accessToken),
      c_hash: half(code),
    })
  })

  test('the JWKS has two RSA keys under the SHA-256 of their PKCS#1 form (fact sheet 1)', async () => {
    const response = await idp.app.inject('/api/openid_connect/certs')
    assert.equal(response.headers['cache-control'], 'max-age=604800, public')
    const { keys } = response.json<{ keys: (JsonWebKey & { kid: string })[] }>()
    assert.equal(keys.length, 2)
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
      const der = createPublicKey({ key, format: 'jwk' }).export({ type: 'pkcs1', format: 'der' })
      assert.equal(key.kid, createHash('sha256').update(der).digest('hex'))
    }
  })

  test('JSON bodies and assertions by the second registered key do as well (fact sheet 1, 3)', async () => {
    const { code } = await newCode()
    const payload = await tokenParameters(code, {
      client_assertion: await assertion({}, secondClientKeys.privateKey),
    })
    const response = await idp.app.inject({ method: 'POST', url: '/api/openid_connect/token', payload })
    assert.equal(response.statusCode, 200, response.body)
  })
})

describe('codes (fact sheet 3)', () => {
  test('a code is good once (RFC 6749 §4.1.2)', async () => {
    const { code } = await newCode()
    assert.equal((await redeem(idp.app, await tokenParameters(code))).statusCode, 200)
    const again = await redeem(idp.app, await tokenParameters(code))
    assert.deepEqual([again.statusCode, again.json()], [400, { error: INVALID_CODE }])
  })

  test('of two exchanges at once one gets tokens', async () => {
    const { code } = await newCode()
    const parameters = await tokenParameters(code)
    const both = await Promise.all([redeem(idp.app, parameters), redeem(idp.app, parameters)])
    assert.deepEqual(both.map(({ statusCode }) => statusCode).sort(), [200, 400])
  })

  test('a newer authorization takes the place of code, token and nonce (fact sheet 0)', async () => {
    const { browser, code } = await newCode()
    const { access_token: first } = (await redeem(idp.app, await tokenParameters(code))).json()
    assert.equal((await userInfo(first)).statusCode, 200)
    const older =
      new URL(String((await browser.get(authorizeUrl())).headers.location)).searchParams.get('code') ?? ''
    assert.equal((await userInfo(first)).statusCode, 401)
    const nonce = 'another-nonce-0123456789'
    const newer =
      new URL(String((await browser.get(authorizeUrl({ nonce }))).headers.location)).searchParams.get(
        'code',
      ) ?? ''
    assert.deepEqual((await redeem(idp.app, await tokenParameters(older))).json(), { error: INVALID_CODE })
    const { id_token: idToken } = (await redeem(idp.app, await tokenParameters(newer))).json()
    assert.equal(decodeJwt(idToken).nonce, nonce)
  })

  for (const [what, headers, payload] of [
    ['no JSON', { 'content-type': 'application/json' }, '{'],
    ['a repeated field', { 'content-type': 'application/x-www-form-urlencoded' }, 'code=a&code=b'],
    ['another media type', { 'content-type': 'application/xml' }, '<a/>'],
    ['nothing', {}, undefined],
  ] as const) {
    test(`a body that is ${what} is a request without parameters`, async () => {
      const refused = await idp.app.inject({
        method: 'POST',
        url: '/api/openid_connect/token',
        headers,
        ...(payload ? { payload } : {}),
      })
      assert.equal(refused.statusCode, 400)
      assert.deepEqual(refused.json(), {
        error: `Grant type is not included in the list ${INVALID_CODE} ${NEITHER}`,
      })
    })
  }
})

describe('claims (fact sheet 4)', () => {
  async function claimsFor(
    changes: Record<string, string | undefined>,
    person: Parameters<typeof signedIn>[1] = {},
  ) {
    const { code } = await newCode({ changes, ...person })
    const usesPkce = changes.code_challenge !== undefined
    const parameters = usesPkce
      ? { grant_type: 'authorization_code', code, code_verifier: VERIFIER }
      : await tokenParameters(code)
    const answer = (await redeem(idp.app, parameters)).json()
    const response = await userInfo(answer.access_token)
    assert.equal(response.statusCode, 200, response.body)
    return response.json()
  }
  const authOnly = {
    ...pkce,
    client_id: AUTH_ONLY,
    redirect_uri: 'http://localhost:4200/callback',
    acr_values: 'urn:acr.login.gov:auth-only',
  }

  test('every scope of a proofed request has its claims, in their formats', async () => {
    const claims = await claimsFor({
      scope: 'openid email all_emails locale profile address phone social_security_number x509',
    })
    const { sub, verified_at: verifiedAt, ...rest } = claims
    assert.ok(sub)
    assert.ok(Number.isInteger(verifiedAt) && verifiedAt <= epochSeconds())
    assert.deepEqual(rest, {
      iss: `${ROOT}/`,
      email: 'maria@example.com',
      email_verified: true,
      all_emails: ['maria@example.com'],
      locale: 'en',
      given_name: 'Maria',
      family_name: 'Example',
      birthdate: '1984-03-12',
      social_security_number: '987654325',
      address: {
        formatted: '100 Example Street\nBaltimore, MD 21235',
        street_address: '100 Example Street',
        locality: 'Baltimore',
        region: 'MD',
        postal_code: '21235',
      },
      phone: '+12025550142',
      phone_verified: true,
      x509_subject: null,
      x509_issuer: null,
      x509_presented: false,
      ial: 'urn:acr.login.gov:verified',
      aal: 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
    })
  })

  test('profile:name and profile:birthdate give their part only', async () => {
    const claims = await claimsFor({ scope: 'profile:name' })
    assert.deepEqual(Object.keys(claims).sort(), ['aal', 'family_name', 'given_name', 'ial', 'iss', 'sub'])
  })

  test('an auth-only request gets no verified attribute, even of somebody who is proofed', async () => {
    const claims = await claimsFor({
      ...authOnly,
      scope: 'openid email locale profile social_security_number profile:verified_at',
    })
    assert.deepEqual(Object.keys(claims).sort(), [
      'aal',
      'email',
      'email_verified',
      'ial',
      'iss',
      'locale',
      'sub',
      'verified_at',
    ])
    assert.equal(claims.ial, 'urn:acr.login.gov:auth-only')
    assert.equal(claims.verified_at, null)
  })

  test('verified_at is told to an IAL2 client in an auth-only request too', async () => {
    const claims = await claimsFor({
      acr_values: 'urn:acr.login.gov:auth-only',
      scope: 'profile:verified_at',
    })
    assert.equal(typeof claims.verified_at, 'number')
  })

  for (const [asked, ial, aal] of [
    [`${NS}/ial/1`, `${NS}/ial/1`, undefined],
    [`${NS}/loa/1`, `${NS}/ial/1`, undefined],
    [`${NS}/loa/3`, `${NS}/ial/2`, undefined],
    [`${NS}/ial/2?bio=preferred`, `${NS}/ial/2`, undefined],
    ['urn:acr.login.gov:verified-facial-match-preferred', 'urn:acr.login.gov:verified', undefined],
    [`${NS}/ial/1 ${NS}/aal/2 ${NS}/aal/3`, `${NS}/ial/1`, `${NS}/aal/3`],
    [`${NS}/ial/1 ${NS}/aal/2?hspd12=true ${NS}/aal/3`, `${NS}/ial/1`, `${NS}/aal/2?hspd12=true`],
  ] as const) {
    test(`asked for ${asked}, ial is ${ial}`, async () => {
      const authentication = {
        methods: ['piv_cac'],
        certificate: { subject: 'CN=Test', issuer: 'CN=Test authority' },
      }
      const claims = await claimsFor({ acr_values: asked, scope: 'openid' }, { authentication })
      assert.equal(claims.ial, ial)
      assert.equal(claims.aal, aal ?? 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo')
    })
  }

  test('clients of one agency see the same subject, another agency another one', async () => {
    const one = await claimsFor({ scope: 'openid' })
    const same = await claimsFor({ ...pkce, scope: 'openid' })
    const other = await claimsFor({ ...authOnly, scope: 'openid' })
    assert.equal(one.sub, same.sub)
    assert.notEqual(one.sub, other.sub)
    const nobodyElse = await claimsFor({ ...authOnly, scope: 'openid' }, { email: 'oliver@example.com' })
    assert.notEqual(nobodyElse.sub, other.sub)
  })

  test("x509 is told of a certificate that was presented, even once the session has another sign-in's", async () => {
    const certificate = { subject: 'CN=Maria Example, O=SSA', issuer: 'CN=Test authority' }
    const { browser, code } = await newCode({
      changes: { scope: 'x509', acr_values: 'urn:acr.login.gov:auth-only' },
      authentication: { methods: ['piv_cac'], certificate },
    })
    await idp.ground.database
      .updateTable('sessions')
      .set({ authentication: JSON.stringify({ methods: ['password', 'sms'], at: 0 }) })
      .execute()
    const { access_token: token } = (await redeem(idp.app, await tokenParameters(code))).json()
    const { x509_subject, x509_issuer, x509_presented } = (await userInfo(token)).json()
    assert.deepEqual(
      [x509_subject, x509_issuer, x509_presented],
      [certificate.subject, certificate.issuer, true],
    )
    assert.ok(browser)
  })

  for (const [scope, names] of [
    ['x509:subject', ['x509_subject']],
    ['x509:issuer', ['x509_issuer']],
    ['x509:presented', ['x509_presented']],
    ['x509', ['x509_issuer', 'x509_presented', 'x509_subject']],
  ] as const) {
    test(`${scope} gives ${names.join(', ')}`, async () => {
      const claims = await claimsFor({ scope, acr_values: 'urn:acr.login.gov:auth-only' })
      assert.deepEqual(Object.keys(claims).sort(), ['aal', 'ial', 'iss', 'sub', ...names])
    })
  }

  test('all_emails holds every confirmed address, email the one last used', async () => {
    const accounts = createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
    const oliver = await accounts.findByEmail('oliver@example.com')
    await accounts.addEmail(oliver?.id ?? '', 'second@example.com')
    const changes = { acr_values: 'urn:acr.login.gov:auth-only', scope: 'email all_emails' }
    const claims = await claimsFor(changes, { email: 'oliver@example.com' })
    assert.deepEqual(claims.all_emails, ['oliver@example.com', 'second@example.com'])
    assert.equal(claims.email, 'oliver@example.com')
  })

  test('what a profile lacks is null: no street, no number', async () => {
    const accounts = createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
    const maria = await accounts.findByEmail('maria@example.com')
    const {
      phoneNumber: _phone,
      socialSecurityNumber: _number,
      ...profile
    } = maria?.profile ?? ({} as Profile)
    const address = { ...profile.address, street: '' }
    await accounts.setProfile(maria?.id ?? '', { ...profile, address })
    const claims = await claimsFor({ scope: 'address phone social_security_number' })
    assert.deepEqual(
      [claims.address, claims.phone, claims.phone_verified, claims.social_security_number],
      [null, null, null, null],
    )
    await accounts.setProfile(maria?.id ?? '', maria?.profile)
  })

  test('ialmax gives verified attributes of somebody proofed, and sign-in alone of others', async () => {
    const ialmax = {
      ...pkce,
      client_id: PRIVILEGED,
      redirect_uri: 'http://localhost:4400/callback',
      acr_values: `${NS}/ial/0`,
      scope: 'profile',
    }
    const proofed = await claimsFor(ialmax)
    assert.equal(proofed.ial, `${NS}/ial/2`)
    assert.equal(proofed.given_name, 'Maria')
    const { sub: _sub, ...unproofed } = await claimsFor(ialmax, { email: 'oliver@example.com' })
    assert.deepEqual(unproofed, {
      iss: `${ROOT}/`,
      verified_at: null,
      ial: `${NS}/ial/1`,
      aal: 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo',
    })
  })

  test('locale is that of the browser session', async () => {
    const browser = await signedIn(idp)
    const back = await authorized(browser, authorizeUrl({ scope: 'locale' }, '/zh'))
    const code = back.searchParams.get('code') ?? ''
    const { access_token: token } = (await redeem(idp.app, await tokenParameters(code))).json()
    assert.equal((await userInfo(token)).json().locale, 'zh')
  })

  test('auth_time is told where that is on, and not of a browser that was remembered', async () => {
    const other = await startLoginGov({ AUTH_TIME_ATTRIBUTE_ENABLED: 'true' })
    for (const isRemembered of [false, true]) {
      const changes = { ...authOnly, scope: 'openid' }
      const authentication = { methods: ['password', 'sms'], isRemembered }
      const browser = await signedIn(other, { authentication })
      const signedInAt = epochSeconds()
      const code = (await authorized(browser, authorizeUrl(changes))).searchParams.get('code') ?? ''
      const answer = (
        await redeem(other.app, { grant_type: 'authorization_code', code, code_verifier: VERIFIER })
      ).json()
      const told = decodeJwt(answer.id_token).auth_time
      if (isRemembered) assert.equal(told, undefined)
      else assert.ok(Math.abs(Number(told) - signedInAt) <= 1)
    }
    await other.app.close()
  })

  test('userinfo ends with the browser session: 15 idle minutes', async () => {
    const { code } = await newCode()
    const { access_token: token } = (await redeem(idp.app, await tokenParameters(code))).json()
    advanceClock(899_000)
    assert.equal((await userInfo(token)).statusCode, 200)
    advanceClock(1_000)
    assert.equal((await userInfo(token)).statusCode, 401)
  })

  test('a code that is exchanged after the session has ended gives tokens that last no longer', async () => {
    const { browser, code } = await newCode()
    // By way of another service: at this one's own logout page its code would be void.
    const elsewhere = { client_id: AUTH_ONLY, post_logout_redirect_uri: 'http://localhost:4200/callback' }
    await browser.open(`/openid_connect/logout?${new URLSearchParams(elsewhere)}`)
    await browser.post('/openid_connect/logout')
    const answer = (await redeem(idp.app, await tokenParameters(code))).json()
    assert.equal(answer.expires_in, 0)
    assert.equal((await userInfo(answer.access_token)).statusCode, 401)
  })
})
