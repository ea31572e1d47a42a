import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildForTest } from '@gatehouse/http/testing'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server'
import { service } from '../src/service.ts'
import { environment } from './lab-fixture.ts'

const lab = await buildForTest(service, { environment })
after(() => lab.app.close())
const ORIGIN = new URL(lab.ground.urls['login-gov']).origin
const RP = 'localhost'

type RegistrationOptions = Parameters<typeof generateRegistrationOptions>[0]
type Kind = 'registrations' | 'assertions'

const creation = (more: Partial<RegistrationOptions> = {}) =>
  generateRegistrationOptions({ rpName: 'Login.gov', rpID: RP, userName: 'maria@example.com', ...more })
const request = (allowed?: { id: string }[]) =>
  generateAuthenticationOptions({ rpID: RP, ...(allowed ? { allowCredentials: allowed } : {}) })

const program = (kind: Kind, payload: Record<string, unknown>) =>
  lab.app.inject({
    method: 'POST',
    url: `/security-keys/${kind}`,
    headers: { accept: 'application/json' },
    payload: { origin: ORIGIN, ...payload },
  })

async function register(options: { challenge: string }, key?: string): Promise<RegistrationResponseJSON> {
  const answer = await program('registrations', { options, ...(key ? { key } : {}) })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

async function assertion(options: { challenge: string }, key?: string): Promise<AuthenticationResponseJSON> {
  const answer = await program('assertions', { options, ...(key ? { key } : {}) })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

async function registered(key: string, more: Partial<RegistrationOptions> = {}): Promise<WebAuthnCredential> {
  const options = await creation(more)
  const response = await register(options, key)
  const { registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP,
  })
  assert.ok(registrationInfo)
  return registrationInfo.credential
}

const verify = (
  response: AuthenticationResponseJSON,
  challenge: string,
  credential: WebAuthnCredential,
  more = {},
) =>
  verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP,
    credential,
    ...more,
  })

test("a provider's own library accepts a registration (WebAuthn Level 3 §7.1)", async () => {
  const options = await creation({ attestationType: 'none' })
  const response = await register(options, 'accepted')
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP,
    requireUserVerification: true,
  })
  assert.ok(verified.verified)
  assert.equal(verified.registrationInfo?.fmt, 'none')
  assert.equal(verified.registrationInfo?.aaguid, '00000000-0000-0000-0000-000000000000')
  assert.equal(verified.registrationInfo?.credentialDeviceType, 'singleDevice')
  assert.equal(verified.registrationInfo?.credential.counter, 0)
  assert.equal(Buffer.from(response.id, 'base64url').length, 32)
  assert.deepEqual(response.response.transports, ['usb'])
  assert.deepEqual(response.clientExtensionResults, { credProps: { rk: true } })
})

test('a registration for another origin, challenge or site is not accepted', async () => {
  const options = await creation()
  const response = await register(options, 'mismatched')
  const right = { response, expectedChallenge: options.challenge, expectedOrigin: ORIGIN, expectedRPID: RP }
  const wrong = [
    { expectedOrigin: 'http://localhost:4999' },
    { expectedChallenge: 'another' },
    { expectedRPID: 'example.com' },
  ]
  for (const difference of wrong) {
    await assert.rejects(verifyRegistrationResponse({ ...right, ...difference }))
  }
})

test("a provider's own library accepts an assertion, and each one counts one more (WebAuthn Level 3 §7.2)", async () => {
  const credential = await registered('counting')
  for (const count of [1, 2, 3]) {
    const options = await request([{ id: credential.id }])
    const response = await assertion(options, 'counting')
    const { verified, authenticationInfo } = await verify(response, options.challenge, credential, {
      requireUserVerification: true,
    })
    assert.ok(verified)
    assert.equal(authenticationInfo.newCounter, count)
    credential.counter = authenticationInfo.newCounter
  }
})

test('an assertion that comes twice, or for another origin or challenge, is not accepted', async () => {
  const credential = await registered('replayed')
  const options = await request([{ id: credential.id }])
  const response = await assertion(options, 'replayed')
  await assert.rejects(
    verify(response, options.challenge, credential, { expectedOrigin: 'http://localhost:4999' }),
  )
  await assert.rejects(verify(response, 'another', credential))
  const { authenticationInfo } = await verify(response, options.challenge, credential)
  credential.counter = authenticationInfo.newCounter
  await assert.rejects(verify(response, options.challenge, credential), /counter/)
})

test('a signature over something else is not accepted', async () => {
  const credential = await registered('altered')
  const options = await request([{ id: credential.id }])
  const [one, other] = [await assertion(options, 'altered'), await assertion(options, 'altered')]
  one.response.signature = other.response.signature
  assert.equal((await verify(one, options.challenge, credential)).verified, false)
})

test('of signatures made at once each has a count of its own', async () => {
  const credential = await registered('at-once')
  const options = await request([{ id: credential.id }])
  const answers = await Promise.all(Array.from({ length: 10 }, () => assertion(options, 'at-once')))
  const counts = await Promise.all(
    answers.map(
      async (response) =>
        (await verify(response, options.challenge, credential)).authenticationInfo.newCounter,
    ),
  )
  assert.equal(new Set(counts).size, 10)
})

test('a discoverable credential answers without being named and says whose it is; another one does neither', async () => {
  const userID = new TextEncoder().encode('user-1')
  const passkey = { userID, authenticatorSelection: { residentKey: 'required' } } as const
  const credential = await registered('passkey', passkey)
  const options = await request()
  const response = await assertion(options, 'passkey')
  assert.equal(response.id, credential.id)
  assert.equal(Buffer.from(response.response.userHandle ?? '', 'base64url').toString(), 'user-1')
  assert.ok((await verify(response, options.challenge, credential)).verified)

  const second = await registered('plain', { authenticatorSelection: { residentKey: 'discouraged' } })
  assert.equal(
    (await program('assertions', { options: await request(), key: 'plain' })).json().code,
    'no_credential',
  )
  const named = await assertion(await request([{ id: second.id }]), 'plain')
  assert.equal(named.response.userHandle, undefined)

  // Of one person at one site a key holds one (§6.3.2 step 7).
  const renewed = await registered('passkey', passkey)
  assert.equal((await assertion(await request(), 'passkey')).id, renewed.id)
  const old = await program('assertions', { options: await request([{ id: credential.id }]), key: 'passkey' })
  assert.equal(old.json().code, 'no_credential')
})

test('what was asked for as face or touch unlock says that it is part of the device', async () => {
  const more = { authenticatorSelection: { authenticatorAttachment: 'platform' } } as const
  const response = await register(await creation(more), 'platform')
  assert.equal(response.authenticatorAttachment, 'platform')
  assert.deepEqual(response.response.transports, ['internal'])
  const later = await assertion(await request([{ id: response.id }]), 'platform')
  assert.equal(later.authenticatorAttachment, 'platform')
})

test('a key that holds an excluded credential refuses, and without a choice another one answers', async () => {
  const credential = await registered('excluded')
  const options = await creation({ excludeCredentials: [{ id: credential.id }] })
  const refused = await program('registrations', { options, key: 'excluded' })
  assert.equal(refused.statusCode, 409)
  assert.equal(refused.json().code, 'already_registered')
  const other = await register(options)
  const keys = await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute()
  const keyOf = (id: string) => keys.find((row) => row.id === id)?.keyId
  assert.ok(keyOf(other.id))
  assert.notEqual(keyOf(other.id), keyOf(credential.id))
})

test('a site that takes no ES256 gets no credential', async () => {
  const options = await creation({ supportedAlgorithmIDs: [-257] })
  assert.equal((await program('registrations', { options })).json().code, 'algorithm_not_supported')
})

test("a credential of one site never answers another's request (WebAuthn Level 3 §6.3.3)", async () => {
  const elsewhere = await buildForTest(service, {
    environment: {
      ...environment,
      LOGIN_GOV_URL: 'https://idp.login.example',
      ID_ME_URL: 'https://api.id.example',
    },
  })
  after(() => elsewhere.app.close())
  const post = (kind: Kind, payload: Record<string, unknown>) =>
    elsewhere.app.inject({
      method: 'POST',
      url: `/security-keys/${kind}`,
      headers: { accept: 'application/json' },
      payload,
    })
  const origin = 'https://idp.login.example'
  const made = await post('registrations', { origin, options: await creation({ rpID: 'login.example' }) })
  assert.equal(made.statusCode, 200)
  const answer = (rpID: string, from: string) =>
    generateAuthenticationOptions({ rpID, allowCredentials: [{ id: made.json().id }] }).then((options) =>
      post('assertions', { origin: from, options }),
    )
  assert.equal((await answer('login.example', origin)).statusCode, 200)
  assert.equal((await answer('idp.login.example', origin)).json().code, 'no_credential')
  const foreign = await answer('login.example', 'https://api.id.example')
  assert.deepEqual(foreign.json().errors, [
    { field: 'body.options.rpId', rule: "must be the origin's host name or a domain that it is in" },
  ])
  for (const rpID of ['example', 'n.example', 'login.example.com', 'x.idp.login.example']) {
    assert.equal((await answer(rpID, origin)).statusCode, 400, rpID)
  }
})

const CREDENTIAL = { id: 'AAAA', type: 'public-key' }
let options: Awaited<ReturnType<typeof creation>>
before(async () => {
  options = await creation()
})
const malformed = [
  { what: 'options that are no JSON', change: () => ({ options: '{"' }), field: 'body.options' },
  { what: 'options that are a list', change: () => ({ options: [] }), field: 'body.options' },
  {
    what: 'a challenge in other characters',
    change: () => ({ options: { ...options, challenge: 'a+b=' } }),
    field: 'body.options.challenge',
  },
  {
    what: 'a user id beyond 64 bytes',
    change: () => ({ options: { ...options, user: { ...options.user, id: 'A'.repeat(87) } } }),
    field: 'body.options.user.id',
  },
  {
    what: 'too many excluded credentials',
    change: () => ({ options: { ...options, excludeCredentials: Array(101).fill(CREDENTIAL) } }),
    field: 'body.options.excludeCredentials',
  },
  {
    what: 'an origin outside the suite',
    change: () => ({ origin: 'https://example.com' }),
    field: 'body.origin',
  },
  {
    what: 'a service that is no provider',
    change: () => ({ origin: lab.ground.urls.bso }),
    field: 'body.origin',
  },
  { what: 'an origin with a path', change: () => ({ origin: `${ORIGIN}/` }), field: 'body.origin' },
  { what: 'an unknown field', change: () => ({ more: 'x' }), field: 'body.more' },
]
for (const { what, change, field } of malformed) {
  test(`${what} is refused by field and rule`, async () => {
    const answer = await program('registrations', { options, ...change() })
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.json().errors[0].field, field)
    assert.ok(!answer.body.includes(options.challenge))
  })
}

test('an IP address has no credentials: WebAuthn wants a domain', async () => {
  const other = await buildForTest(service, {
    environment: { ...environment, LOGIN_GOV_URL: 'http://127.0.0.1:4001' },
  })
  after(() => other.app.close())
  const answer = await other.app.inject({
    method: 'POST',
    url: '/security-keys/registrations',
    headers: { accept: 'application/json' },
    payload: { origin: 'http://127.0.0.1:4001', options: await creation({ rpID: '127.0.0.1' }) },
  })
  assert.equal(answer.json().errors[0].field, 'body.origin')
})

test('private keys are sealed at rest and stay out of the log', async () => {
  const rows = await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute()
  assert.ok(rows.length > 0)
  for (const row of rows) {
    const key = JSON.parse(lab.ground.secrets.unseal('security keys', row.sealedPrivateKey))
    assert.ok(key.d)
    assert.ok(!JSON.stringify(rows).includes(key.d))
    assert.ok(!lab.logLines.join('').includes(key.d))
  }
})
