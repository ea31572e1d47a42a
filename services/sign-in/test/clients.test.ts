import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { createRelyingService } from './relying-service.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
after(() => suite.app.close())

for (const [what, token] of [
  ['without the operator token', ''],
  ['with a wrong operator token', 'operator-token-of-this-test-012345678X'],
] as const) {
  test(`nobody registers a relying service ${what} (RFC 7591 §3, ASVS 10.4.7)`, async () => {
    const response = await suite.register({}, token)
    assert.ok([400, 401].includes(response.statusCode), response.body)
    assert.match(response.json().error, /invalid_token|invalid_request/)
    assert.equal(response.json().client_id, undefined)
  })
}

for (const [what, metadata] of [
  ['client_credentials', { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
  [
    'client_credentials beside the code',
    { grant_types: ['authorization_code', 'client_credentials'], response_types: ['code'] },
  ],
  ['implicit', { grant_types: ['implicit'], response_types: ['id_token'] }],
  ['a scope that does not exist', { scope: 'openid challenges.write' }],
  ['a fragment in the redirect URI', { redirect_uris: ['https://relying.example/callback#x'] }],
  ['what is no URI', { redirect_uris: ['not a uri'] }],
  ['a number as redirect URI', { redirect_uris: [5] }],
  ['plain http elsewhere than on the machine itself', { redirect_uris: ['http://relying.example/callback'] }],
  ['plain http for the way back from logout', { post_logout_redirect_uris: ['http://relying.example/'] }],
  ['a public subject', { subject_type: 'public' }],
  ['no provider at all', { identity_providers: [] }],
  ['a provider that nobody knows', { identity_providers: ['login.gov', 'nobody'] }],
  ['a provider twice', { identity_providers: ['my-ssa', 'my-ssa'] }],
  ['providers that are no array', { identity_providers: 'my-ssa' }],
  ['providers that are no ids', { identity_providers: [5] }],
] as const) {
  test(`a relying service cannot register ${what} (ASVS 10.4.11)`, async () => {
    const response = await suite.register(metadata)
    assert.equal(response.statusCode, 400, response.body)
    assert.match(response.json().error, /^invalid_(client_metadata|redirect_uri)$/)
  })
}

test('a registration with wrong providers is told the field and the rule, never the value (RFC 7591 §3.2.2)', async () => {
  const { error, error_description } = (await suite.register({ identity_providers: ['nobody'] })).json()
  assert.equal(error, 'invalid_client_metadata')
  assert.equal(
    error_description,
    'identity_providers must be an array of one or more of login.gov, id.me, my-ssa, each once',
  )
})

test('a relying service gets a client id of its own, and never that of a service of the suite', async () => {
  for (const client_id of ['terms', 'bso', 'one-time-codes']) {
    const registered = await suite.register({ client_id })
    assert.notEqual(registered.json().client_id, client_id)
  }
})

test('a relying service that did not register CBSV cannot ask for it (RFC 8707 §2.1)', async () => {
  const plain = await suite.relyingService({ scope: 'openid profile bso' })
  const asked = await suite.walk(suite.newBrowser(), plain.authorizeUrl({ scope: 'openid bso' }))
  assert.deepEqual(asked.steps, [])
  assert.equal(asked.redirect?.searchParams.get('error'), 'invalid_target')
})

test('a relying service that registered no scope may ask for openid alone (RFC 7591 §2)', async () => {
  const plain = await suite.relyingService({ scope: undefined })
  for (const scope of ['openid bso', 'openid profile', 'openid cbsv.verify']) {
    const { redirect } = await suite.walk(suite.newBrowser(), plain.authorizeUrl({ scope, resource: '' }))
    assert.equal(redirect?.searchParams.get('error'), 'invalid_scope', scope)
  }
  const authorize = plain.authorizeUrl({ scope: 'openid', resource: '' })
  assert.ok((await suite.walk(suite.newBrowser(), authorize)).redirect?.searchParams.has('code'))
})

test('an unknown resource is refused, and so is the interface of a service (RFC 8707 §2)', async () => {
  for (const resource of ['urn:example:other', 'https://relying.example/', 'urn:gatehouse:service:terms']) {
    const asked = await suite.walk(suite.newBrowser(), suite.relying.authorizeUrl({ resource }))
    assert.deepEqual(asked.steps, [])
    assert.equal(asked.redirect?.searchParams.get('error'), 'invalid_target')
  }
})

test('a public client signs people in with PKCE alone, and its refresh tokens rotate (ASVS 10.4.5)', async () => {
  const client = await suite.relyingService({ token_endpoint_auth_method: 'none' })
  assert.equal(client.client_secret, undefined)
  const { refresh_token, claims } = await suite.signedIn({ client })
  assert.equal(claims.client_id, client.client_id)
  const next = await client.refresh(refresh_token)
  assert.equal(next.statusCode, 200, next.body)
  assert.equal((await client.refresh(refresh_token)).statusCode, 400)
})

test('a client with a secret cannot pass as a public one', async () => {
  const { redirect } = await suite.walk(suite.newBrowser())
  const response = await suite.app.inject({
    method: 'POST',
    url: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: suite.relying.client_id,
      code: String(redirect?.searchParams.get('code')),
      redirect_uri: suite.relying.redirectUri,
      code_verifier: suite.relying.codeVerifier,
    }).toString(),
  })
  assert.equal(response.statusCode, 401)
})

// Service tokens. The JWKS of login-gov, bso and ticket-portal are served where sign-in expects them.
const own = await generateKeyPair('ES256', { extractable: true })
const foreign = await generateKeyPair('ES256')
const keys = [{ ...(await exportJWK(own.publicKey)), kid: 'service-1', alg: 'ES256', use: 'sig' }]
for (const port of [4001, 4010, 4013]) {
  suite.served.set(`http://localhost:${port}/.well-known/jwks.json`, { keys })
}

const CODES = 'urn:gatehouse:service:one-time-codes'

async function assertion(claims: Record<string, unknown> = {}, key = own.privateKey) {
  return new SignJWT({
    iss: 'login-gov',
    sub: 'login-gov',
    aud: 'http://localhost:4000',
    jti: crypto.randomUUID(),
    iat: epochSeconds(),
    exp: epochSeconds() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'service-1' })
    .sign(key)
}

async function serviceToken(parameters: Record<string, string> = {}, clientAssertion?: string) {
  return suite.app.inject({
    method: 'POST',
    url: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: clientAssertion ?? (await assertion()),
      resource: CODES,
      scope: 'challenges.write',
      ...parameters,
    }).toString(),
  })
}

test('a service gets a token for what the table of access gives it: one minute, itself as the subject (RFC 9068 §2.2)', async () => {
  const response = await serviceToken()
  assert.equal(response.statusCode, 200, response.body)
  const { access_token, expires_in, scope, refresh_token } = response.json()
  assert.equal(expires_in, 60)
  assert.equal(scope, 'challenges.write')
  assert.equal(refresh_token, undefined)
  const jwks = createLocalJWKSet((await suite.app.inject({ url: '/jwks' })).json())
  const { payload, protectedHeader } = await jwtVerify(access_token, jwks, {
    issuer: 'http://localhost:4000',
    audience: CODES,
    typ: 'at+jwt',
    algorithms: ['ES256'],
  })
  assert.equal(protectedHeader.alg, 'ES256')
  assert.equal(payload.sub, 'login-gov')
  assert.equal(payload.client_id, 'login-gov')
  assert.equal(payload.scope, 'challenges.write')
  assert.equal(Number(payload.exp) - Number(payload.iat), 60)
  assert.ok(payload.jti)
})

test('a service gets nothing for a service that the table of access closes to it (ASVS 10.4.11)', async () => {
  for (const resource of ['urn:gatehouse:service:terms', 'urn:gatehouse:cbsv', 'urn:example:other']) {
    const response = await serviceToken({ resource })
    assert.equal(response.statusCode, 400, resource)
    assert.equal(response.json().error, 'invalid_target')
  }
})

test('a scope that the table of access does not give is left out (RFC 6749 §3.3)', async () => {
  const both = await serviceToken({ scope: 'challenges.write clock.write' })
  assert.equal(both.json().scope, 'challenges.write')
  assert.equal(decodeJwt(both.json().access_token).scope, 'challenges.write')
  const none = await serviceToken({ scope: 'clock.write' })
  assert.ok(!none.json().access_token || decodeJwt(none.json().access_token).scope === undefined)
})

for (const [what, make] of [
  ['that expired', () => assertion({ iat: epochSeconds() - 120, exp: epochSeconds() - 60 })],
  ['without an expiry', () => assertion({ exp: undefined })],
  ['without a jti', () => assertion({ jti: undefined })],
  ['for another audience', () => assertion({ aud: 'http://localhost:4001' })],
  ['signed by another key', () => assertion({}, foreign.privateKey)],
  ['of another issuer', () => assertion({ iss: 'terms' })],
  ['in the name of another service', () => assertion({ iss: 'terms', sub: 'terms' })],
  ['in the name of nobody', () => assertion({ iss: 'nobody', sub: 'nobody' })],
] as const) {
  test(`an assertion ${what} is refused (RFC 7523 §3, ASVS 10.4.16)`, async () => {
    const response = await serviceToken({}, await make())
    assert.equal(response.statusCode, 401, response.body)
    assert.equal(response.json().error, 'invalid_client')
  })
}

test('an assertion is taken once (RFC 7523 §3)', async () => {
  const once = await assertion()
  assert.equal((await serviceToken({}, once)).statusCode, 200)
  assert.equal((await serviceToken({}, once)).statusCode, 401)
})

test('of two uses of one assertion at once one is refused (ASVS 15.4.2)', async () => {
  const once = await assertion()
  const results = await Promise.all([1, 2, 3].map(() => serviceToken({}, once)))
  assert.deepEqual(results.map(({ statusCode }) => statusCode).sort(), [200, 401, 401])
})

test('a service cannot sign people in (ASVS 10.4.4)', async () => {
  const { redirect, answer } = await suite.walk(
    suite.newBrowser(),
    suite.relying.authorizeUrl({ client_id: 'login-gov' }),
  )
  assert.equal(redirect, undefined)
  assert.equal(answer.statusCode, 400)
})

const as = (name: string) => assertion({ iss: name, sub: name })
const ACTIVATIONS = { resource: 'urn:gatehouse:service:bso-user-ids', scope: 'activations.write' }

test('bso, which signs people in, gets a token in its own name for what the table of access gives it', async () => {
  const response = await serviceToken(ACTIVATIONS, await as('bso'))
  assert.equal(response.statusCode, 200, response.body)
  const { sub, client_id, scope, aud, idp, ein } = decodeJwt(response.json().access_token)
  assert.deepEqual(
    { sub, client_id, scope, aud, idp, ein },
    {
      sub: 'bso',
      client_id: 'bso',
      scope: 'activations.write',
      aud: ACTIVATIONS.resource,
      idp: undefined,
      ein: undefined,
    },
  )
  const more = await serviceToken(
    { ...ACTIVATIONS, scope: 'activations.write user-ids.write' },
    await as('bso'),
  )
  assert.equal(more.json().scope, 'activations.write')
})

test('CBSV opens to no service in its own name, also where it may ask for it in a person’s (RFC 8707 §2)', async () => {
  for (const scope of ['cbsv.verify', 'openid cbsv.verify', 'activations.write cbsv.verify']) {
    const response = await serviceToken({ resource: 'urn:gatehouse:cbsv', scope }, await as('bso'))
    assert.equal(response.json().error, 'invalid_target', scope)
  }
  // Nor does the interface of a service give a token the scope of CBSV.
  const both = await serviceToken({ ...ACTIVATIONS, scope: 'activations.write cbsv.verify' }, await as('bso'))
  assert.equal(both.json().scope, 'activations.write')
})

test('the interface of a service opens to no person, by whichever relying service they come (ASVS 10.4.11)', async () => {
  for (const client_id of ['bso', 'ticket-portal']) {
    const port = client_id === 'bso' ? 4010 : 4013
    const { redirect, steps } = await suite.walk(
      suite.newBrowser(),
      suite.relying.authorizeUrl({
        client_id,
        redirect_uri: `http://localhost:${port}/callback`,
        resource: ACTIVATIONS.resource,
        scope: 'openid activations.write',
      }),
    )
    assert.deepEqual(steps, [])
    assert.equal(redirect?.searchParams.get('error'), 'invalid_target')
  }
})

test('the Ticket Portal calls no service, and so gets no token for one', async () => {
  const response = await serviceToken(ACTIVATIONS, await as('ticket-portal'))
  assert.equal(response.statusCode, 400)
  assert.match(response.json().error_description, /grant type is not allowed/)
})

test('to the Ticket Portal people sign in with my Social Security, and it learns their username', async () => {
  suite.stub.state.idToken = { acr: MY_SSA_ACR.withExtraSecurity, amr: ['pwd', 'sms', 'mfa'] }
  suite.stub.state.claims.preferred_username = 'maria.example'
  const client = createRelyingService(
    suite.app,
    { client_id: 'ticket-portal', redirect_uris: ['http://localhost:4013/callback'] },
    () => as('ticket-portal'),
  )
  const { redirect, steps } = await suite.walk(
    suite.newBrowser(),
    client.authorizeUrl({
      scope: 'openid profile',
      resource: '',
      acr_values: MY_SSA_ACR.withExtraSecurity,
    }),
  )
  suite.stub.heal()
  assert.deepEqual(steps, ['provider', 'terms'])
  const { id_token, refresh_token, scope } = (
    await client.redeem(String(redirect?.searchParams.get('code')))
  ).json()
  assert.equal(refresh_token, undefined)
  assert.equal(scope, 'openid profile')
  const { idp, acr, amr, preferred_username, bso_user_id } = decodeJwt(id_token)
  assert.deepEqual(
    { idp, acr, amr, preferred_username, bso_user_id },
    {
      idp: 'my-ssa',
      acr: MY_SSA_ACR.withExtraSecurity,
      amr: ['pwd', 'sms', 'mfa'],
      preferred_username: 'maria.example',
      bso_user_id: undefined,
    },
  )
})
