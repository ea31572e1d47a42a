import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { decodeJwt } from 'jose'
import { identityFrom } from '../src/federation/identity.ts'
import type { IdentityProvider } from '../src/federation/providers.ts'
import type { Browser } from './browser.ts'
import type { RelyingService } from './relying-service.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { stub, relying } = suite
const { withPassword, withExtraSecurity } = MY_SSA_ACR
const IAL2 = 'http://idmanagement.gov/ns/assurance/ial/2'
const ALL = ['login.gov', 'id.me', 'my-ssa']

/** Offers the username sign-in alone, as the Ticket Portal does; `relying` offers what is offered to all, as bso does. */
const portal = await suite.relyingService({ identity_providers: ['my-ssa'] })
const everything = await suite.relyingService({ identity_providers: ALL })
after(() => suite.app.close())
afterEach(() => void stub.heal())

/** The provider at the other end is my Social Security from now on, and this is how Maria signs in there. */
function mySsaSays(acr: string, more: { amr?: string[] | undefined; claims?: Record<string, unknown> } = {}) {
  stub.heal()
  const { amr = acr === withPassword ? ['pwd'] : ['pwd', 'sms', 'mfa'], claims = {} } = more
  stub.state.idToken = { acr, amr: 'amr' in more ? more.amr : amr }
  Object.assign(stub.state.claims, { preferred_username: 'maria.example' }, claims)
}

const PLAIN = { scope: 'openid profile', resource: '' }
const EXTRA = { ...PLAIN, acr_values: withExtraSecurity }

/** A sign-in to its end; answers with what the ID token says. */
async function signIn(
  client: RelyingService,
  parameters: Record<string, string>,
  { browser = suite.newBrowser(), idp }: { browser?: Browser; idp?: string } = {},
) {
  const walked = await suite.walk(browser, client.authorizeUrl(parameters), idp ? { idp } : {})
  const code = walked.redirect?.searchParams.get('code')
  assert.ok(code, `no code: ${walked.redirect ?? walked.answer.body}`)
  const response = await client.redeem(code)
  assert.equal(response.statusCode, 200, response.body)
  const tokens = response.json<{ id_token: string; refresh_token: string; scope: string }>()
  return { ...tokens, browser, steps: walked.steps, person: decodeJwt(tokens.id_token) }
}

/** What the relying service hears that asks without a page. */
async function silently(
  client: RelyingService,
  browser: Browser,
  parameters: Record<string, string> = PLAIN,
) {
  const start = client.authorizeUrl({ ...parameters, prompt: 'none' })
  const { redirect } = await suite.walk(browser, start)
  return redirect?.searchParams.get('error') ?? 'signed in'
}

test('a session below the level that is asked for is stepped up in the same session (OpenID Connect Core §3.1.2.1)', async () => {
  mySsaSays(withPassword)
  const { browser, person } = await signIn(portal, PLAIN)
  assert.equal(person.acr, withPassword)
  advanceClock(60_000)
  mySsaSays(withExtraSecurity)
  const stepped = await signIn(portal, EXTRA, { browser })
  assert.deepEqual(stepped.steps, ['provider', 'terms'])
  assert.equal(stepped.person.acr, withExtraSecurity)
  assert.deepEqual(stepped.person.amr, ['pwd', 'sms', 'mfa'])
  assert.equal(stepped.person.sub, person.sub)
  assert.equal(stepped.person.sid, person.sid)
  assert.ok(Number(stepped.person.auth_time) > Number(person.auth_time))
  // From then on the session is at the level.
  assert.deepEqual((await signIn(portal, EXTRA, { browser })).steps, [])
})

test('whoever declines goes on with the lower level, which the ID token tells, and is asked again the next time', async () => {
  mySsaSays(withPassword)
  const declined = await signIn(portal, EXTRA)
  assert.deepEqual(declined.steps, ['provider', 'terms'])
  assert.equal(declined.person.acr, withPassword)
  const again = await signIn(portal, EXTRA, { browser: declined.browser })
  assert.deepEqual(again.steps, ['provider', 'terms'])
  assert.equal(again.person.acr, withPassword)
  // Who does not ask for it has them signed in.
  assert.deepEqual((await signIn(portal, PLAIN, { browser: declined.browser })).steps, [])
})

for (const [what, acr_values, asks] of [
  ['the level of the session', withPassword, false],
  ['the level of the session among others', `${withExtraSecurity} ${withPassword}`, false],
  ['a higher level', withExtraSecurity, true],
  ['a higher level before one that nobody knows', `urn:example:unknown ${withExtraSecurity}`, true],
  ['a level of a provider that it does not offer', IAL2, false],
  ['a level that nobody knows', 'urn:example:unknown', false],
] as const) {
  test(`a relying service that asks for ${what} has the person ${asks ? 'sign in again' : 'signed in'}`, async () => {
    mySsaSays(withPassword)
    const { browser } = await signIn(portal, PLAIN)
    assert.equal(
      await silently(portal, browser, { ...PLAIN, acr_values }),
      asks ? 'login_required' : 'signed in',
    )
  })
}

test('a level that another offered provider is known to assert is reached by a new choice', async () => {
  mySsaSays(withPassword)
  const { browser } = await signIn(everything, PLAIN, { idp: 'my-ssa' })
  stub.heal()
  const { steps, person } = await signIn(everything, { ...PLAIN, acr_values: IAL2 }, { browser })
  assert.deepEqual(steps, ['choice', 'provider', 'terms'])
  assert.equal(person.acr, IAL2)
  assert.equal(person.idp, 'login.gov')
})

for (const [what, idp, acr_values, sent] of [
  ['nothing', 'my-ssa', '', null],
  [
    'the level of its row that is asked for',
    'my-ssa',
    `urn:example:unknown ${withExtraSecurity}`,
    withExtraSecurity,
  ],
  ['none that its row leaves out', 'my-ssa', `${withPassword} ${IAL2}`, null],
  ['none where its row has none', 'login.gov', `${withExtraSecurity} ${IAL2}`, null],
] as const) {
  test(`a provider is asked for ${what} (acr_values=${acr_values})`, async () => {
    const { redirect } = await suite.walk(
      suite.newBrowser(),
      everything.authorizeUrl({ ...PLAIN, acr_values }),
      { idp, stopAt: 'provider' },
    )
    assert.equal(redirect?.searchParams.get('acr_values'), sent)
    assert.equal(redirect.searchParams.get('prompt'), null)
  })
}

test('discovery names the levels that may be asked for (OpenID Connect Discovery §3)', async () => {
  const metadata = (await suite.app.inject({ url: '/.well-known/openid-configuration' })).json()
  assert.deepEqual(
    metadata.acr_values_supported.toSorted(),
    [IAL2, withExtraSecurity, withPassword].toSorted(),
  )
})

test('a session that came by way of my Social Security is none where that is not offered', async () => {
  for (const acr of [withPassword, withExtraSecurity]) {
    mySsaSays(acr)
    const { browser } = await signIn(portal, PLAIN)
    assert.equal(await silently(relying, browser), 'login_required')
    const bso = { ...PLAIN, client_id: 'bso', redirect_uri: 'http://localhost:4010/callback' }
    const { steps, answer } = await suite.walk(browser, relying.authorizeUrl(bso), { stopAt: 'choice' })
    assert.deepEqual(steps, ['choice'])
    assert.match(answer.body, /Sign in with Login\.gov/)
    assert.doesNotMatch(answer.body, /Sign in with my Social Security/)
    // It goes on where it began.
    assert.equal(await silently(portal, browser), 'signed in')
    assert.equal(await silently(everything, browser), 'consent_required')
  }
})

test('two providers of one person share the session, and each relying service is told of the one that it offers', async () => {
  mySsaSays(withPassword)
  const first = await signIn(portal, PLAIN)
  advanceClock(60_000)
  stub.heal()
  const second = await signIn(relying, PLAIN, { browser: first.browser })
  assert.deepEqual(second.steps, ['choice', 'provider', 'terms'])
  assert.equal(second.person.idp, 'login.gov')
  assert.equal(second.person.acr, IAL2)
  // What came of the first sign-in goes on telling of it.
  const refreshed = await portal.refresh(first.refresh_token)
  assert.equal(refreshed.statusCode, 200, refreshed.body)
  const { acr, auth_time, idp } = decodeJwt(refreshed.json().id_token)
  assert.deepEqual(
    { acr, auth_time, idp },
    { acr: withPassword, auth_time: first.person.auth_time, idp: 'my-ssa' },
  )
  // The session is that of the newest sign-in.
  assert.equal(await silently(portal, first.browser), 'login_required')
  assert.equal(await silently(relying, first.browser), 'signed in')
})

test('another person by another provider ends the session of the first and all that came of it (ASVS 7.2.4)', async () => {
  mySsaSays(withPassword)
  const first = await signIn(portal, PLAIN)
  stub.heal()
  const other = { sub: 'person-9', given_name: 'Mark', social_security_number: '987-65-4328' }
  Object.assign(stub.state.claims, other)
  const { answer } = await suite.walk(first.browser, relying.authorizeUrl(PLAIN))
  const fields = Object.fromEntries(
    [...answer.body.matchAll(/name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
  )
  const confirmed = await first.browser.post('/logout/confirm', fields)
  const resumed = await suite.walk(first.browser, String(confirmed.headers.location))
  const { id_token } = (await relying.redeem(String(resumed.redirect?.searchParams.get('code')))).json()
  assert.equal(decodeJwt(id_token).name, 'Mark Example')
  assert.equal(decodeJwt(id_token).idp, 'login.gov')
  assert.equal((await portal.refresh(first.refresh_token)).statusCode, 400)
  assert.equal(await silently(relying, first.browser), 'signed in')
  assert.equal(await silently(portal, first.browser), 'login_required')
})

test('after a step-up no grant of the earlier sign-in is continued: all tokens tell of the new one', async () => {
  mySsaSays(withPassword)
  const { browser } = await suite.signedIn({ client: everything, idp: 'my-ssa' })
  mySsaSays(withExtraSecurity)
  await signIn(portal, EXTRA, { browser })
  const { steps, claims, person } = await suite.signedIn({ client: everything, browser })
  assert.deepEqual(steps, ['user-id'])
  for (const { acr, amr } of [claims, person]) {
    assert.equal(acr, withExtraSecurity)
    assert.deepEqual(amr, ['pwd', 'sms', 'mfa'])
  }
})

test('a sign-in whose browser tab was closed before the last step counts in the next, and is not mixed with an earlier one', async () => {
  mySsaSays(withPassword)
  const { browser } = await signIn(everything, PLAIN, { idp: 'my-ssa' })
  advanceClock(60_000)
  stub.heal()
  const left = await suite.walk(browser, everything.authorizeUrl({ prompt: 'login' }), { stopAt: 'user-id' })
  assert.deepEqual(left.steps, ['choice', 'provider', 'terms', 'user-id'])
  const { steps, claims, person } = await suite.signedIn({ client: everything, browser })
  assert.deepEqual(steps, ['user-id'])
  for (const { idp, acr, auth_time } of [claims, person]) {
    assert.deepEqual({ idp, acr, auth_time }, { idp: 'login.gov', acr: IAL2, auth_time: claims.auth_time })
  }
})

for (const [what, amr, opens] of [
  ['a password alone', ['pwd'], false],
  ['methods that are not said to be two factors', ['pwd', 'sms'], false],
  ['no methods told', undefined, false],
  ['two factors', ['pwd', 'sms', 'mfa'], true],
] as const) {
  test(`a sign-in with ${what} opens CBSV: ${opens ? 'yes' : 'no'} (NIST SP 800-63B-4 §2)`, async () => {
    mySsaSays(withExtraSecurity, { amr: amr && [...amr] })
    const {
      scope = '',
      claims,
      person,
      refresh_token,
    } = await suite.signedIn({
      client: everything,
      idp: 'my-ssa',
    })
    assert.equal(scope, opens ? 'cbsv.verify' : '')
    assert.equal(claims.scope ?? '', opens ? 'cbsv.verify' : '')
    assert.equal(person.bso_user_id, 'MARIA7K2')
    const refreshed = (await everything.refresh(refresh_token)).json()
    assert.equal(decodeJwt(refreshed.access_token).scope ?? '', opens ? 'cbsv.verify' : '')
  })
}

for (const [what, scope, claims, username] of [
  ['who asks for profile', 'openid profile', {}, 'maria.example'],
  ['nobody who does not', 'openid', {}, undefined],
  ['nobody where the provider has none', 'openid profile', { preferred_username: undefined }, undefined],
  ['nobody where it is no text', 'openid profile', { preferred_username: ['maria'] }, undefined],
] as const) {
  test(`the username is told to ${what} (OpenID Connect Core §5.4)`, async () => {
    mySsaSays(withExtraSecurity, { claims })
    const { person } = await signIn(portal, { ...PLAIN, scope })
    assert.equal(person.preferred_username, username)
  })
}

test('the username belongs to one sign-in: that of another provider tells none of it', async () => {
  mySsaSays(withExtraSecurity)
  const { browser } = await signIn(portal, PLAIN)
  stub.heal()
  const { person } = await signIn(relying, PLAIN, { browser })
  assert.equal(person.idp, 'login.gov')
  assert.equal(person.preferred_username, undefined)
})

test('a row says where its provider keeps the username', () => {
  const { username } = identityFrom(
    { id: 'x', amr: [], claims: { username: 'handle' } } as unknown as IdentityProvider,
    { sub: 'person-1', preferred_username: 'not this one' },
    { handle: 'maria.example' },
  )
  assert.equal(username, 'maria.example')
})
