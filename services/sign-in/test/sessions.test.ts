import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { decodeJwt } from 'jose'
import { MARIA_WITHOUT_CBSV } from './answering-calls.ts'
import type { Browser } from './browser.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { relying } = suite
const sameSector = await suite.relyingService({ redirect_uris: ['https://relying.example/other'] })
const otherSector = await suite.relyingService({
  client_name: 'Another relying service',
  redirect_uris: ['https://another.example/callback'],
})
after(() => suite.app.close())
afterEach(() => void suite.stub.heal())

test('a second relying service in the same session needs neither provider nor terms', async () => {
  const first = await suite.signedIn()
  const second = await suite.signedIn({ browser: first.browser, client: otherSector })
  assert.deepEqual(second.steps, ['user-id'])
  assert.equal(second.claims.client_id, otherSector.client_id)
  assert.equal(second.claims.auth_time, first.claims.auth_time)
  assert.equal(second.claims.idp, 'login.gov')
})

test('the same relying service in the same session gets its code without a page', async () => {
  const first = await suite.signedIn()
  const second = await suite.signedIn({ browser: first.browser })
  assert.deepEqual(second.steps, [])
  assert.equal(second.claims.bso_user_id, first.claims.bso_user_id)
})

test('whoever asks for more than before has the person choose again, once', async () => {
  const browser = suite.newBrowser()
  const plain = { scope: 'openid profile', resource: '' }
  assert.deepEqual((await suite.walk(browser, relying.authorizeUrl(plain))).steps, [
    'choice',
    'provider',
    'terms',
  ])
  const more = await suite.signedIn({ browser })
  assert.deepEqual(more.steps, ['user-id'])
  assert.equal(more.scope, 'cbsv.verify')
  assert.equal(more.person.name, 'Maria Example')
})

test('prompt=consent has the person choose again, once', async () => {
  const { browser } = await suite.signedIn()
  const again = await suite.signedIn({
    browser,
    parameters: { prompt: 'consent' },
    userId: MARIA_WITHOUT_CBSV,
  })
  assert.deepEqual(again.steps, ['user-id'])
  assert.equal(again.claims.bso_user_id, 'MARIA9Z9')
})

test('a native client has the person choose at every request, once (RFC 8252 §8.6)', async () => {
  const client = await suite.relyingService({
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
  })
  const { browser, claims } = await suite.signedIn({ client })
  const again = await suite.signedIn({ client, browser })
  assert.deepEqual(again.steps, ['user-id'])
  assert.equal(again.claims.sub, claims.sub)
})

test('the subject is pairwise: the same for one sector, another for the next (OpenID Connect Core §8.1)', async () => {
  const one = await suite.signedIn()
  const again = await suite.signedIn()
  const same = await suite.signedIn({ client: sameSector })
  const other = await suite.signedIn({ client: otherSector })
  assert.equal(one.claims.sub, again.claims.sub)
  assert.equal(one.claims.sub, same.claims.sub)
  assert.notEqual(one.claims.sub, other.claims.sub)
  for (const { claims, person } of [one, other]) assert.equal(person.sub, claims.sub)
})

test('two people have two subjects, also with one e-mail address (ASVS 6.8.1)', async () => {
  const maria = await suite.signedIn()
  suite.stub.state.claims = {
    ...suite.stub.state.claims,
    sub: 'person-2',
    given_name: 'Marius',
    social_security_number: '987-65-4326',
  }
  const marius = await suite.signedIn()
  assert.notEqual(marius.claims.sub, maria.claims.sub)
  assert.equal(marius.person.name, 'Marius Example')
})

test('sid is the same at all clients of one session, and another in the next', async () => {
  const first = await suite.signedIn()
  const second = await suite.signedIn({ browser: first.browser, client: otherSector })
  const elsewhere = await suite.signedIn()
  assert.ok(first.claims.sid)
  assert.equal(second.claims.sid, first.claims.sid)
  assert.notEqual(elsewhere.claims.sid, first.claims.sid)
})

test('prompt=login asks the provider and the terms again, and the new tokens tell the new time (ASVS 10.3.4)', async () => {
  const first = await suite.signedIn()
  advanceClock(600_000)
  const again = await suite.signedIn({ browser: first.browser, parameters: { prompt: 'login' } })
  assert.deepEqual(again.steps, ['choice', 'provider', 'terms', 'user-id'])
  assert.ok(Number(again.claims.auth_time) >= Number(first.claims.auth_time) + 600)
  assert.equal(again.person.auth_time, again.claims.auth_time)
  assert.equal(again.claims.sub, first.claims.sub)
  assert.equal(again.claims.sid, first.claims.sid)
  // What came of the earlier authentication goes on telling its time, or ends; it never tells the new one.
  const earlier = await relying.refresh(first.refresh_token)
  if (earlier.statusCode === 200) {
    assert.equal(decodeJwt(earlier.json().access_token).auth_time, first.claims.auth_time)
  }
  // A further client of this session gets the newest sign-in.
  const second = await suite.signedIn({ browser: first.browser, client: otherSector })
  assert.equal(second.claims.auth_time, again.claims.auth_time)
})

test('max_age asks again once the authentication is older (OpenID Connect Core §3.1.2.1)', async () => {
  const first = await suite.signedIn()
  const young = await suite.signedIn({ browser: first.browser, parameters: { max_age: '900' } })
  assert.deepEqual(young.steps, [])
  advanceClock(901_000)
  const old = await suite.signedIn({ browser: first.browser, parameters: { max_age: '900' } })
  assert.deepEqual(old.steps, ['choice', 'provider', 'terms', 'user-id'])
  assert.ok(epochSeconds() - Number(old.claims.auth_time) < 60)
})

test('whoever must authenticate again must do so at the provider too (OpenID Connect Core §3.1.2.1)', async () => {
  const asked = async (parameters: Record<string, string>, browser = suite.newBrowser()) =>
    (
      await suite.walk(browser, relying.authorizeUrl(parameters), { stopAt: 'provider' })
    ).redirect?.searchParams.get('prompt')
  assert.equal(await asked({}), null)
  assert.equal(await asked({ prompt: 'login' }), 'login')
  // A session at the provider may be older than this one, so max_age counts without one here as well.
  assert.equal(await asked({ max_age: '900' }), 'login')
  const { browser } = await suite.signedIn()
  advanceClock(901_000)
  assert.equal(await asked({ max_age: '900' }, browser), 'login')
})

test('another person in the same browser ends the session of the first (ASVS 7.2.4)', async () => {
  const first = await suite.signedIn()
  suite.stub.state.claims = {
    ...suite.stub.state.claims,
    sub: 'person-3',
    given_name: 'Mark',
    social_security_number: '987-65-4327',
  }
  const { answer } = await suite.walk(first.browser, relying.authorizeUrl({ prompt: 'login' }))
  // The library answers with a form that sends itself; its script is allowed by digest and nothing else is.
  assert.equal(answer.statusCode, 200)
  assert.match(String(answer.headers['content-security-policy']), /script-src 'sha256-[^' ]+'(;|$)/)
  assert.match(answer.body, /<form method="post" action="http:\/\/localhost:4000\/logout\/confirm">/)
  const fields = Object.fromEntries(
    [...answer.body.matchAll(/name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
  )
  const confirmed = await first.browser.post('/logout/confirm', fields)
  const resumed = await suite.walk(first.browser, String(confirmed.headers.location))
  assert.deepEqual(resumed.steps, ['user-id'])
  const { id_token, access_token } = (
    await relying.redeem(String(resumed.redirect?.searchParams.get('code')))
  ).json()
  assert.equal(decodeJwt(id_token).name, 'Mark Example')
  assert.notEqual(decodeJwt(access_token).sub, first.claims.sub)
  assert.notEqual(decodeJwt(access_token).sid, first.claims.sid)
  assert.equal((await relying.refresh(first.refresh_token)).statusCode, 400)
})

test('the session cookie is new after the authentication (ASVS 7.2.4)', async () => {
  const { browser } = await suite.signedIn()
  const [before] = browser.cookie('sign-in-session')
  await suite.signedIn({ browser, parameters: { prompt: 'login' } })
  assert.notEqual(browser.cookie('sign-in-session')[0], before)
})

async function logOut(browser: Browser, answer: Record<string, string>, query = '') {
  const page = await browser.get(`/logout${query}`)
  assert.equal(page.statusCode, 200, page.body)
  assert.match(page.body, /Do you want to end your session\?/)
  assert.match(page.body, /form="op\.logoutForm"[^>]*>Yes<\/button>/)
  assert.match(page.body, />No<\/button>/)
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page.body) ?? []
  return browser.post('/logout/confirm', { xsrf: xsrf as string, ...answer })
}

test('logging out asks, then ends the session and every grant that came of it (ASVS 7.4.1, ASVS 10.6.2)', async () => {
  const first = await suite.signedIn()
  const second = await suite.signedIn({ browser: first.browser, client: otherSector })
  const done = await logOut(first.browser, { logout: 'yes' })
  assert.match(String(done.headers.location), /\/logout\/success/)
  assert.match((await first.browser.get(String(done.headers.location))).body, /You are logged out/)
  for (const { client, refresh_token } of [first, second]) {
    const response = await client.refresh(refresh_token)
    assert.equal(response.statusCode, 400)
    assert.equal(response.json().error, 'invalid_grant')
  }
  const { redirect } = await suite.walk(first.browser, relying.authorizeUrl({ prompt: 'none' }))
  assert.equal(redirect?.searchParams.get('error'), 'login_required')
})

test('an old session cookie opens nothing after logging out (ASVS 7.4.1)', async () => {
  const { browser } = await suite.signedIn()
  const kept = ['sign-in-session', 'sign-in-session.sig'].map((name) => `${name}=${browser.cookie(name)[0]}`)
  await logOut(browser, { logout: 'yes' })
  const answer = await suite.app.inject({
    url: relying.authorizeUrl({ prompt: 'none' }),
    headers: { cookie: kept.join('; ') },
  })
  assert.match(String(answer.headers.location), /error=login_required/)
})

test('answering No keeps the session', async () => {
  const { browser, refresh_token } = await suite.signedIn()
  const done = await logOut(browser, {})
  assert.match((await browser.get(String(done.headers.location))).body, /You are still signed in/)
  const { redirect } = await suite.walk(browser, relying.authorizeUrl({ prompt: 'none' }))
  assert.ok(redirect?.searchParams.get('code'))
  assert.equal((await relying.refresh(refresh_token)).statusCode, 200)
})

test('a page of another site cannot log a person out: the answer needs the secret of the form (ASVS 10.6.2)', async () => {
  const { browser, refresh_token } = await suite.signedIn()
  await browser.get('/logout')
  const forged = await browser.post('/logout/confirm', { xsrf: 'guessed', logout: 'yes' })
  assert.equal(forged.statusCode, 400)
  assert.equal((await relying.refresh(refresh_token)).statusCode, 200)
})

test('after logging out only a registered address is gone to (ASVS 10.4.1)', async () => {
  const client = await suite.relyingService({
    post_logout_redirect_uris: ['https://relying.example/signed-out'],
  })
  const { browser } = await suite.signedIn({ client })
  const to = (uri: string) =>
    `?${new URLSearchParams({ client_id: client.client_id, post_logout_redirect_uri: uri, state: 's' })}`
  const refused = await browser.get(`/logout${to('https://evil.example/')}`)
  assert.equal(refused.statusCode, 400)
  const done = await logOut(browser, { logout: 'yes' }, to('https://relying.example/signed-out'))
  assert.equal(done.headers.location, 'https://relying.example/signed-out?state=s')
})
