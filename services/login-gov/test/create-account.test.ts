// Creating an account, up to the choice of its first authentication method (fact sheet 6.1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { ANOTHER_PASSWORD, confirmAddress, createAccount, type LoginGov, titleOf } from './support/account.ts'
import { authorizeUrl, startLoginGov } from './support/login-gov.ts'

let idp: LoginGov
let count = 0
let email: string
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())
beforeEach(() => {
  count += 1
  email = `new-${count}@example.org`
  advanceClock(601_000)
})

const ask = { 'user[terms_accepted]': '1', 'user[email_language]': 'en' }
const choose = { 'password_form[password]': ANOTHER_PASSWORD }

describe('the address (fact sheet 6.1)', () => {
  test('the sign-in page leads to creating an account and back', async () => {
    const browser = idp.browser()
    const signIn = await browser.open(authorizeUrl())
    assert.match(signIn.body, /href="\/sign_up\/enter_email"/)
    const page = await browser.open('/sign_up/enter_email')
    assert.equal(titleOf(page), 'Create an account')
    assert.ok(textOf(page).includes('Social Security asks you to sign in'))
    assert.match(page.body, /href="\/"[^>]*>Sign in</)
  })

  test('an address that cannot be one and rules that were not accepted are named; nothing is sent', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    const page = await browser.submit('/sign_up/enter_email', { 'user[email]': 'nobody' })
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#user_email"/)
    assert.match(page.body, /href="#user_terms_accepted"/)
    assert.deepEqual(idp.mail.to('nobody'), [])
  })

  for (const wrong of [
    'a b@example.org',
    'a@b',
    'a@@example.org',
    'a@example..org',
    '@example.org',
    `${'x'.repeat(65)}@example.org`,
  ]) {
    test(`${JSON.stringify(wrong.slice(0, 20))} is no address`, async () => {
      const browser = idp.browser()
      await browser.open('/sign_up/enter_email')
      const page = await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': wrong })
      assert.equal(page.statusCode, 422)
    })
  }

  test('a language that is none is refused', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    const fields = { ...ask, 'user[email]': email, 'user[email_language]': 'tlh' }
    const page = await browser.submit('/sign_up/enter_email', fields)
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#user_email_language"/)
  })

  test('the letter is in the language that was chosen, and so is the link', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    await browser.submit('/sign_up/enter_email', {
      ...ask,
      'user[email]': email,
      'user[email_language]': 'es',
    })
    assert.equal(idp.mail.to(email)[0]?.subject, 'Confirme su correo electrónico')
    assert.match(idp.mail.link(email), /^\/es\/sign_up\/email\/confirm\?confirmation_token=/)
  })

  test('pages and answers are the same for an address that has an account; its owner gets a letter that says so (OWASP ASVS 5.0 6.3.8)', async () => {
    const pages = []
    for (const address of [email, 'maria@example.com']) {
      const browser = idp.browser()
      await browser.open('/sign_up/enter_email')
      const page = await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': address })
      pages.push({
        status: page.statusCode,
        path: browser.path,
        text: textOf(page).replace(address, 'address'),
      })
    }
    assert.deepEqual(pages[0], pages[1])
    const letter = idp.mail.to('maria@example.com').at(-1)
    assert.equal(letter?.subject, 'This email address has an account already')
    assert.ok(!letter?.text.includes('confirmation_token'))
  })

  test('another letter can be had, twenty in an hour; then the page says how long to wait', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': email })
    for (let sent = 1; sent < 20; sent += 1) {
      const page = await browser.submit('/sign_up/verify_email')
      assert.ok(textOf(page).includes('We sent another email.'))
    }
    const refused = await browser.submit('/sign_up/verify_email')
    assert.equal(refused.statusCode, 429)
    assert.ok(textOf(refused).includes('You tried too many times, please try again in 60 minutes.'))
    assert.equal(idp.mail.to(email).length, 20)
    advanceClock(3_600_000)
    await browser.open('/sign_up/enter_email')
    await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': email })
    assert.equal(idp.mail.to(email).length, 21)
  })

  test('a letter that cannot be sent is said to be so, and the account is not half made', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    idp.mail.isUnreachable = true
    const page = await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': email })
    idp.mail.isUnreachable = false
    assert.equal(page.statusCode, 503)
  })
})

describe('the link', () => {
  test('takes its token out of the address of the page (OWASP ASVS 5.0 14.2.1)', async () => {
    const browser = idp.browser()
    const page = await confirmAddress(idp, browser, email)
    assert.equal(browser.path, '/sign_up/enter_password')
    assert.ok(textOf(page).includes('You have confirmed your email address.'))
    const token = idp.mail.link(email).split('=')[1] ?? assert.fail('no token')
    assert.ok(!page.body.includes(token))
  })

  test('works for 24 hours and not longer', async () => {
    const browser = idp.browser()
    await browser.open('/sign_up/enter_email')
    await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': email })
    const link = idp.mail.link(email)
    advanceClock(86_400_000 - 1_000)
    assert.equal(titleOf(await idp.browser().open(link)), 'Create a password')
    advanceClock(1_001)
    const page = await idp.browser().open(link)
    assert.equal(page.statusCode, 404)
    assert.equal(titleOf(page), 'Error: This link cannot be used')
  })

  for (const link of [
    '/sign_up/email/confirm',
    '/sign_up/email/confirm?confirmation_token=',
    '/sign_up/email/confirm?confirmation_token=made-up',
    '/sign_up/enter_password',
  ]) {
    test(`${link} alone opens nothing`, async () => {
      const page = await idp.browser().open(link)
      assert.equal(page.statusCode, 404)
    })
  }

  test('makes one account: opened again after it, it is worth nothing', async () => {
    const browser = idp.browser()
    await createAccount(idp, browser, email)
    const page = await idp.browser().open(idp.mail.link(email))
    assert.equal(page.statusCode, 404)
  })

  test('of two links for one address the second finds it taken, and leads to the sign-in page', async () => {
    const [first, second] = [idp.browser(), idp.browser()]
    await confirmAddress(idp, first, email)
    await confirmAddress(idp, second, email)
    await first.submit('/sign_up/enter_password', choose)
    await second.submit('/sign_up/enter_password', { 'password_form[password]': `${ANOTHER_PASSWORD} too` })
    assert.equal(second.path, '/')
  })
})

describe('the password (fact sheet 6.1, NIST SP 800-63B-4 §3.1.1.2)', () => {
  for (const [password, text] of [
    ['short', 'Password must be at least 12 characters long.'],
    ['aaaaaaaaaaaaaaaa', 'Password is too weak.'],
    ['passwordpassword', 'Password is too weak.'],
    ['new-person@example.org', 'Password is too weak.'],
    ['', 'Password must be at least 12 characters long.'],
  ] as const) {
    test(`${JSON.stringify(password)} is refused and not repeated`, async () => {
      const browser = idp.browser()
      await confirmAddress(idp, browser, 'new-person@example.org')
      const page = await browser.submit('/sign_up/enter_password', { 'password_form[password]': password })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(text), textOf(page))
      assert.doesNotMatch(page.body, /<input[^>]*type="password"[^>]* value=/)
    })
  }

  test('a good one makes the account, with the rules accepted, and leads to the first authentication method', async () => {
    const browser = idp.browser()
    await createAccount(idp, browser, email)
    assert.equal(browser.path.split('?')[0], '/authentication_methods_setup')
    const again = idp.browser()
    await again.open('/')
    await again.submit('/', { 'user[email]': email, 'user[password]': ANOTHER_PASSWORD })
    assert.equal(again.path.split('?')[0], '/authentication_methods_setup')
  })
})

describe('a relying service that waits', () => {
  for (const where of ['the same browser', 'another browser'] as const) {
    test(`goes on waiting when the link is opened in ${where}`, async () => {
      const browser = idp.browser()
      await browser.open(authorizeUrl())
      await browser.open('/sign_up/enter_email')
      await browser.submit('/sign_up/enter_email', { ...ask, 'user[email]': email })
      const reader = where === 'the same browser' ? browser : idp.browser()
      await reader.open(idp.mail.link(email))
      await reader.submit('/sign_up/enter_password', choose)
      assert.ok(textOf(reader.last).includes('‹ Back to Social Security'), textOf(reader.last))
    })
  }

  test('with prompt=create somebody starts here (fact sheet 2.4)', async () => {
    const browser = idp.browser()
    await browser.open(
      authorizeUrl({
        client_id: 'urn:gov:gsa:openidconnect.profiles:sp:sso:other:privileged',
        redirect_uri: 'http://localhost:4400/callback',
        prompt: 'create',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      }),
    )
    assert.equal(browser.path, '/sign_up/enter_email')
  })
})

test('the pages are there in Spanish', async () => {
  const browser = idp.browser()
  assert.equal(titleOf(await browser.open('/es/sign_up/enter_email')), 'Crear una cuenta')
  await browser.submit('/es/sign_up/enter_email', { 'user[email]': email, 'user[terms_accepted]': '1' })
  assert.equal(titleOf(browser.last), 'Consulte su correo electrónico')
  assert.equal(titleOf(await browser.open(idp.mail.link(email))), 'Cree una contraseña')
})
