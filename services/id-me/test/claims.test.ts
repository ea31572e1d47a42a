// What relying services learn about a person (fact sheet 5), by each of the ways to it.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { compactDecrypt, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  AGENCY,
  authorizeUrl,
  codeFor,
  encryption,
  IAL2,
  type IdMe,
  NS,
  postToken,
  ROOT,
  startIdMe,
  tokenParameters,
  tokensFor,
  userInfo,
  VETERANS,
  VETERANS_URI,
} from './support/id-me.ts'

let idMe: IdMe
before(async () => {
  idMe = await startIdMe()
})
after(() => idMe.app.close())

async function verified(token: string, audience = AGENCY.client_id) {
  const keys = createLocalJWKSet((await idMe.app.inject('/oidc/.well-known/jwks')).json())
  const { payload } = await jwtVerify(token, keys, {
    issuer: `${ROOT}/oidc`,
    audience,
    algorithms: ['RS256'],
  })
  return payload
}

async function claimsOf(id: string, scope: string, methods?: string[]) {
  const { access_token = '' } = await tokensFor(idMe, id, authorizeUrl({ scope }), methods)
  const answer = await userInfo(idMe.app, access_token)
  assert.equal(answer.headers['content-type'], 'application/jwt')
  const { iat = 0, exp = 0, ...claims } = await verified(answer.body)
  assert.equal(exp - iat, 18_000)
  return claims
}

const uuid = async (id: string) => (await idMe.accountOf(id)).id.replaceAll('-', '')

const maria = async () => ({
  iss: `${ROOT}/oidc`,
  aud: AGENCY.client_id,
  sub: await uuid('maria'),
  uuid: await uuid('maria'),
  email: 'maria@example.com',
  emails_confirmed: ['maria@example.com'],
  fname: 'Maria',
  lname: 'Example',
  birth_date: '1984-03-12',
  social: '987654325',
  phone: '+12025550142',
  street: '100 Example Street',
  city: 'Baltimore',
  state: 'MD',
  zip: '21235',
})

const PROOFED = {
  multifactor: true,
  level_of_assurance: 3,
  credential_ial: 2,
  credential_aal: 2,
  credential_ial_highest: 2,
  credential_aal_highest: 2,
}

describe('userinfo is a signed JWT (fact sheet 5)', () => {
  test('at IAL2 and AAL2 it has these claims and no others, and the id_token has the same', async () => {
    assert.deepEqual(await claimsOf('maria', `openid ${IAL2}`), { ...(await maria()), ...PROOFED })
    const { id_token = '' } = await tokensFor(idMe)
    const { iat: _iat, exp: _exp, ...claims } = await verified(id_token)
    assert.deepEqual(claims, { ...(await maria()), ...PROOFED })
  })

  test('sub is uuid: 32 hexadecimal characters, the same for every client and for good', async () => {
    const { sub, uuid: same } = await claimsOf('maria', `openid ${IAL2}`)
    assert.match(String(sub), /^[\da-f]{32}$/)
    assert.equal(same, sub)
    const other = await veterans('maria')
    assert.equal(other.claims.sub, sub)
    assert.equal((await claimsOf('maria', 'openid login')).sub, sub)
  })

  test("VA's loa/3 is told as classic_loa3", async () => {
    const { credential_ial, credential_ial_highest, level_of_assurance } = await claimsOf(
      'maria',
      `openid ${NS}/loa/3`,
    )
    assert.deepEqual([credential_ial, credential_ial_highest], ['classic_loa3', 'classic_loa3'])
    assert.equal(level_of_assurance, 3)
  })

  test('people without a Social Security number have no claim social', async () => {
    const claims = await claimsOf('mateo', `openid ${IAL2}`)
    assert.ok(!('social' in claims))
    assert.equal(claims.birth_date, '1984-03-12')
  })

  test('who has no verified identity is told of by name, and by nothing that would have to be true', async () => {
    const claims = await claimsOf('priya', `openid ${NS}/ial/1/aal/1`, ['password'])
    assert.deepEqual(claims, {
      iss: `${ROOT}/oidc`,
      aud: AGENCY.client_id,
      sub: await uuid('priya'),
      uuid: await uuid('priya'),
      email: 'priya@example.com',
      emails_confirmed: ['priya@example.com'],
      fname: 'Maria',
      lname: 'Example',
      zip: '21235',
      multifactor: false,
      level_of_assurance: 1,
      credential_ial: 1,
      credential_aal: 1,
      credential_ial_highest: 1,
      credential_aal_highest: 2,
    })
  })

  test('who is told of less than the person has is told the highest all the same', async () => {
    const claims = await claimsOf('maria', `openid ${NS}/ial/1/aal/2`)
    assert.deepEqual(
      [claims.level_of_assurance, claims.credential_ial, claims.credential_ial_highest, claims.multifactor],
      [1, 1, 2, true],
    )
    assert.ok(!('social' in claims))
  })

  test('a community is told with its subgroups', async () => {
    const { status, attributes } = await claimsOf('james', 'openid military', ['password'])
    assert.deepEqual(status, [{ group: 'military', subgroups: ['Veteran'], verified: true }])
    assert.deepEqual((attributes as object[])[0], {
      handle: 'uuid',
      name: 'Unique identifier',
      value: await uuid('james'),
    })
  })

  test('what the person did not allow is not told, whatever is registered later', async () => {
    const fresh = await startIdMe()
    const code = await codeFor(fresh, 'mateo')
    const { id } = await fresh.accountOf('mateo')
    const { profile } = await fresh.accountOf('mateo')
    await fresh.accounts.setProfile(id, { ...profile!, socialSecurityNumber: '900123456' })
    const { access_token } = (await postToken(fresh.app, tokenParameters(code))).json()
    const answer = await userInfo(fresh.app, access_token, '/api/public/v3/attributes.json')
    assert.ok(!answer.body.includes('900123456'))
    await fresh.app.close()
  })
})

async function veterans(id: string) {
  const asked = { client_id: VETERANS.client_id, redirect_uri: VETERANS_URI }
  const code = await codeFor(idMe, id, authorizeUrl(asked))
  const change = { ...VETERANS, redirect_uri: VETERANS_URI }
  const { access_token } = (await postToken(idMe.app, tokenParameters(code, change))).json()
  const answer = await userInfo(idMe.app, access_token, '/api/public/v3/userinfo.json')
  const jwe: string = answer.json()
  const { plaintext } = await compactDecrypt(jwe, encryption.privateKey)
  return { jwe, claims: await verified(new TextDecoder().decode(plaintext), VETERANS.client_id) }
}

test('for a client with a key userinfo is a JSON string with a JWE, and inside it the signed JWT', async () => {
  const { jwe, claims } = await veterans('maria')
  const { alg, enc } = decodeProtectedHeader(jwe)
  assert.deepEqual([alg, enc], ['RSA-OAEP', 'A256CBC-HS512'])
  // What is configured for this client, beside the four that each policy tells; with hyphens.
  assert.deepEqual(
    Object.keys(claims).filter((name) => !(name in PROOFED)),
    ['iss', 'aud', 'sub', 'uuid', 'fname', 'lname', 'social', 'zip', 'iat', 'exp'],
  )
  assert.equal(claims.social, '987-65-4325')
})

describe('attributes as JSON (fact sheet 1 and 5)', () => {
  const attributes = (token: string, more = '', path = 'v3/attributes.json') =>
    idMe.app.inject(`/api/public/${path}?access_token=${token}${more}`)

  for (const path of ['v3/attributes.json', 'v2/attributes.json', 'v2/data.json']) {
    test(`${path} takes the token as a parameter and gives attributes by handle`, async () => {
      const { access_token = '' } = await tokensFor(idMe, 'james', authorizeUrl({ scope: 'military' }))
      const { attributes: list, status } = (await attributes(access_token, '', path)).json()
      assert.deepEqual(status, [{ group: 'military', subgroups: ['Veteran'], verified: true }])
      const byHandle = Object.fromEntries(
        list.map(({ handle, value }: { handle: string; value: unknown }) => [handle, value]),
      )
      assert.deepEqual(byHandle, {
        uuid: await uuid('james'),
        email: 'james@example.com',
        emails_confirmed: ['james@example.com'],
        fname: 'Maria',
        lname: 'Example',
        zip: '21235',
      })
    })
  }

  test('callback gives a script that calls it, which other sites may load', async () => {
    const { access_token = '' } = await tokensFor(idMe)
    const answer = await attributes(access_token, '&callback=app.show')
    assert.match(String(answer.headers['content-type']), /^application\/javascript/)
    assert.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin')
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.match(answer.body, /^\/\*\*\/app\.show\(\{.*\}\);$/)
    assert.ok(JSON.parse(answer.body.slice('/**/app.show('.length, -2)).attributes.length > 4)
  })

  test('callback is the name of a function and nothing else; a refusal does not use the token', async () => {
    const { access_token = '' } = await tokensFor(idMe)
    for (const callback of [
      '',
      'alert(1)',
      'a;b',
      'a b',
      '1a',
      'a.',
      'a[0]',
      '<script>',
      'é',
      'a'.repeat(101),
    ]) {
      const refused = await attributes(access_token, `&callback=${encodeURIComponent(callback)}`)
      assert.equal(refused.statusCode, 400, callback)
      assert.equal(refused.json().error, 'invalid_request')
    }
    assert.equal((await attributes(access_token, '&callback=a&callback=b')).statusCode, 400)
    assert.equal((await attributes(access_token)).statusCode, 200)
  })

  test('without a token there is nothing to ask for, and a wrong one is refused (RFC 6750 §3.1)', async () => {
    const none = await idMe.app.inject('/api/public/v3/attributes.json')
    assert.equal(none.statusCode, 400)
    const wrong = await attributes('0'.repeat(32))
    assert.equal(wrong.statusCode, 401)
    assert.match(String(wrong.headers['www-authenticate']), /^Bearer error="invalid_token"$/)
  })
})
