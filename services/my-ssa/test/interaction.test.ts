// From an authorization request through the steps of the sign-in and back.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { type Browser, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { createElectronicAccess } from '../src/electronic-access/electronic-access.ts'
import { PATHS } from '../src/paths.ts'
import { PASSWORD, POSTS, SIGN_IN, startMySsa } from './support/my-ssa.ts'
import {
  authorizeUrl,
  codeOf,
  idTokenOf,
  postToken,
  returnOf,
  STATE,
  tokenParameters,
  tokensBySecret,
  tokensFor,
  userInfo,
  verified,
} from './support/wire.ts'

const mySsa = await startMySsa()
after(() => mySsa.app.close())

const { withExtraSecurity, withPassword } = MY_SSA_ACR
const wantsExtraSecurity = authorizeUrl({ acr_values: withExtraSecurity })

const isSignInPage = (page: { body: string }) => titleOf(page) === 'Sign In or Create an Account'
const givePassword = (browser: Browser, username = 'MariaExample84') =>
  browser.submit(PATHS.signIn, { username, password: PASSWORD })

/** The code in the answer by which a browser leaves for the relying service. */
function codeIn({ headers, body }: { headers: Record<string, unknown>; body: string }): string {
  assert.ok(String(headers.location).startsWith(SIGN_IN.redirect_uris[0] ?? '-'), body)
  const code = new URL(String(headers.location)).searchParams.get('code')
  assert.ok(code, String(headers.location))
  return code
}

async function claimsBy(code: string) {
  const { id_token } = (await postToken(mySsa, await tokenParameters(code))).json()
  return (await verified(mySsa, id_token)).claims
}

test('who is not signed in gets the sign-in page, with the name of the service, and goes back by the password', async () => {
  const browser = mySsa.browser()
  const page = await browser.open(authorizeUrl())
  assert.ok(isSignInPage(page), page.body)
  assert.match(textOf(page), /Social Security uses my Social Security to sign you in/)
  const claims = await claimsBy(codeIn(await givePassword(browser)))
  assert.deepEqual([claims.acr, claims.amr], [withPassword, ['pwd']])
  assert.ok(await codeOf(browser), 'and the session serves the next request too')
})

test('form-action of the sign-in page names the service that waits (CSP 3 §6.4.1)', async () => {
  const page = await mySsa.browser().open(authorizeUrl({}, POSTS))
  assert.match(String(page.headers['content-security-policy']), /form-action 'self' http:\/\/localhost:4100;/)
})

const STEPS: [id: string, acrValues: string | undefined, methods: string[], where: string][] = [
  ['maria', undefined, ['pwd'], 'back'],
  ['maria', withPassword, ['pwd'], 'back'],
  ['maria', 'urn:somebody:else', ['pwd'], 'back'],
  ['maria', withExtraSecurity, ['pwd'], PATHS.needed],
  ['maria', `urn:somebody:else ${withExtraSecurity}`, ['pwd'], PATHS.needed],
  ['maria', `${withExtraSecurity} ${withPassword}`, ['pwd'], PATHS.needed],
  ['maria', `${withPassword} ${withExtraSecurity}`, ['pwd'], 'back'],
  ['ruth', withExtraSecurity, ['pwd'], PATHS.enable],
  ['daniel', withExtraSecurity, ['pwd'], PATHS.securityCode],
  ['daniel', withExtraSecurity, ['pwd', 'sms'], 'back'],
  ['daniel', withPassword, ['pwd', 'sms'], 'back'],
]
for (const [id, acrValues, methods, where] of STEPS) {
  test(`${id}, by ${methods.join(' and ')}, with acr_values ${acrValues}: ${where}`, async () => {
    const browser = await mySsa.signedIn(id, methods)
    await browser.get(authorizeUrl({ acr_values: acrValues }))
    const interaction = String(browser.last.headers.location)
    assert.match(interaction, /^\/interaction\/[\w-]+$/)
    const answer = await browser.get(interaction)
    const location = String(answer.headers.location)
    if (where !== 'back') return assert.equal(location, where)
    assert.match(location, /^http:\/\/localhost:4003\/authorize\/[\w-]+$/)
  })
}

test('acr_values is voluntary: who skips extra security goes back with the lower acr (OpenID Connect Core §3.1.2.1)', async () => {
  const browser = mySsa.browser()
  await browser.open(wantsExtraSecurity)
  const asked = await givePassword(browser)
  assert.equal(browser.path, PATHS.needed, asked.body)
  const claims = await claimsBy(codeIn(await browser.submit(PATHS.needed, { choice: 'skip' })))
  assert.deepEqual([claims.acr, claims.amr], [withPassword, ['pwd']])

  await browser.open(wantsExtraSecurity)
  assert.equal(browser.path, PATHS.needed, 'the next request asks again, in the same session')
  assert.ok(codeIn(await browser.submit(PATHS.needed, { choice: 'skip' })))
  assert.ok(await codeOf(browser), 'and one that needs none asks nothing')
  await browser.open(authorizeUrl({ acr_values: withExtraSecurity, prompt: 'login' }))
  await givePassword(browser)
  assert.equal(browser.path, PATHS.needed, 'as does the next sign-in')
})

test('prompt=login asks whoever is signed in again, once', async () => {
  const browser = await mySsa.signedIn('maria')
  const before = await idTokenOf(mySsa, browser)
  advanceClock(5_000)
  assert.ok(isSignInPage(await browser.open(authorizeUrl({ prompt: 'login' }))))
  const claims = await claimsBy(codeIn(await givePassword(browser)))
  assert.ok(Number(claims.auth_time) >= Number(before.auth_time) + 5)
})

test('prompt=login in the very second of the sign-in asks again as well', async () => {
  const browser = mySsa.browser()
  await browser.open(authorizeUrl())
  codeIn(await givePassword(browser))
  assert.ok(isSignInPage(await browser.open(authorizeUrl({ prompt: 'login' }))))
  assert.ok(codeIn(await givePassword(browser)))
})

test('prompt=login cannot be met by a password that waits for its text from before', async () => {
  const { session, secret } = await mySsa.sessions.begin({ accountId: (await mySsa.accountOf('daniel')).id })
  assert.equal(session.signInId, undefined)
  const browser = mySsa.browser()
  browser.cookies.set('my-ssa-session', secret)
  assert.ok(isSignInPage(await browser.open(authorizeUrl({ prompt: 'login' }))))
})

const AGES: [maxAge: string, secondsAgo: number, asks: boolean][] = [
  ['60', 30, false],
  ['60', 61, true],
  ['0', 1, true],
  ['0', 0, true],
  ['100000', 1_700, false],
]
for (const [maxAge, secondsAgo, asks] of AGES) {
  test(`max_age=${maxAge} ${secondsAgo} seconds after the sign-in ${asks ? 'asks again' : 'asks nothing'}`, async () => {
    const browser = await mySsa.signedIn('maria')
    advanceClock(secondsAgo * 1_000)
    const url = authorizeUrl({ max_age: maxAge })
    if (!asks) return assert.ok(await codeOf(browser, url))
    assert.ok(isSignInPage(await browser.open(url)))
    assert.ok((await claimsBy(codeIn(await givePassword(browser)))).auth_time)
  })
}

test('Exit goes back with access_denied, and nobody stays half signed in (RFC 6749 §4.1.2.1)', async () => {
  const browser = mySsa.browser()
  const page = await browser.open(authorizeUrl())
  const exit = /href="(\/interaction\/[\w-]+\/exit)"/.exec(page.body)?.[1] ?? ''
  const back = new URL(String((await browser.open(exit)).headers.location))
  assert.deepEqual([back.searchParams.get('error'), back.searchParams.get('state')], ['access_denied', STATE])
  assert.equal((await browser.open(exit)).statusCode, 400, 'once')
})

test('Exit of somebody who is signed in leaves the session alone', async () => {
  const browser = await mySsa.signedIn('maria')
  const page = await browser.open(wantsExtraSecurity)
  assert.equal(browser.path, PATHS.needed)
  const exit = /href="(\/interaction\/[\w-]+\/exit)"/.exec(page.body)?.[1] ?? ''
  const back = new URL(String((await browser.open(exit)).headers.location))
  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.ok(await codeOf(browser))
})

test('an interaction belongs to the browser that began it, and to an hour', async () => {
  const browser = mySsa.browser()
  await browser.get(authorizeUrl())
  const interaction = String(browser.last.headers.location)
  const other = await mySsa.signedIn('daniel', ['pwd', 'sms'])
  for (const path of [interaction, `${interaction}/exit`, '/interaction/x', '/interaction/x/exit']) {
    const answer = await other.open(path)
    assert.equal(answer.statusCode, 400, path)
    assert.match(textOf(answer), /This sign-in is over/)
  }
  // Its cookie opens no other address, wherever somebody sends it.
  const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[0]}=${value}`).join('; ')
  const own = await mySsa.app.inject({ url: interaction, headers: { cookie } })
  assert.equal(own.statusCode, 303)
  const forged = await mySsa.app.inject({ url: `/interaction/${'x'.repeat(21)}`, headers: { cookie } })
  assert.equal(forged.statusCode, 400)
  advanceClock(3_601_000)
  assert.equal((await browser.open(interaction)).statusCode, 400)
})

test('a sign-in page that was open for longer than its session still leads to the service', async () => {
  const browser = mySsa.browser()
  assert.ok(isSignInPage(await browser.open(authorizeUrl({ prompt: 'login' }))))
  advanceClock(31 * 60_000)
  assert.ok(codeIn(await givePassword(browser)))
})

test('a browser with two requests goes back by the latest, and by the other when it is opened again', async () => {
  const browser = mySsa.browser()
  await browser.get(authorizeUrl({ state: 'first' }))
  const first = String(browser.last.headers.location)
  await browser.open(first)
  await browser.open(authorizeUrl({ state: 'second' }))
  const back = new URL(String((await givePassword(browser)).headers.location))
  assert.equal(back.searchParams.get('state'), 'second')
  const other = new URL(String((await browser.open(first)).headers.location))
  assert.equal(other.searchParams.get('state'), 'first')
})

test('another person signs in after one in the same browser without a page in between', async () => {
  const browser = await mySsa.signedIn('daniel', ['pwd', 'sms'])
  const one = await idTokenOf(mySsa, browser)
  await browser.open(authorizeUrl({ prompt: 'login' }))
  const other = await claimsBy(codeIn(await givePassword(browser)))
  assert.notEqual(one.sub, other.sub)
  assert.deepEqual([one.acr, other.acr], [withExtraSecurity, withPassword])
})

test('an id_token_hint for somebody else is login_required, for the same person it is nothing', async () => {
  const maria = await mySsa.signedIn('maria')
  const { id_token } = await tokensFor(mySsa, maria)
  assert.ok(await codeOf(maria, authorizeUrl({ id_token_hint: id_token })))
  const daniel = await mySsa.signedIn('daniel', ['pwd', 'sms'])
  const back = await returnOf(daniel, authorizeUrl({ id_token_hint: id_token }))
  assert.equal(back.searchParams.get('error'), 'login_required')
})

const SHUT: [what: string, shut: (id: string) => Promise<unknown>, open: (id: string) => Promise<unknown>][] =
  [
    [
      'suspended',
      async (id) => mySsa.accounts.setSuspended((await mySsa.accountOf(id)).id, true),
      async (id) => mySsa.accounts.setSuspended((await mySsa.accountOf(id)).id, false),
    ],
    [
      'blocked',
      async () => createElectronicAccess(mySsa.ground).block('987654325'),
      async () => createElectronicAccess(mySsa.ground).unblock('987654325'),
    ],
    [
      'in need of another password',
      async (id) => mySsa.accounts.requirePasswordReset((await mySsa.accountOf(id)).id),
      async (id) => mySsa.accounts.setPassword((await mySsa.accountOf(id)).id, PASSWORD),
    ],
  ]
for (const [what, shut, open] of SHUT) {
  test(`an account that is ${what} gets no code, no token and no claims`, async () => {
    const browser = await mySsa.signedIn('maria')
    const tokens = await tokensFor(mySsa, browser)
    const code = await codeOf(browser)
    await browser.get(authorizeUrl())
    await browser.get(String(browser.last.headers.location))
    const last = String(browser.last.headers.location)
    await shut('maria')
    try {
      const late = await browser.open(last.replace('http://localhost:4003', ''))
      assert.ok(isSignInPage(late), `${late.statusCode} ${late.headers.location} ${late.body}`)
      assert.equal((await postToken(mySsa, await tokenParameters(code))).json().error, 'invalid_grant')
      assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 401)
      const again = await browser.open(authorizeUrl())
      assert.ok(isSignInPage(again), again.body)
      assert.equal((await givePassword(browser)).statusCode, 403)
    } finally {
      await open('maria')
    }
  })
}

test('logging out by way of a relying service ends the session here, after asking', async () => {
  const browser = await mySsa.signedIn('maria')
  const tokens = await tokensBySecret(mySsa, POSTS, await codeOf(browser, authorizeUrl({}, POSTS)))
  const uri = POSTS.post_logout_redirect_uris[0] ?? ''
  const query = new URLSearchParams({
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: uri,
    state: 'bye',
  })
  const asked = await browser.open(`/logout?${query}`)
  assert.equal(titleOf(asked), 'Sign out')
  const stayed = await browser.submit('http://localhost:4003/logout/confirm')
  assert.equal(stayed.headers.location, `${uri}?state=bye`)
  assert.ok(await codeOf(browser), 'no means no')

  await browser.open(`/logout?${query}`)
  const back = await browser.submit('http://localhost:4003/logout/confirm', { logout: 'yes' })
  assert.equal(back.headers.location, `${uri}?state=bye`)
  assert.ok(isSignInPage(await browser.open(authorizeUrl())))
  assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 401)
})

test('logging out goes nowhere that is not registered, and cannot be forged', async () => {
  const browser = await mySsa.signedIn('maria')
  await codeOf(browser)
  const query = new URLSearchParams({
    client_id: SIGN_IN.client_id,
    post_logout_redirect_uri: 'http://localhost:4000/elsewhere',
  })
  assert.equal((await browser.open(`/logout?${query}`)).statusCode, 400)
  const forged = await mySsa.app.inject({
    method: 'POST',
    url: '/logout/confirm',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'logout=yes&xsrf=guess',
  })
  assert.equal(forged.statusCode, 400)
  await browser.open('/logout')
  const done = await browser.submit('http://localhost:4003/logout/confirm', { logout: 'yes' })
  assert.equal(titleOf(done), 'You are signed out')
})

test('/ leads to the sign-in page, or to the settings', async () => {
  assert.ok(isSignInPage(await mySsa.browser().open('/')))
  const browser = await mySsa.signedIn('maria')
  await browser.open('/')
  assert.equal(browser.path, PATHS.securitySettings)
})
