// What a person goes through, page by page.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import {
  authorizeUrl,
  CLIENT,
  OTHER_REDIRECT_URI,
  PASSWORD,
  passPassword,
  REDIRECT_URI,
  redeem,
  SAME_AGENCY,
  STATE,
  signIn,
  startLoginGov,
  tokenParameters,
} from './support/login-gov.ts'

let idp: Awaited<ReturnType<typeof startLoginGov>>
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())
// Past any cool-down, block and lock-out of the test before.
beforeEach(() => advanceClock(601_000))

const WRONG = 'The email or password you’ve entered is wrong. Try resetting your password.'
const INVALID = 'That one-time code is invalid. Try again or request a new code.'

const title = ({ body }: { body: string }) => /<title>([^|]*) \|/.exec(body)?.[1]
const enter = (browser: Browser, code: string) => browser.submit('/login/two_factor/sms', { code })
const pkceClient = { client_id: SAME_AGENCY, redirect_uri: OTHER_REDIRECT_URI }

describe('password (fact sheet 6.1 step 2)', () => {
  test('a wrong password and an unknown address are told the same', async () => {
    for (const [email, password] of [
      ['maria@example.com', 'not-the-password'],
      ['nobody@example.com', PASSWORD],
    ] as const) {
      const browser = idp.browser()
      await browser.open(authorizeUrl())
      const page = await browser.submit('/', { 'user[email]': email, 'user[password]': password })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(WRONG))
      assert.ok(!page.body.includes(password))
    }
  })

  test('the address may have blanks and capitals', async () => {
    const page = await passPassword(idp.browser(), '  Maria@Example.COM ')
    assert.equal(title(page), 'Enter your one-time code')
  })

  test('fields that were left empty are named', async () => {
    const browser = idp.browser()
    await browser.open('/')
    const page = await browser.submit('/', { 'user[email]': '', 'user[password]': '' })
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#user_email"/)
    assert.match(page.body, /href="#user_password"/)
  })

  test('after five wrong passwords in a browser session even the right one waits 60 seconds (NIST SP 800-63B-4 §3.2.2)', async () => {
    const browser = idp.browser()
    await browser.open('/')
    const attempt = (password: string) =>
      browser.submit('/', { 'user[email]': 'maria@example.com', 'user[password]': password })
    for (let count = 0; count < 5; count += 1) assert.ok(textOf(await attempt('wrong')).includes(WRONG))
    const blocked = await attempt(PASSWORD)
    assert.equal(blocked.statusCode, 429)
    assert.ok(textOf(blocked).includes('You have exceeded the maximum sign in attempts. You must wait'))
    advanceClock(59_000)
    assert.equal((await attempt(PASSWORD)).statusCode, 429)
    advanceClock(2_000)
    assert.equal(title(await attempt(PASSWORD)), 'Enter your one-time code')
  })

  test('many wrong passwords at once count like one after the other', async () => {
    const browser = idp.browser()
    await browser.open(authorizeUrl())
    const fields = { 'user[email]': 'maria@example.com', 'user[password]': 'wrong' }
    const form = browser.last
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => {
        browser.last = form
        return browser.post('/', fields)
      }),
    )
    assert.ok(answers.filter(({ statusCode }) => statusCode === 422).length <= 5)
  })

  test('a post without the form’s token is refused (OWASP ASVS 5.0 3.5.1)', async () => {
    const response = await idp.app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      payload: new URLSearchParams({
        'user[email]': 'maria@example.com',
        'user[password]': PASSWORD,
      }).toString(),
    })
    assert.equal(response.statusCode, 403)
    assert.match(response.body, /This page expired/)
  })

  test('the way back to the relying service is access_denied with the state (fact sheet 2.6)', async () => {
    const browser = idp.browser()
    const page = await browser.open(authorizeUrl())
    assert.ok(textOf(page).includes('‹ Back to Social Security'))
    const back = await browser.get('/redirect/return_to_sp/cancel')
    assert.equal(back.statusCode, 302)
    assert.equal(back.headers.location, `${REDIRECT_URI}?error=access_denied&state=${STATE}`)
  })
})

describe('second factor (fact sheet 6.1 steps 4 and 5)', () => {
  test('a six-digit code is sent by text at once, and once only', async () => {
    const browser = idp.browser()
    const before = idp.codes.sent.length
    const page = await passPassword(browser)
    assert.equal(browser.path, '/login/two_factor/sms')
    assert.equal(title(page), 'Enter your one-time code')
    assert.ok(textOf(page).includes('(***) ***\u20110142'))
    assert.ok(!page.body.includes('12025550142'))
    await browser.open('/users/two_factor_authentication')
    await browser.open('/')
    assert.equal(idp.codes.sent.length, before + 1)
    const { owner, ...asked } = idp.codes.sent.at(-1)?.body ?? assert.fail('nothing was sent')
    assert.match(owner, /^[\da-f-]{36}$/)
    assert.deepEqual(asked, {
      purpose: 'sign-in',
      channel: 'text',
      length: 6,
      phoneNumber: '+12025550142',
      sender: 'Login.gov',
      origin: 'localhost',
      language: 'en',
    })
  })

  test('a call can be had instead, in the language of the page', async () => {
    const browser = idp.browser()
    await passPassword(browser, 'maria@example.com', authorizeUrl({}, '/es'))
    advanceClock(11_000)
    await browser.open('/es/login/two_factor/options')
    const page = await browser.submit('/es/login/two_factor/options', {
      'two_factor_options_form[selection]': 'voice',
    })
    assert.equal(browser.path, '/es/login/two_factor/voice')
    assert.equal(title(page), 'Introduzca su código de un solo uso')
    assert.equal(idp.codes.sent.at(-1)?.body.channel, 'call')
    assert.equal(idp.codes.sent.at(-1)?.body.language, 'es')
    await browser.submit('/es/login/two_factor/voice', { code: idp.codes.newestCode })
    assert.match(browser.path, /^\/es\/sign_up\/completed|^\/es\/openid_connect\/authorize/)
  })

  test('no choice among the options is told', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    await browser.open('/login/two_factor/options')
    assert.equal((await browser.submit('/login/two_factor/options')).statusCode, 422)
  })

  test('another code can be had after ten seconds, and takes the place of the first', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    const first = idp.codes.newestCode
    const send = /href="(\/otp\/send[^"]*)"/.exec(browser.last.body)?.[1]?.replace(/&#38;|&amp;/g, '&') ?? ''
    const soon = await browser.open(decodeEntities(send))
    assert.ok(textOf(soon).includes('You tried too many times, please try again in 10 seconds.'))
    advanceClock(10_000)
    await browser.open(decodeEntities(send))
    assert.notEqual(idp.codes.newestCode, first)
    const refused = await enter(browser, first)
    assert.equal(refused.statusCode, 422)
    assert.ok(textOf(refused).includes(INVALID))
    await enter(browser, idp.codes.newestCode)
    assert.match(browser.path, /^\/sign_up\/completed|^\/openid_connect\/authorize/)
  })

  test('a number sign and blanks around the code do not count (fact sheet 6.3)', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    await enter(browser, ` #${idp.codes.newestCode} `)
    assert.match(browser.path, /^\/sign_up\/completed|^\/openid_connect\/authorize/)
  })

  test('wrong, malformed and expired codes are told the same, and from three tries left on how many', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    const answers = []
    for (const code of [
      idp.codes.wrongCode,
      'abc',
      '12345678901234567890123456789012345',
      '000001',
      '000002',
      '000003',
    ]) {
      answers.push(textOf(await enter(browser, code)))
    }
    advanceClock(600_000)
    await browser.open('/login/two_factor/sms')
    answers.push(textOf(await enter(browser, idp.codes.newestCode)))
    assert.ok(answers.every((text) => text.includes(INVALID)))
    assert.ok(answers.slice(0, 6).every((text) => !text.includes('remaining')))
    assert.ok(answers[6]?.includes('You have 3 attempts remaining'))
    assert.ok(textOf(await enter(browser, '000004')).includes('You have 2 attempts remaining'))
  })

  test('the tenth wrong code locks the account: signed out, and the right password meets the same page', async () => {
    const browser = idp.browser()
    await passPassword(browser, 'oliver@example.com')
    for (let count = 0; count < 9; count += 1) await enter(browser, idp.codes.wrongCode)
    const locked = await enter(browser, idp.codes.newestCode === '' ? '' : idp.codes.wrongCode)
    assert.equal(locked.statusCode, 429)
    assert.equal(title(locked), 'Error: Account temporarily locked')
    assert.ok(textOf(locked).includes('Please try again in 10 minutes'))
    assert.equal((await browser.get('/login/two_factor/sms')).headers.location, '/')

    advanceClock(60_000)
    const again = await passPassword(idp.browser(), 'oliver@example.com')
    assert.equal(title(again), 'Error: Account temporarily locked')
    assert.ok(textOf(again).includes('Please try again in 9 minutes'))
    advanceClock(541_000)
    assert.equal(title(await passPassword(idp.browser(), 'oliver@example.com')), 'Enter your one-time code')
  })

  test('a code is good once', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    const used = idp.codes.newestCode
    advanceClock(11_000)
    const other = idp.browser()
    await passPassword(other)
    assert.ok(textOf(await enter(other, used)).includes(INVALID))
  })

  test('a second browser gets a code of its own, which takes the place of the first', async () => {
    const [one, other] = [idp.browser(), idp.browser()]
    await passPassword(one)
    const first = idp.codes.newestCode
    await passPassword(other)
    assert.ok(textOf(await enter(one, first)).includes(INVALID))
    await enter(other, idp.codes.newestCode)
    assert.match(other.path, /^\/sign_up\/completed|^\/openid_connect\/authorize/)
  })

  test('a number that cannot be used, and a carrier that does not answer, are told on the page with the options', async () => {
    for (const [failure, words] of [
      ['phone_number_not_usable', 'We cannot send a code to your phone number that way.'],
      ['unreachable', 'We could not send your one-time code.'],
    ] as const) {
      idp.codes.failNext = failure
      const browser = idp.browser()
      const page = await passPassword(browser)
      assert.equal(browser.path, '/login/two_factor/options')
      assert.ok(textOf(page).includes(words))
      await browser.submit('/login/two_factor/options', { 'two_factor_options_form[selection]': 'sms' })
      assert.equal(browser.path, '/login/two_factor/sms')
      advanceClock(11_000)
    }
  })
})

describe('consent, and coming back (fact sheet 6.1 steps 7 to 9)', () => {
  test('consent is asked for the first time and for anything new, and kept', async () => {
    const browser = idp.browser()
    await passPassword(
      browser,
      'oliver@example.com',
      authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' }),
    )
    const consent = await enter(browser, idp.codes.newestCode)
    assert.equal(browser.path, '/sign_up/completed')
    assert.ok(textOf(consent).includes('Email address oliver@example.com'))
    assert.match(
      consent.headers['content-security-policy'] as string,
      /form-action 'self' http:\/\/localhost:4010 http:\/\/localhost:4000;/,
    )
    const authorize = await browser.submit('/sign_up/completed')
    assert.match(String(authorize.headers.location), /[?&]code=/)

    const same = authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' })
    assert.match(String((await browser.open(same)).headers.location), /[?&]code=/)
    const more = authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email all_emails' })
    await browser.open(more)
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('agreeing counts for what the page showed, not for a request that another tab put in its place', async () => {
    const browser = idp.browser()
    await passPassword(browser, 'maria@example.com', authorizeUrl({ scope: 'openid email all_emails' }))
    const page = await enter(browser, idp.codes.newestCode)
    await browser.open(authorizeUrl({ ...pkceClient, scope: 'openid email' }))
    // Back to the first tab.
    browser.last = page
    const answer = await browser.submit('/sign_up/completed')
    assert.equal(answer.statusCode, 200)
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('a proofed request lists what is shared, with the SSN masked', async () => {
    const browser = idp.browser()
    await passPassword(
      browser,
      'maria@example.com',
      authorizeUrl({ ...pkceClient, scope: 'openid email profile social_security_number' }),
    )
    const text = textOf(await enter(browser, idp.codes.newestCode))
    assert.ok(text.includes('Full name Maria Example'))
    assert.ok(text.includes('Social Security number ***-**-4325'))
    assert.ok(!text.includes('987654325'))
  })

  test('who is not proofed is asked to verify the identity, and may go back by access_denied', async () => {
    const browser = idp.browser()
    await passPassword(browser, 'oliver@example.com')
    const page = await enter(browser, idp.codes.newestCode)
    assert.equal(title(page), 'Verify your identity')
    const back = await browser.get('/redirect/return_to_sp/failure_to_proof')
    assert.equal(back.headers.location, `${REDIRECT_URI}?error=access_denied&state=${STATE}`)
  })

  test('or by the address that the client has for it', async () => {
    const browser = idp.browser()
    await passPassword(browser, 'oliver@example.com', authorizeUrl(pkceClient))
    await enter(browser, idp.codes.newestCode)
    const back = await browser.get('/redirect/return_to_sp/failure_to_proof')
    assert.equal(back.headers.location, 'http://localhost:4100/not-proofed')
  })

  test('who is verified without a face match is verified again where one is required', async () => {
    const browser = idp.browser()
    await passPassword(
      browser,
      'maria@example.com',
      authorizeUrl({ acr_values: 'urn:acr.login.gov:verified-facial-match-required' }),
    )
    assert.equal(title(await enter(browser, idp.codes.newestCode)), 'Verify your identity')
    assert.equal(browser.path, '/verify/welcome')
  })

  test('another client that the person knows is confirmed before it gets a code', async () => {
    const request = authorizeUrl({
      ...pkceClient,
      acr_values: 'urn:acr.login.gov:auth-only',
      scope: 'openid email',
    })
    await signIn(idp.browser(), idp.codes, 'maria@example.com', request)
    advanceClock(11_000)
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    const page = await browser.open(request)
    assert.equal(browser.path, '/user_authorization_confirmation')
    assert.ok(textOf(page).includes('You are already signed in with the following email: maria@example.com'))
    const back = await browser.submit('/user_authorization_confirmation')
    assert.match(String(back.headers.location), /^http:\/\/localhost:4100\/callback\?code=/)
    assert.match(
      String((await browser.open(request)).headers.location),
      /^http:\/\/localhost:4100\/callback\?code=/,
    )
  })

  test('there, another person may sign in instead', async () => {
    const request = authorizeUrl({
      ...pkceClient,
      acr_values: 'urn:acr.login.gov:auth-only',
      scope: 'openid email',
    })
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    await browser.open(request)
    assert.equal(browser.path, '/user_authorization_confirmation')
    const page = await browser.submit('/user_authorization_confirmation/reset')
    assert.equal(title(page), 'Sign in')
    assert.ok(textOf(page).includes('Back to Another SSA service'))
  })

  test('prompt=login signs the person out once for each state (fact sheet 2.4)', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    advanceClock(11_000)
    const request = authorizeUrl({ prompt: 'login', state: 'another-state-0123456789' })
    const page = await browser.open(request)
    assert.equal(title(page), 'Sign in')
    assert.ok(textOf(page).includes('needs you to sign in again'))
    await browser.submit('/', { 'user[email]': 'maria@example.com', 'user[password]': PASSWORD })
    await enter(browser, idp.codes.newestCode)
    assert.match(String(browser.last.headers.location), /[?&]code=/)
    assert.match(String((await browser.open(request)).headers.location), /[?&]code=/)
  })
})

describe('sessions (fact sheet 6.3)', () => {
  test('the cookie changes with the password and again with the code (OWASP ASVS 5.0 7.2.4)', async () => {
    const browser = idp.browser()
    const cookie = () => browser.cookies.get('_identity_idp_session')
    await browser.open(authorizeUrl())
    const planted = cookie()
    await passPassword(browser)
    const half = cookie()
    await enter(browser, idp.codes.newestCode)
    assert.equal(new Set([planted, half, cookie()]).size, 3)
    for (const old of [planted, half]) {
      const response = await idp.app.inject({
        url: '/account',
        headers: { cookie: `_identity_idp_session=${old}` },
      })
      assert.equal(response.headers.location, '/?timeout=session')
    }
  })

  test('a password alone opens no page of a signed-in person (NIST SP 800-63B-4 §2.2)', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    for (const path of ['/account', '/sign_up/completed', '/verify', '/user_authorization_confirmation']) {
      assert.equal((await browser.get(path)).headers.location, '/users/two_factor_authentication')
    }
    assert.equal((await browser.get(authorizeUrl())).headers.location, '/')
  })

  test('15 idle minutes end it, use keeps it (OWASP ASVS 5.0 7.3.1)', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    for (let count = 0; count < 3; count += 1) {
      advanceClock(899_000)
      assert.equal((await browser.get('/account')).statusCode, 200)
    }
    advanceClock(900_000)
    const page = await browser.open('/account')
    assert.equal(browser.path, '/?timeout=session')
    assert.ok(textOf(page).includes('You were signed out because nothing happened here for a while.'))
  })

  test('a sign-in page may stay open for longer, and still leads back to the relying service', async () => {
    const browser = idp.browser()
    await browser.open(authorizeUrl())
    advanceClock(3_600_000)
    await browser.submit('/', { 'user[email]': 'maria@example.com', 'user[password]': PASSWORD })
    assert.ok(
      textOf(await enter(browser, idp.codes.newestCode)).includes('Back to Social Security') ||
        browser.last.headers.location?.startsWith(REDIRECT_URI),
    )
  })

  test('a sign-in page of somebody else’s making leads nowhere else', async () => {
    for (const address of [
      'http://evil.example/',
      '//evil.example/',
      '/account',
      authorizeUrl({ redirect_uri: 'http://evil.example/' }),
    ]) {
      advanceClock(11_000)
      const browser = idp.browser()
      await browser.open('/')
      await browser.submit('/', {
        'user[email]': 'maria@example.com',
        'user[password]': PASSWORD,
        continue: address,
      })
      await enter(browser, idp.codes.newestCode)
      assert.equal(browser.path, '/account')
    }
  })

  test('12 hours end it whatever happens (OWASP ASVS 5.0 7.3.2)', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    for (let minutes = 10; minutes < 720; minutes += 10) {
      advanceClock(600_000)
      assert.equal((await browser.get('/account')).statusCode, 200)
    }
    advanceClock(600_000)
    assert.equal((await browser.get('/account')).headers.location, '/?timeout=session')
  })

  test('a newer sign-in ends the older, its tokens too, and says so (OWASP ASVS 5.0 7.4.3)', async () => {
    const older = idp.browser()
    const back = await signIn(older, idp.codes)
    const answer = (await redeem(idp.app, await tokenParameters(back.searchParams.get('code') ?? ''))).json()
    const userInfo = () =>
      idp.app.inject({
        url: '/api/openid_connect/userinfo',
        headers: { authorization: `Bearer ${answer.access_token}` },
      })
    assert.equal((await userInfo()).statusCode, 200)
    advanceClock(11_000)
    const newer = idp.browser()
    await passPassword(newer, 'maria@example.com', '/')
    await enter(newer, idp.codes.newestCode)
    assert.equal(newer.path, '/account')
    const page = await older.open('/account')
    assert.equal(title(page), 'Sign in')
    assert.ok(textOf(page).includes('Your login credentials were used in another browser.'))
    assert.equal((await userInfo()).statusCode, 401)
  })

  test('signing out ends the session and the cookie', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    const cookie = browser.cookies.get('_identity_idp_session')
    const account = await browser.open('/account')
    assert.ok(textOf(account).includes('maria@example.com'))
    await browser.submit('/logout')
    assert.equal(browser.cookies.has('_identity_idp_session'), false)
    const replayed = await idp.app.inject({
      url: '/account',
      headers: { cookie: `_identity_idp_session=${cookie}` },
    })
    assert.equal(replayed.statusCode, 302)
  })

  test('half way, another account can be chosen and the relying service goes on waiting', async () => {
    const browser = idp.browser()
    await passPassword(browser)
    const page = await browser.submit('/logout')
    assert.equal(title(page), 'Sign in')
    assert.ok(textOf(page).includes('Back to Social Security'))
  })
})

describe('logout that a relying service starts (fact sheet 5)', () => {
  const request = `/openid_connect/logout?${new URLSearchParams({ client_id: CLIENT, post_logout_redirect_uri: REDIRECT_URI, state: STATE })}`

  test('asks first; showing the page ends no session but voids a code that was not exchanged', async () => {
    const browser = idp.browser()
    const code = (await signIn(browser, idp.codes)).searchParams.get('code') ?? ''
    const page = await browser.open(request)
    assert.ok(textOf(page).includes('Do you want to sign out of Login.gov and return to Social Security?'))
    assert.ok(
      textOf(page).includes('Yes, sign out of Login.gov') &&
        textOf(page).includes('No, go to my account page'),
    )
    assert.equal((await redeem(idp.app, await tokenParameters(code))).statusCode, 400)
    assert.equal((await browser.open('/account')).statusCode, 200)
  })

  test('ends the session on the button and goes back with the state', async () => {
    const browser = idp.browser()
    const code = (await signIn(browser, idp.codes)).searchParams.get('code') ?? ''
    const { access_token: token, id_token: hint } = (
      await redeem(idp.app, await tokenParameters(code))
    ).json()
    const hinted = `/openid_connect/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: REDIRECT_URI, state: STATE })}`
    const page = await browser.open(hinted)
    assert.match(
      page.headers['content-security-policy'] as string,
      /form-action [^;]*http:\/\/localhost:4000/,
    )
    const back = await browser.submit('/openid_connect/logout')
    assert.equal(back.headers.location, `${REDIRECT_URI}?state=${STATE}`)
    const userInfo = await idp.app.inject({
      url: '/api/openid_connect/userinfo',
      headers: { authorization: `Bearer ${token}` },
    })
    assert.equal(userInfo.statusCode, 401)
    assert.equal((await browser.get('/account')).statusCode, 302)
  })

  test('a button of somebody else’s page signs nobody out', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    const cookie = `_identity_idp_session=${browser.cookies.get('_identity_idp_session')}`
    const forged = new URLSearchParams({
      _method: 'delete',
      client_id: CLIENT,
      post_logout_redirect_uri: REDIRECT_URI,
    })
    const response = await idp.app.inject({
      method: 'POST',
      url: '/openid_connect/logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      payload: forged.toString(),
    })
    assert.match(String(response.headers.location), /^\/openid_connect\/logout\?/)
    assert.equal((await browser.open('/account')).statusCode, 200)
    const deletion = await idp.app.inject({
      method: 'DELETE',
      url: `/openid_connect/logout?${forged}`,
      headers: { cookie },
    })
    assert.match(String(deletion.headers.location), /^\/openid_connect\/logout\?/)
    await browser.open('/account')
    assert.equal(browser.path, '/account')
  })
})

test('no log line has a password, code, cookie, token, assertion, SSN or phone number (OWASP ASVS 5.0 16.2.5)', async () => {
  const browser = idp.browser()
  await browser.open(authorizeUrl())
  await browser.submit('/', { 'user[email]': 'maria@example.com', 'user[password]': 'a-wrong-password' })
  const code = (await signIn(browser, idp.codes)).searchParams.get('code') ?? ''
  const parameters = await tokenParameters(code)
  const refused = await redeem(idp.app, { ...parameters, grant_type: 'x' })
  assert.equal(refused.statusCode, 400)
  const answer = (await redeem(idp.app, parameters)).json()
  const secrets = [
    PASSWORD,
    'a-wrong-password',
    idp.codes.newestCode,
    code,
    answer.access_token,
    answer.id_token,
    parameters.client_assertion ?? '',
    browser.cookies.get('_identity_idp_session') ?? '',
    '987654325',
    '2025550142',
  ]
  const log = idp.logLines.join('')
  assert.ok(log.length > 0)
  for (const [index, secret] of secrets.entries()) {
    assert.ok(secret.length >= 6)
    assert.ok(
      !new RegExp(`(?<![\\w-])${secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`).test(log),
      `secret ${index} is in the log`,
    )
  }
})

function decodeEntities(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}
