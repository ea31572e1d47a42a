import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { location, pathOf, startBso } from './browser.ts'
import { MARIA } from './stub-sign-in.ts'

const FORGERIES: [string, Parameters<typeof Object.assign>[1]][] = [
  ['signed with a key that is not of the provider', { signedBy: 'foreign' }],
  ['not signed at all (alg none)', { signedBy: 'nobody' }],
  ['for another nonce (OIDC Core §3.1.3.7)', { idToken: { nonce: 'another' } }],
  ['without a nonce', { idToken: { nonce: undefined } }],
  ['for another client', { idToken: { aud: 'ticket-portal' } }],
  ['of another issuer', { idToken: { iss: 'http://localhost:1' } }],
  ['that has expired', { idToken: { exp: 1_000_000_000 } }],
  ['without a BSO User ID', { idToken: { bso_user_id: undefined } }],
  ['without the list of services', { idToken: { bso_services: undefined } }],
]

test('the welcome page leads to sign in and to create an account', async () => {
  await using bso = await startBso()
  const { statusCode, body } = await bso.browser().get('/')
  assert.equal(statusCode, 200)
  assert.match(body, /<h1>Business Services Online \(BSO\)<\/h1>/)
  assert.match(body, /href="\/sign-in">Sign in</)
  assert.match(body, /href="\/sign-in">Create account</)
})

test('a sign-in asks for a code with PKCE S256, state, nonce and the CBSV resource (RFC 7636, RFC 8707)', async () => {
  await using bso = await startBso()
  const { origin, searchParams } = await bso.browser().begin()
  assert.equal(origin, bso.signIn.url)
  const query = Object.fromEntries(searchParams)
  assert.equal(query.response_type, 'code')
  assert.equal(query.client_id, 'bso')
  assert.equal(query.redirect_uri, 'http://localhost:4010/callback')
  assert.equal(query.scope, 'openid profile bso cbsv.verify')
  assert.equal(query.resource, 'urn:gatehouse:cbsv')
  assert.equal(query.code_challenge_method, 'S256')
  assert.match(query.code_challenge ?? '', /^[\w-]{43}$/)
  assert.match(query.state ?? '', /^[\w-]{43}$/)
  assert.match(query.nonce ?? '', /^[\w-]{43}$/)
})

test('who signs in sees the main menu with name, User ID, EIN and CBSV', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const answer = await person.signIn(bso.signIn)
  assert.equal(answer.statusCode, 303)
  assert.equal(location(answer), '/main-menu')
  const { body } = await person.get('/main-menu')
  for (const text of [
    'BSO Main Menu',
    'Maria Example',
    'MARIA7K2',
    '96-0001012',
    'Manage Account',
    'Manage Services',
    'Manage Employer Information',
    'href="/cbsv">CBSV: Consent Based Social Security Number Verification Service',
    '1-800-772-6270',
  ])
    assert.ok(body.includes(text), text)
})

test('without CBSV the main menu says what the Responsible Company Official must do', async () => {
  await using bso = await startBso()
  bso.signIn.claims = { ...MARIA, bso_services: [] }
  const person = bso.browser()
  await person.signIn(bso.signIn)
  const { body } = await person.get('/main-menu')
  assert.match(body, /Responsible Company Official/)
  assert.doesNotMatch(body, /href="\/cbsv/)
})

test('a name from the ID token is shown as text', async () => {
  await using bso = await startBso()
  bso.signIn.claims = { ...MARIA, name: '<b onclick="x">Maria</b>' }
  const person = bso.browser()
  await person.signIn(bso.signIn)
  const { body } = await person.get('/main-menu')
  assert.match(body, /&#60;b onclick/)
  assert.doesNotMatch(body, /<b onclick/)
})

test('a page of BSO may be named to return to, and nothing else (ASVS 1.2.2, no open redirect)', async () => {
  await using bso = await startBso()
  assert.equal(
    location(await bso.browser().signIn(bso.signIn, '/cbsv/online-verification')),
    '/cbsv/online-verification',
  )
  for (const foreign of [
    'https://a.example/',
    '//a.example',
    '/\\a.example',
    '/logout',
    '/cbsv/../x',
    ' /cbsv',
  ])
    assert.equal(location(await bso.browser().signIn(bso.signIn, foreign)), '/main-menu', foreign)
})

test('who is signed in already goes straight on', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  await person.signIn(bso.signIn)
  assert.equal(location(await person.get('/sign-in?return_to=/cbsv')), '/cbsv')
})

test('who is signed in may sign in again, to choose anew at sign-in (prompt=consent)', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  await person.signIn(bso.signIn)
  const authorization = new URL(location(await person.get('/sign-in?again=yes&return_to=/cbsv')))
  assert.equal(authorization.searchParams.get('prompt'), 'consent')
  assert.equal(location(await person.get(pathOf(bso.signIn.approve(authorization)))), '/cbsv')
  assert.equal((await bso.browser().begin()).searchParams.has('prompt'), false)
  assert.equal((await person.get('/sign-in?again=no')).statusCode, 400)
})

test('the session id is new at sign-in; one that was there before opens nothing (ASVS 7.2.4)', async () => {
  await using bso = await startBso()
  const victim = bso.browser()
  const planted = 'A'.repeat(43)
  victim.cookies.set('bso-session', planted)
  await victim.signIn(bso.signIn)
  assert.notEqual(victim.cookies.get('bso-session'), planted)
  const attacker = bso.browser()
  attacker.cookies.set('bso-session', planted)
  assert.equal((await attacker.get('/main-menu')).statusCode, 403)
})

test('signing in again ends the session that the browser had', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const authorization = await person.begin()
  await person.signIn(bso.signIn)
  const first = person.cookies.get('bso-session') ?? ''
  await person.get(pathOf(bso.signIn.approve(authorization)))
  assert.equal((await person.get('/main-menu')).statusCode, 200)
  person.cookies.set('bso-session', first)
  assert.equal((await person.get('/main-menu')).statusCode, 403)
})

test('the answer to a sign-in that another browser began is not taken (RFC 9700 §4.7)', async () => {
  await using bso = await startBso()
  const [attacker, victim] = [bso.browser(), bso.browser()]
  const attackers = bso.signIn.approve(await attacker.begin())
  const victims = bso.signIn.approve(await victim.begin())
  const answer = await victim.get(pathOf(attackers))
  assert.equal(answer.statusCode, 400)
  assert.match(answer.body, /This sign-in cannot be continued/)
  assert.equal(victim.cookies.has('bso-session'), false)
  assert.equal(bso.signIn.counts.code, 0, 'the code was not redeemed')
  assert.equal((await victim.get(pathOf(victims))).statusCode, 303, 'her own sign-in is unharmed')
})

test('an answer counts once: replayed, it redeems nothing and makes no session', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const callback = pathOf(bso.signIn.approve(await person.begin()))
  await person.get(callback)
  const session = person.cookies.get('bso-session')
  const replayed = await person.get(callback)
  assert.equal(replayed.statusCode, 400)
  assert.equal(bso.signIn.counts.code, 1)
  assert.equal(person.cookies.get('bso-session'), session, 'the first session stays')
})

test('of two answers to one sign-in at the same moment one counts', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const callback = pathOf(bso.signIn.approve(await person.begin()))
  const answers = await Promise.all([person.get(callback), person.get(callback)])
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [303, 400])
  assert.equal(bso.signIn.counts.code, 1)
})

test('no state, an unknown state and one sent twice are refused on a readable page', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const callback = pathOf(bso.signIn.approve(await person.begin()))
  for (const url of [
    '/callback',
    '/callback?state=unknown&code=abc',
    '/callback?code=abc&error=access_denied',
  ]) {
    const { statusCode, body } = await person.get(url)
    assert.equal(statusCode, 400)
    assert.match(body, /Start again/)
  }
  const twice = await person.get(`${callback}&state=another`)
  assert.equal(twice.statusCode, 502)
  assert.equal(person.cookies.has('bso-session'), false)
})

test('two tabs may sign in at the same time', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const [first, second] = [await person.begin('/cbsv'), await person.begin('/cbsv/help')]
  assert.equal(location(await person.get(pathOf(bso.signIn.approve(first)))), '/cbsv')
  assert.equal(location(await person.get(pathOf(bso.signIn.approve(second)))), '/cbsv/help')
})

test('a sign-in may take up to an hour', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const [inTime, late] = [await person.begin(), await person.begin()]
  advanceClock(59 * 60_000)
  assert.equal((await person.get(pathOf(bso.signIn.approve(inTime)))).statusCode, 303)
  advanceClock(60_000)
  assert.equal((await person.get(pathOf(bso.signIn.approve(late)))).statusCode, 400)
})

for (const [what, change] of FORGERIES) {
  test(`an ID token ${what} signs nobody in`, async () => {
    await using bso = await startBso()
    Object.assign(bso.signIn, change)
    const person = bso.browser()
    const answer = await person.signIn(bso.signIn)
    assert.equal(answer.statusCode, 502)
    assert.match(answer.body, /The sign-in was not completed/)
    assert.equal(person.cookies.has('bso-session'), false)
  })
}

test('an answer that names another issuer is refused before its code is redeemed (RFC 9207)', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  for (const change of [
    (url: URL) => url.searchParams.set('iss', 'http://a.example'),
    (url: URL) => url.searchParams.delete('iss'),
  ]) {
    const callback = bso.signIn.approve(await person.begin())
    change(callback)
    assert.equal((await person.get(pathOf(callback))).statusCode, 502)
  }
  assert.equal(bso.signIn.counts.code, 0)
})

test('a code that sign-in does not know is refused, and the page does not show it', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const callback = bso.signIn.approve(await person.begin())
  callback.searchParams.set('code', 'tampered-code')
  const { statusCode, body } = await person.get(pathOf(callback))
  assert.equal(statusCode, 502)
  assert.doesNotMatch(body, /tampered-code/)
})

test('who leaves the sign-in comes back to the welcome page, which says so', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const answer = await person.get(pathOf(bso.signIn.deny(await person.begin(), 'access_denied')))
  const { body } = await person.get(location(answer))
  assert.match(body, /You left the sign-in/)
  assert.match(body, /href="\/sign-in">Sign in</)
})

test('any other error gives a readable page that repeats nothing of it', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const denied = bso.signIn.deny(await person.begin(), 'server_error<x>', '<script>alert(1)</script>')
  const { statusCode, body } = await person.get(pathOf(denied))
  assert.equal(statusCode, 502)
  assert.match(body, /The sign-in was not completed/)
  assert.doesNotMatch(body, /server_error|alert\(1\)/)
})

test('while sign-in is away the page says so, and the next try works', async () => {
  await using bso = await startBso()
  bso.signIn.isDown = true
  const person = bso.browser()
  assert.equal((await person.get('/')).statusCode, 200)
  const { statusCode, headers, body } = await person.get('/sign-in')
  assert.equal(statusCode, 503)
  assert.equal(headers['retry-after'], '5')
  assert.match(body, /Sign-in is not available right now/)
  bso.signIn.isDown = false
  assert.equal((await person.signIn(bso.signIn)).statusCode, 303)
})

test('sign-in failing while a code is redeemed is told apart from a refusal', async () => {
  await using bso = await startBso()
  const person = bso.browser()
  const callback = pathOf(bso.signIn.approve(await person.begin()))
  bso.signIn.isDown = true
  const { statusCode, body } = await person.get(callback)
  assert.equal(statusCode, 503)
  assert.match(body, /Try again/)
})

test('in the live profile an issuer without https is not even asked', async () => {
  await using bso = await startBso({ PROFILE: 'live' })
  assert.equal((await bso.browser().get('/sign-in')).statusCode, 503)
  assert.equal(bso.signIn.counts.requests, 0)
})

test('cookies are HttpOnly, SameSite=Lax and session cookies; over https Secure and __Host- (ASVS 3.3)', async () => {
  for (const [url, prefix] of [
    ['http://localhost:4010', ''],
    ['https://bso.example', '__Host-'],
  ] as const) {
    await using bso = await startBso({ BSO_URL: url })
    const person = bso.browser()
    const begun = await person.get('/sign-in')
    const done = await person.get(pathOf(bso.signIn.approve(new URL(location(begun)))))
    for (const [answer, name] of [
      [begun, 'bso-sign-in'],
      [done, 'bso-session'],
    ] as const) {
      const cookie = String(answer.headers['set-cookie'])
      assert.match(cookie, new RegExp(`^${prefix}${name}=[\\w-]{43};`))
      assert.match(cookie, /; Path=\/; HttpOnly;.*SameSite=Lax$/)
      assert.equal(cookie.includes('Secure'), prefix !== '')
      assert.doesNotMatch(cookie, /Max-Age|Expires|Domain/)
    }
  }
})
