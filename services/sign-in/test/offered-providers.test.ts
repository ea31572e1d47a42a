import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { readOffers } from '../src/federation/offered-providers.ts'
import type { IdentityProvider } from '../src/federation/providers.ts'
import { createBrowser } from './browser.ts'
import { createRelyingService } from './relying-service.ts'
import { buildSignIn } from './signing-in.ts'
import { storedAccounts } from './support/providers.ts'

const suite = await buildSignIn()
const { stub } = suite
const mySsaOnly = await suite.relyingService({ identity_providers: ['my-ssa'] })
const idMeOnly = await suite.relyingService({ identity_providers: ['id.me'] })
after(() => suite.app.close())
afterEach(() => void stub.heal())

const NO_USERNAME = /The Social Security username sign-in option is no longer available\./

const offered = (body: string) => [
  ...new Set([...body.matchAll(/name="provider" value="([^"]+)"/g)].map(([, id]) => id)),
]

for (const [what, identity_providers, ids] of [
  ['nothing', undefined, ['login.gov', 'id.me']],
  ['Login.gov and ID.me', ['login.gov', 'id.me'], ['login.gov', 'id.me']],
  ['my Social Security beside others', ['my-ssa', 'login.gov'], ['login.gov', 'my-ssa']],
  ['all there are', ['id.me', 'login.gov', 'my-ssa'], ['login.gov', 'id.me', 'my-ssa']],
] as const) {
  test(`a relying service that names ${what} offers ${ids.join(', ')}, and tells of the username sign-in what is true`, async () => {
    const client = await suite.relyingService({ identity_providers })
    const { answer } = await suite.walk(suite.newBrowser(), client.authorizeUrl(), { stopAt: 'choice' })
    assert.deepEqual(offered(answer.body), ids)
    assert.equal(NO_USERNAME.test(answer.body), !ids.some((id) => id === 'my-ssa'))
    const policy = String(answer.headers['content-security-policy'])
    assert.equal(
      policy.includes('https://other.example'),
      ids.some((id) => id === 'id.me'),
    )
  })
}

test('the command line offers every provider, bso those that are offered to all', async () => {
  for (const [client_id, redirect_uri, ids] of [
    ['gatehouse-cli', 'http://127.0.0.1/callback', ['login.gov', 'id.me', 'my-ssa']],
    ['bso', 'http://localhost:4010/callback', ['login.gov', 'id.me']],
  ] as const) {
    const start = suite.relying.authorizeUrl({ client_id, redirect_uri })
    const { answer } = await suite.walk(suite.newBrowser(), start, { stopAt: 'choice' })
    assert.deepEqual(offered(answer.body), ids)
  }
})

test('nobody is sent to a provider that the relying service does not offer (ASVS 2.3.1)', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, suite.relying.authorizeUrl(), { stopAt: 'choice' })
  const choices: Record<string, string>[] = [
    { provider: 'my-ssa' },
    { provider: 'my-ssa', leave: 'yes' },
    { provider: 'nobody' },
  ]
  for (const fields of choices) {
    const refused = await browser.submit(interaction, `${interaction}/provider`, fields)
    assert.equal(refused.statusCode, 400)
    assert.match(refused.body, /This service does not offer the provider/)
    assert.equal(refused.headers.location, undefined)
  }
})

test('the only provider is gone to without a choice', async () => {
  const { answer, redirect, steps } = await suite.walk(suite.newBrowser(), mySsaOnly.authorizeUrl(), {
    stopAt: 'provider',
  })
  assert.deepEqual(steps, ['provider'])
  assert.equal(answer.statusCode, 303)
  assert.equal(redirect?.searchParams.get('redirect_uri'), 'http://localhost:4000/federation/my-ssa/callback')
})

test('whoever leaves the only provider comes back to a page, which leads there again', async () => {
  const browser = suite.newBrowser()
  stub.state.answer = { error: 'access_denied' }
  const left = await suite.walk(browser, mySsaOnly.authorizeUrl(), { stopAt: 'choice' })
  assert.deepEqual(left.steps, ['provider', 'choice'])
  assert.equal(left.path, `${left.interaction}?notice=left`)
  assert.match(left.answer.body, /You are not signed in/)
  assert.match(left.answer.body, /Sign in with my Social Security/)
  stub.heal()
  stub.state.idToken = { acr: MY_SSA_ACR.withPassword, amr: ['pwd'] }
  const again = await browser.submit(left.path, `${left.interaction}/provider`, { provider: 'my-ssa' })
  const arrived = await browser.get(
    `/federation/my-ssa/callback?${stub.answer(String(again.headers.location))}`,
  )
  assert.equal(arrived.headers.location, `${left.interaction}/terms`)
})

for (const [what, fault] of [
  ['cannot be reached', { isDown: true }],
  ['answers what must not be believed', { foreignKey: true }],
] as const) {
  test(`an only provider that ${what} is not tried again unasked: no loop`, async () => {
    // Its own start: metadata that is known would be used while the provider is down.
    const fresh = await buildSignIn()
    const client = await fresh.relyingService({ identity_providers: ['my-ssa'] })
    const browser = fresh.newBrowser()
    Object.assign(fresh.stub.state, { idToken: { acr: MY_SSA_ACR.withPassword } }, fault)
    const { answer, interaction } = await fresh.walk(browser, client.authorizeUrl())
    assert.equal(answer.statusCode, 502)
    assert.ok(answer.body.includes(`href="${interaction}?notice&#61;failed"`), answer.body)
    const back = await browser.get(`${interaction}?notice=failed`)
    assert.equal(back.statusCode, 200)
    assert.match(back.body, /role="alert"[\s\S]*The sign-in provider did not answer as it should/)
    await fresh.app.close()
  })
}

test('a notice that nobody knows is no notice', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, mySsaOnly.authorizeUrl(), { stopAt: 'provider' })
  for (const notice of ['constructor', '__proto__', '']) {
    assert.equal((await browser.get(`${interaction}?notice=${notice}`)).statusCode, 303, notice)
  }
})

test('nobody gets past the page about leaving to an only provider, and Cancel does not lead to it again', async () => {
  const browser = suite.newBrowser()
  const { answer, interaction } = await suite.walk(browser, idMeOnly.authorizeUrl(), { stopAt: 'choice' })
  assert.match(answer.body, /<h1>You are leaving Social Security’s website<\/h1>/)
  assert.ok(answer.body.includes(`href="${interaction}?notice&#61;left">Cancel<`), answer.body)
  const cancelled = await browser.get(`${interaction}?notice=left`)
  assert.match(cancelled.body, /<h1>Sign In or Create an Account<\/h1>/)
  assert.deepEqual(offered(cancelled.body), ['id.me'])
})

test('an answer of a provider that the relying service no longer offers signs nobody in, and stores nobody', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-offers-'))
  const shared = {
    databaseUrl: `sqlite:${join(directory, 'sign-in.sqlite')}`,
    secrets: deriveSecrets(Buffer.alloc(32, 9)),
  }
  const before = await buildSignIn({ ...shared, identityProviders: '{"bso":["my-ssa"]}' })
  const browser = before.newBrowser()
  const start = before.relying.authorizeUrl({
    client_id: 'bso',
    redirect_uri: 'http://localhost:4010/callback',
  })
  const { redirect, interaction } = await before.walk(browser, start, { stopAt: 'provider' })
  await before.app.close()
  const later = await buildSignIn({ ...shared, stub: before.stub })
  try {
    later.stub.state.idToken = { acr: MY_SSA_ACR.withExtraSecurity, amr: ['pwd', 'sms', 'mfa'] }
    const kept = createBrowser(later.app, browser.jar)
    const answer = await kept.get(`/federation/my-ssa/callback?${later.stub.answer(String(redirect))}`)
    assert.equal(answer.statusCode, 400)
    assert.match(answer.body, /This service does not offer the provider/)
    assert.equal((await kept.get(`${interaction}/terms`)).statusCode, 400)
    assert.deepEqual(await storedAccounts(later), { accounts: [], credentials: [] })
  } finally {
    later.stub.heal()
    await later.app.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

test('a provider that is taken away is offered no more, and without any the person is told so', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-offers-'))
  const shared = {
    databaseUrl: `sqlite:${join(directory, 'sign-in.sqlite')}`,
    secrets: deriveSecrets(Buffer.alloc(32, 9)),
  }
  const before = await buildSignIn(shared)
  const both = await before.relyingService({ identity_providers: ['my-ssa', 'login.gov'] })
  await before.app.close()
  const loginGov = {
    id: 'login.gov',
    name: 'Login.gov',
    issuer: before.stub.issuer,
    clientId: 'gatehouse',
    authentication: { method: 'none' },
    scope: 'openid',
  }
  const later = await buildSignIn({ ...shared, rows: [loginGov] })
  try {
    const authorize = createRelyingService(later.app, both).authorizeUrl()
    const { steps, redirect } = await later.walk(later.newBrowser(), authorize, { stopAt: 'provider' })
    assert.deepEqual(steps, ['provider'])
    assert.match(String(redirect?.searchParams.get('redirect_uri')), /login\.gov\/callback$/)
    const portal = later.relying.authorizeUrl({
      client_id: 'ticket-portal',
      redirect_uri: 'http://localhost:4013/callback',
      scope: 'openid',
      resource: '',
    })
    const { answer } = await later.walk(later.newBrowser(), portal)
    assert.equal(answer.statusCode, 503)
    assert.match(answer.body, /Not available right now/)
  } finally {
    await later.app.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

// The variable.
const CLIENTS = ['bso', 'ticket-portal', 'gatehouse-cli']
const PROVIDERS = ['login.gov', 'my-ssa'].map((id) => ({ id }) as IdentityProvider)

test('a client that the variable leaves out keeps its default', () => {
  const byDefault = { 'ticket-portal': ['my-ssa'] }
  assert.deepEqual(readOffers(undefined, CLIENTS, PROVIDERS), byDefault)
  assert.deepEqual(readOffers('{}', CLIENTS, PROVIDERS), byDefault)
  assert.deepEqual(readOffers('{"bso":["login.gov","my-ssa"]}', CLIENTS, PROVIDERS), {
    ...byDefault,
    bso: ['login.gov', 'my-ssa'],
  })
  assert.deepEqual(readOffers('{"ticket-portal":["login.gov"]}', CLIENTS, PROVIDERS), {
    'ticket-portal': ['login.gov'],
  })
})

for (const [what, text, problem] of [
  ['no JSON', 'my-ssa', 'it must be JSON'],
  ['an array', '["my-ssa"]', 'it must be an object from client ids to arrays with a provider id or more'],
  ['null', 'null', 'it must be an object from client ids to arrays with a provider id or more'],
  ['no provider', '{"bso":[]}', 'it must be an object from client ids to arrays with a provider id or more'],
  ['one id', '{"bso":"my-ssa"}', 'it must be an object from client ids to arrays with a provider id or more'],
  ['another client', '{"cbsv":["my-ssa"]}', 'cbsv is none of bso, ticket-portal, gatehouse-cli'],
  ['another provider', '{"bso":["id.me"]}', 'bso may offer login.gov, my-ssa'],
] as const) {
  test(`IDENTITY_PROVIDERS with ${what} stops the service at its start, and the message says why`, () => {
    assert.throws(
      () => readOffers(text, CLIENTS, PROVIDERS),
      (error) => error instanceof ConfigurationError && error.message === `IDENTITY_PROVIDERS: ${problem}`,
    )
  })
}

test('the service does not start with a wrong IDENTITY_PROVIDERS', async () => {
  await assert.rejects(
    buildSignIn({ identityProviders: '{"bso":["nobody"]}' }),
    /IDENTITY_PROVIDERS: bso may offer/,
  )
})
