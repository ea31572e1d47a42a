// The first page: address and password, what locks, what is forgotten.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, PASSWORD, REDIRECT_URI, STATE } from './support/id-me.ts'
import { type People, startWithPeople } from './support/people.ts'

let idMe: People
before(async () => {
  idMe = await startWithPeople()
})
after(() => idMe.app.close())

const LOGIN = authorizeUrl({ scope: 'openid login' })
const WRONG = 'The email or password is not right.'
const NEW_PASSWORD = 'seven wet otters juggle lanterns'

describe('the page', () => {
  test('names the relying service, and leads to an account, a new password and back', async () => {
    const browser = idMe.browser()
    const page = await browser.open(LOGIN)
    assert.equal(browser.path, '/sign-in')
    assert.match(textOf(page), /Social Security uses ID\.me to sign you in/)
    assert.match(page.body, /href="\/password"/)
    assert.match(page.body, /href="\/sign-up"/)
    assert.match(page.body, /<button[^>]*>Sign in<\/button>/)
    await browser.open('/oauth/cancel')
    const back = new URL(String(browser.last.headers.location))
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.equal(back.searchParams.get('error'), 'access_denied')
    assert.equal(back.searchParams.get('state'), STATE)
  })

  test('is in Spanish by address or by what the browser prefers', async () => {
    assert.match(textOf(await idMe.browser().open('/es/sign-in')), /Inicie sesión en ID\.me/)
    const preferring = idMe.browser({ 'accept-language': 'fr, es;q=0.8, en;q=0.5' })
    assert.match(textOf(await preferring.open('/sign-in')), /Inicie sesión en ID\.me/)
    assert.match(textOf(await preferring.open('/en/sign-in')), /Sign in to ID\.me/)
  })

  test('op=signup leads to a new account instead (fact sheet 2)', async () => {
    const browser = idMe.browser()
    await browser.open(authorizeUrl({ op: 'signup' }))
    assert.equal(browser.path, '/sign-up')
  })

  test('a post without the token of the form is refused (OWASP ASVS 5.0 3.5.1)', async () => {
    const answer = await idMe.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      payload: new URLSearchParams({ email: 'maria@example.com', password: PASSWORD }).toString(),
    })
    assert.equal(answer.statusCode, 403)
  })

  test('goes on where it was although the session ended while it was open', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open(LOGIN)
    advanceClock(16 * 60_000)
    await browser.submit('/sign-in', { email: person.email, password: PASSWORD })
    assert.equal(browser.path, '/consent')
  })
})

describe('the password', () => {
  test('wrong and unknown are told the same; fields that were left empty are named', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open(LOGIN)
    const wrong = await browser.submit('/sign-in', { email: person.email, password: 'not it' })
    assert.equal(wrong.statusCode, 422)
    assert.ok(textOf(wrong).includes(WRONG))
    const unknown = await browser.submit('/sign-in', { email: 'nobody@example.com', password: 'not it' })
    assert.ok(textOf(unknown).includes(WRONG))
    const empty = await browser.submit('/sign-in', { email: '', password: '' })
    assert.match(empty.body, /href="#email".*href="#password"/s)
  })

  test('the address may have blanks and capitals', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await idMe.givePassword(browser, ` ${person.email.toUpperCase()} `, LOGIN)
    assert.equal(browser.path, '/consent')
  })

  test('signing in changes the cookie (OWASP ASVS 5.0 7.2.4)', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open(LOGIN)
    const before = new Map(browser.cookies)
    await browser.submit('/sign-in', { email: person.email, password: PASSWORD })
    const changed = [...browser.cookies].filter(([name, value]) => before.get(name) !== value)
    assert.ok(changed.length > 0)
  })

  test('five wrong ones lock the account in every browser; the link in the mail opens it (fact sheet 7)', async () => {
    const person = await idMe.person()
    for (let count = 0; count < 5; count += 1) {
      const browser = idMe.browser()
      await browser.open(LOGIN)
      const page = await browser.submit('/sign-in', { email: person.email, password: `wrong ${count}` })
      assert.equal(page.statusCode, count < 4 ? 422 : 429)
    }
    const browser = idMe.browser()
    const locked = await idMe.givePassword(browser, person.email, LOGIN)
    assert.equal(locked.statusCode, 429)
    assert.equal(titleOf(locked), 'Error: Your account is locked')
    await browser.open(idMe.services.linkTo(person.email))
    await browser.submit('/recovery/link')
    // The request still waits in this browser.
    await browser.submit('/sign-in', { email: person.email, password: PASSWORD })
    assert.equal(browser.path, '/consent')
  })

  test('an address that nobody has is locked the same, and gets a mail that says so (OWASP ASVS 5.0 6.3.8)', async () => {
    const browser = idMe.browser()
    await browser.open(LOGIN)
    const email = 'nobody-at-all@example.com'
    for (let count = 0; count < 4; count += 1) await browser.submit('/sign-in', { email, password: 'guess' })
    const locked = await browser.submit('/sign-in', { email, password: 'guess' })
    assert.equal(locked.statusCode, 429)
    assert.match(textOf(locked), /If there is an account with this address, we sent an email to it/)
    assert.equal(idMe.services.linkTo(email), '/sign-up')
    advanceClock(61_000)
    await browser.submit('/recovery')
    assert.equal(browser.last.statusCode, 429)
    assert.equal(idMe.services.lettersTo(email).length, 2)
  })

  test('many wrong ones at once count like one after the other', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open(LOGIN)
    const form = browser.last
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => {
        browser.last = form
        return browser.post('/sign-in', { email: person.email, password: 'guess' })
      }),
    )
    assert.ok(answers.filter(({ statusCode }) => statusCode === 422).length <= 4)
  })

  test('a suspended account lets nobody in', async () => {
    const person = await idMe.person()
    await idMe.accounts.setSuspended(person.accountId, true)
    const page = await idMe.givePassword(idMe.browser(), person.email, LOGIN)
    assert.equal(page.statusCode, 403)
    assert.match(textOf(page), /suspended/)
  })

  test('should the mail not go, the account is locked all the same, and the mail can be had later', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open(LOGIN)
    for (let count = 0; count < 4; count += 1) {
      await browser.submit('/sign-in', { email: person.email, password: 'guess' })
    }
    idMe.services.isMailDown = true
    const failed = await browser.submit('/sign-in', { email: person.email, password: 'guess' })
    assert.equal(failed.statusCode, 503)
    const nobody = idMe.browser()
    await nobody.open(LOGIN)
    for (let count = 0; count < 5; count += 1) {
      await nobody.open(LOGIN)
      await nobody.submit('/sign-in', { email: 'nobody-either@example.com', password: 'guess' })
    }
    idMe.services.isMailDown = false
    assert.equal(nobody.last.statusCode, 503, 'the same for an address that nobody has')
    const locked = await idMe.givePassword(idMe.browser(), person.email, LOGIN)
    assert.equal(locked.statusCode, 429)
    assert.equal(idMe.services.lettersTo(person.email).length, 1)
  })
})

describe('a forgotten password', () => {
  test('a link by mail leads to a new one, and ends what is signed in', async () => {
    const person = await idMe.person()
    const signedIn = idMe.browser()
    await idMe.givePassword(signedIn, person.email, LOGIN)
    const browser = idMe.browser()
    await browser.open('/password')
    const sent = await browser.submit('/password', { email: person.email })
    assert.equal(titleOf(sent), 'Check your email')
    const link = idMe.services.linkTo(person.email)
    await browser.open(link)
    const weak = await browser.submit('/password/link', { password: 'password1' })
    assert.equal(weak.statusCode, 422)
    const short = await browser.submit('/password/link', { password: 'a' })
    assert.match(textOf(short), /8 characters or more/)
    const done = await browser.submit('/password/link', { password: NEW_PASSWORD })
    assert.match(textOf(done), /Your password was changed/)
    assert.equal((await browser.open(link)).statusCode, 410)
    await signedIn.open('/settings')
    assert.equal(signedIn.path.split('?')[0], '/sign-in')
    const old = await idMe.givePassword(idMe.browser(), person.email, LOGIN)
    assert.equal(old.statusCode, 422)
    const fresh = idMe.browser()
    await fresh.open(LOGIN)
    await fresh.submit('/sign-in', { email: person.email, password: NEW_PASSWORD })
    assert.equal(fresh.path, '/consent')
  })

  test('an unknown address is answered the same; what is no address is told', async () => {
    const browser = idMe.browser()
    await browser.open('/password')
    const page = await browser.submit('/password', { email: 'unknown@example.com' })
    assert.equal(titleOf(page), 'Check your email')
    assert.equal(idMe.services.linkTo('unknown@example.com'), '/sign-up')
    await browser.open('/password')
    assert.equal((await browser.submit('/password', { email: 'not an address' })).statusCode, 422)
  })

  test('while no mail goes out, an unknown address is answered the same', async () => {
    const person = await idMe.person()
    idMe.services.isMailDown = true
    const answers = []
    for (const email of [person.email, 'unknown-too@example.com']) {
      const browser = idMe.browser()
      await browser.open('/password')
      answers.push((await browser.submit('/password', { email })).statusCode)
    }
    idMe.services.isMailDown = false
    assert.deepEqual(answers, [503, 503])
  })

  test('the link works for 15 minutes, and not with another token', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await browser.open('/password')
    await browser.submit('/password', { email: person.email })
    assert.equal((await browser.open('/password/link?token=guess')).statusCode, 410)
    await browser.open(idMe.services.linkTo(person.email))
    advanceClock(15 * 60_000)
    const late = await browser.submit('/password/link', { password: NEW_PASSWORD })
    assert.equal(late.statusCode, 410)
  })

  test('it does not stand in for the second factor', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await browser.open(authorizeUrl({ scope: 'openid mfa' }))
    await browser.open('/password')
    await browser.submit('/password', { email: person.email })
    await browser.open(idMe.services.linkTo(person.email))
    await browser.submit('/password/link', { password: NEW_PASSWORD })
    await browser.submit('/sign-in', { email: person.email, password: NEW_PASSWORD })
    assert.equal(browser.path, '/second-factor/phone')
  })
})

describe('signing out', () => {
  test('leaves the request of the relying service waiting for whoever signs in next', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid mfa' }))
    const page = await browser.submit('/sign-out')
    assert.equal(browser.path, '/sign-in')
    assert.match(textOf(page), /You are signed out.*Social Security uses ID\.me/)
  })
})
