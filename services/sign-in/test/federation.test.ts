import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { Browser } from './browser.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { stub, answers } = suite
after(() => suite.app.close())
afterEach(() => {
  stub.heal()
  answers.heal()
})

/** To the provider and no further: the address that the browser was sent to. */
async function atProvider(browser: Browser) {
  const { redirect, interaction } = await suite.walk(browser, suite.relying.authorizeUrl(), {
    stopAt: 'provider',
  })
  assert.ok(redirect)
  return { url: redirect, interaction }
}

const CALLBACK = '/federation/login.gov/callback'

async function comeBack(browser: Browser, { url }: { url: URL }) {
  return browser.get(`${CALLBACK}?${stub.answer(url.href)}`)
}

const arrived = (answer: Awaited<ReturnType<Browser['get']>>) =>
  /^\/interaction\/[\w-]+\/terms$/.test(String(answer.headers.location))

test('the request has PKCE S256, an unguessable state and nonce, and the exact redirect URI (RFC 7636, ASVS 10.2.1)', async () => {
  const one = (await atProvider(suite.newBrowser())).url
  const two = (await atProvider(suite.newBrowser())).url
  assert.equal(one.origin + one.pathname, 'https://provider.example/authorize')
  assert.equal(one.searchParams.get('code_challenge_method'), 'S256')
  assert.equal(one.searchParams.get('redirect_uri'), `http://localhost:4000${CALLBACK}`)
  assert.equal(one.searchParams.get('scope'), 'openid email')
  for (const name of ['state', 'nonce', 'code_challenge']) {
    // Login.gov takes 22 characters or more (facts: login-gov §2.1).
    assert.ok((one.searchParams.get(name) ?? '').length >= 43, name)
    assert.notEqual(one.searchParams.get(name), two.searchParams.get(name))
  }
})

test('the code is redeemed with its verifier and an assertion for the token endpoint (RFC 7523 §3, RFC 7636 §4.5)', async () => {
  const browser = suite.newBrowser()
  // The stub refuses a code whose verifier does not match the challenge.
  assert.ok(arrived(await comeBack(browser, await atProvider(browser))))
  const assertion = stub.assertions.at(-1)
  assert.equal(assertion?.aud, 'https://provider.example/token')
  assert.equal(assertion.iss, 'gatehouse')
  assert.equal(assertion.sub, 'gatehouse')
  assert.ok(assertion.jti)
  assert.ok(Number(assertion.exp) <= epochSeconds() + 300)
})

test('the answer is taken from the browser that began, and once (ASVS 10.1.2, RFC 9700 §4.7)', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  const query = stub.answer(begun.url.href)
  const redeemed = stub.fetched('/token')
  const foreign = await suite.newBrowser().get(`${CALLBACK}?${query}`)
  assert.equal(foreign.statusCode, 400)
  assert.match(foreign.body, /This answer belongs to no sign-in that was begun here/)

  // The foreign visit has used it up: whoever holds the query cannot be told from the person.
  assert.equal((await browser.get(`${CALLBACK}?${query}`)).statusCode, 400)
  assert.equal(stub.fetched('/token'), redeemed)

  const again = stub.answer((await atProvider(browser)).url.href)
  assert.ok(arrived(await browser.get(`${CALLBACK}?${again}`)))
  assert.equal((await browser.get(`${CALLBACK}?${again}`)).statusCode, 400)
})

test('of two copies of one answer at once exactly one is taken (ASVS 15.4.2)', async () => {
  const browser = suite.newBrowser()
  const query = stub.answer((await atProvider(browser)).url.href)
  const results = await Promise.all([1, 2, 3].map(() => browser.get(`${CALLBACK}?${query}`)))
  assert.deepEqual(results.map(({ statusCode }) => statusCode).sort(), [303, 400, 400])
})

test('two sign-ins in two tabs of one browser do not disturb each other', async () => {
  const browser = suite.newBrowser()
  const [first, second] = [await atProvider(browser), await atProvider(browser)]
  assert.ok(arrived(await comeBack(browser, first)))
  assert.ok(arrived(await comeBack(browser, second)))
})

for (const [what, change] of [
  ['a state that nobody was given', (query: URLSearchParams) => query.set('state', 'x'.repeat(43))],
  ['no state', (query: URLSearchParams) => query.delete('state')],
] as const) {
  test(`an answer with ${what} is refused (ASVS 10.2.1)`, async () => {
    const browser = suite.newBrowser()
    const query = new URLSearchParams(stub.answer((await atProvider(browser)).url.href))
    change(query)
    assert.equal((await browser.get(`${CALLBACK}?${query}`)).statusCode, 400)
  })
}

test('an answer under the path of another provider is refused (RFC 9700 §4.4, mix-up)', async () => {
  const browser = suite.newBrowser()
  const query = stub.answer((await atProvider(browser)).url.href)
  for (const other of ['id.me', 'nobody']) {
    assert.equal((await browser.get(`/federation/${other}/callback?${query}`)).statusCode, 400)
  }
})

test('an answer that names another issuer is refused before its code is redeemed (RFC 9207 §2.4)', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  const redeemed = stub.fetched('/token')
  stub.state.answer = { iss: 'https://another.example/' }
  assert.equal((await comeBack(browser, begun)).statusCode, 502)
  assert.equal(stub.fetched('/token'), redeemed)
})

for (const [what, fault] of [
  ['another nonce (ASVS 10.5.1)', () => ({ idToken: { nonce: 'n'.repeat(43) } })],
  ['no nonce (ASVS 10.5.1)', () => ({ idToken: { nonce: undefined } })],
  ['another audience (ASVS 10.5.4)', () => ({ idToken: { aud: 'another-client' } })],
  ['another issuer (OpenID Connect Core §3.1.3.7)', () => ({ idToken: { iss: 'https://another.example/' } })],
  ['an expiry in the past (ASVS 9.2.1)', () => ({ idToken: { exp: epochSeconds() - 60 } })],
  ['the signature of an unknown key (ASVS 6.8.2)', () => ({ foreignKey: true })],
  ['another person in userinfo (OpenID Connect Core §5.3.2)', () => ({ idToken: { sub: 'person-2' } })],
  ['a token endpoint that fails', () => ({ tokenStatus: 500 })],
  ['a token endpoint that refuses', () => ({ tokenStatus: 400 })],
] as const) {
  test(`a provider's answer with ${what} is not believed, and the person can try again`, async () => {
    const browser = suite.newBrowser()
    const begun = await atProvider(browser)
    const before = answers.made.length
    Object.assign(stub.state, fault())
    const refused = await comeBack(browser, begun)
    assert.equal(refused.statusCode, 502)
    assert.match(refused.body, /The sign-in provider is not available/)
    assert.ok(refused.body.includes(`href="${begun.interaction}?notice&#61;failed"`))
    // Nobody was recognized, and nobody gets past the terms.
    assert.equal(answers.made.length, before)
    assert.equal((await browser.get(`${begun.interaction}/terms`)).statusCode, 400)

    stub.heal()
    const { statusCode, body } = await browser.get(begun.interaction)
    assert.equal(statusCode, 200)
    assert.match(body, /Sign in with Login\.gov/)
  })
}

test('whoever cancels at the provider comes back to the choice and is told so (RFC 6749 §4.1.2.1)', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  stub.state.answer = { error: 'access_denied' }
  const back = await comeBack(browser, begun)
  assert.equal(back.headers.location, `${begun.interaction}?notice=left`)
  const { body } = await browser.get(String(back.headers.location))
  assert.match(body, /usa-alert--info[\s\S]*You are not signed in/)
  assert.match(body, /Sign in with Login\.gov/)
})

test('another error of the provider is its failure and not the doing of the person', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  stub.state.answer = { error: 'invalid_request' }
  assert.equal((await comeBack(browser, begun)).statusCode, 502)
})

test('a person whom the provider cannot describe arrives without User IDs', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  stub.state.claims = { sub: 'person-without-claims' }
  const before = answers.made.filter(({ path }) => path === '/associations').length
  assert.ok(arrived(await comeBack(browser, begun)))
  assert.equal(answers.made.filter(({ path }) => path === '/associations').length, before)
})

test('who the person is goes to bso-user-ids with the SSN in nine digits', async () => {
  const browser = suite.newBrowser()
  await comeBack(browser, await atProvider(browser))
  const { body } = answers.made.findLast(({ path }) => path === '/associations') as {
    body: Record<string, unknown>
  }
  assert.deepEqual(body.credential, { idp: 'login.gov', subject: 'person-1' })
  assert.deepEqual(body.person, {
    firstName: 'Maria',
    lastName: 'Example',
    dateOfBirth: '1984-03-12',
    ssn: '987654325',
  })
})

test('while bso-user-ids is down nobody arrives', async () => {
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  answers.state.down = ['bso-user-ids']
  assert.equal((await comeBack(browser, begun)).statusCode, 503)
  answers.heal()
  assert.equal((await browser.get(`${begun.interaction}/terms`)).statusCode, 400)
})

test('an identity that the provider did not proof, or about which it says nothing, signs nobody in (Core §3.1.2.1)', async () => {
  for (const acr of ['http://idmanagement.gov/ns/assurance/ial/1', undefined]) {
    stub.state.idToken = { acr }
    const browser = suite.newBrowser()
    const begun = await atProvider(browser)
    assert.equal((await comeBack(browser, begun)).statusCode, 502)
    assert.equal((await browser.get(`${begun.interaction}/terms`)).statusCode, 400)
  }
})

test('a credential behind which the provider now names somebody else signs nobody in, and its account stays as it was', async () => {
  const earlier = await suite.signedIn()
  const browser = suite.newBrowser()
  const begun = await atProvider(browser)
  stub.state.claims = { ...stub.state.claims, given_name: 'Somebody', email: 'somebody@example.com' }
  answers.state.conflict = true
  const page = await comeBack(browser, begun)
  assert.equal(page.statusCode, 409)
  assert.match(page.body, /belong to somebody else/)
  const { access_token } = (await suite.relying.refresh(earlier.refresh_token)).json()
  assert.ok(access_token)
  const accounts = await suite.ground.database.selectFrom('accounts').select('givenName').execute()
  assert.ok(accounts.every(({ givenName }) => givenName !== 'Somebody'))
  assert.equal((await browser.get(`${begun.interaction}/terms`)).statusCode, 400)
})

test('a number that is no SSN is not passed on as one', async () => {
  stub.state.claims.social_security_number = 'N1234567'
  const browser = suite.newBrowser()
  assert.ok(arrived(await comeBack(browser, await atProvider(browser))))
  const { body } = answers.made.findLast(({ path }) => path === '/associations') as {
    body: { person: Record<string, unknown> }
  }
  assert.equal('ssn' in body.person, false)
})

test('a provider that is not offered cannot be chosen', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, suite.relying.authorizeUrl(), { stopAt: 'choice' })
  const answer = await browser.submit(interaction, `${interaction}/provider`, { provider: 'my-ssa' })
  assert.equal(answer.statusCode, 400)
})

test('metadata is fetched at the first need, again after ten minutes, and at once after a failure', async () => {
  const metadata = '/.well-known/openid-configuration'
  const fresh = await buildSignIn()
  try {
    const begin = () => fresh.walk(fresh.newBrowser(), fresh.relying.authorizeUrl(), { stopAt: 'provider' })
    assert.equal(fresh.stub.fetched(metadata), 0)
    fresh.stub.state.isDown = true
    const { answer } = await begin()
    assert.equal(answer.statusCode, 502)
    assert.match(answer.body, /The sign-in provider is not available/)
    assert.equal(fresh.stub.fetched(metadata), 1)

    fresh.stub.heal()
    await begin()
    await begin()
    assert.equal(fresh.stub.fetched(metadata), 2)
    advanceClock(9 * 60_000)
    await begin()
    assert.equal(fresh.stub.fetched(metadata), 2)
    advanceClock(2 * 60_000)
    await begin()
    await begin()
    assert.equal(fresh.stub.fetched(metadata), 3)
  } finally {
    await fresh.app.close()
  }
})

test('before a provider outside the government, the person is told of leaving and can turn back', async () => {
  const leaving = await buildSignIn({ leavingPage: true })
  try {
    const browser = leaving.newBrowser()
    const { interaction } = await leaving.walk(browser, leaving.relying.authorizeUrl(), { stopAt: 'choice' })
    const told = await browser.submit(interaction, `${interaction}/provider`, { provider: 'login.gov' })
    assert.equal(told.statusCode, 200)
    assert.match(told.body, /<h1>You are leaving Social Security’s website<\/h1>/)
    // Cancel leads back to the choice, OK posts again with `leave`.
    assert.match(told.body, new RegExp(`<a class="usa-button[^"]*" href="${interaction}">Cancel</a>`))
    assert.match(told.body, /<button[^>]*name="leave" value="yes"[^>]*>OK<\/button>/)
    const gone = await browser.submit(interaction, `${interaction}/provider`, {
      provider: 'login.gov',
      leave: 'yes',
    })
    assert.equal(gone.statusCode, 303)
    assert.match(String(gone.headers.location), /^https:\/\/provider\.example\/authorize/)
  } finally {
    await leaving.app.close()
  }
})
