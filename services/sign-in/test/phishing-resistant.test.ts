import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { decodeJwt } from 'jose'
import type { Browser } from './browser.ts'
import { buildSignIn, stubWithFiles } from './signing-in.ts'

const LEVEL = 'http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true'
const AAL2 = 'http://idmanagement.gov/ns/assurance/aal/2'
const stub = await stubWithFiles({
  acrValues: AAL2,
  methods: [{ level: LEVEL, amr: ['phr'], when: { aal: [LEVEL] } }],
  requestableAcr: [LEVEL],
})
const suite = await buildSignIn({ stub })
after(() => suite.app.close())
beforeEach(() => void stub.heal())

const PLAIN = { scope: 'openid profile', resource: '' }
const ASKING = { ...PLAIN, acr_values: LEVEL }

async function signIn(parameters: Record<string, string>, browser: Browser = suite.newBrowser()) {
  const { steps, redirect, answer } = await suite.walk(browser, suite.relying.authorizeUrl(parameters))
  const code = redirect?.searchParams.get('code')
  assert.ok(code, `no code: ${redirect ?? answer.body}`)
  const { id_token } = (await suite.relying.redeem(code)).json<{ id_token: string }>()
  return { browser, steps, person: decodeJwt(id_token) }
}

test('a relying service that asks for it has the provider asked, before the levels of the row', async () => {
  const asked = async (parameters: Record<string, string>) => {
    const address = suite.relying.authorizeUrl(parameters)
    const { redirect } = await suite.walk(suite.newBrowser(), address, { stopAt: 'provider' })
    return redirect?.searchParams.get('acr_values')
  }
  assert.equal(await asked(PLAIN), AAL2)
  assert.equal(await asked(ASKING), `${LEVEL} ${AAL2}`)
})

test('a sign-in of which the provider asserts it says phr beside its methods, at the acr of the identity', async () => {
  stub.state.idToken = { aal: LEVEL }
  const { person } = await signIn(ASKING)
  assert.deepEqual(person.amr, ['mfa', 'phr'])
  assert.equal(person.acr, 'http://idmanagement.gov/ns/assurance/ial/2')
})

for (const [what, aal] of [
  ['another level', AAL2],
  ['a level that only begins with it', `${LEVEL}&x=1`],
  ['several', [LEVEL]],
  ['none', undefined],
] as const) {
  test(`asking is not enough: a provider that asserts ${what} proves nothing that resists phishing`, async () => {
    stub.state.idToken = { aal }
    assert.deepEqual((await signIn(ASKING)).person.amr, ['mfa'])
  })
}

test('a session without it is stepped up once it is asked for, and is then enough (OpenID Connect Core §3.1.2.1)', async () => {
  stub.state.idToken = { aal: AAL2 }
  const { browser } = await signIn(PLAIN)
  stub.state.idToken = { aal: LEVEL }
  assert.deepEqual((await signIn(PLAIN, browser)).steps, [])
  const stepped = await signIn(ASKING, browser)
  assert.ok(stepped.steps.includes('provider'))
  assert.deepEqual(stepped.person.amr, ['mfa', 'phr'])
  assert.deepEqual((await signIn(ASKING, browser)).steps, [])
})

test('discovery names the level, although no acr is ever it', async () => {
  const metadata = (await suite.app.inject({ url: '/.well-known/openid-configuration' })).json()
  assert.ok(metadata.acr_values_supported.includes(LEVEL))
})
