// The password: how often it may be tried, who gets no further with it, and how it becomes another one.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { createTestCertificates } from '@gatehouse/provider/authenticators/certificates'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import type { Kysely } from 'kysely'
import { LIMITS } from '../src/limits.ts'
import {
  ANOTHER_PASSWORD,
  givePassword,
  type LoginGov,
  openAccount,
  retryAfter,
  titleOf,
} from './support/account.ts'
import { authorizeUrl, PASSWORD, REDIRECT_URI, ROOMY, startLoginGov } from './support/login-gov.ts'

const WRONG = 'The email or password you’ve entered is wrong. Try resetting your password.'
const BLOCKED = 'You have exceeded the maximum sign in attempts. You must wait'
const MARIA = 'maria@example.com'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())
// Past any block and lock-out of the test before.
beforeEach(() => advanceClock(601_000))

const accountsOf = ({ ground }: LoginGov) => createAccounts(sqlAccountStore(ground.database, ground.secrets))
async function accountOf(of: LoginGov, email = MARIA) {
  return (await accountsOf(of).findByEmail(email)) ?? assert.fail('there is no such account')
}

describe('the sign-in page (fact sheet 6.1 step 2)', () => {
  test('has title, heading, both tabs, the fields and every way on', async () => {
    const page = await idp.browser().open(authorizeUrl())
    assert.equal(titleOf(page), 'Sign in')
    assert.match(page.body, /<h1>Sign in for existing users<\/h1>/)
    assert.match(page.body, /aria-current="page">Sign in</)
    assert.match(page.body, /href="\/sign_up\/enter_email">Create an account</)
    assert.match(page.body, /name="user\[email\]"/)
    assert.match(page.body, /name="user\[password\]"/)
    assert.match(page.body, /type="submit">Submit</)
    assert.match(page.body, /<input type="hidden" name="platform_authenticator_available" value="">/)
    assert.match(page.body, /href="\/users\/password\/new"/)
    assert.match(page.body, /href="\/login\/piv_cac">Sign in with your government employee ID</)
    assert.ok(textOf(page).includes('‹ Back to Social Security'))
  })
})

describe('limits on passwords (fact sheet 6.3, NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.3.1)', () => {
  const attempt = (browser: Browser, password: string, email = MARIA) =>
    browser.submit('/', { 'user[email]': email, 'user[password]': password })

  test('five wrong ones in a browser session block it for 60 seconds, whoever they were for', async () => {
    const browser = idp.browser()
    await browser.open('/')
    for (let count = 0; count < 5; count += 1) {
      assert.ok(textOf(await attempt(browser, 'wrong', `somebody-${count}@example.org`)).includes(WRONG))
    }
    const blocked = await attempt(browser, PASSWORD)
    assert.equal(blocked.statusCode, 429)
    assert.ok(textOf(blocked).includes(BLOCKED))
    assert.ok(retryAfter(blocked) > 55 && retryAfter(blocked) <= 60)
    advanceClock(60_001)
    await attempt(browser, PASSWORD)
    assert.equal(browser.path, '/login/two_factor/sms')
  })

  test('the defaults are those of the fact sheet', () => {
    const { passwordTriesPerUserAndAddress, passwordTriesLongestWindowMs, requestsPerAddress } = LIMITS
    assert.deepEqual(
      [
        passwordTriesPerUserAndAddress.default,
        passwordTriesLongestWindowMs.default,
        requestsPerAddress.default,
      ],
      [50, 30 * 86_400_000, 300],
    )
  })

  test('too many wrong ones for a person from one address block the person there, in any browser, for the longest window at most', async () => {
    const longest = 13 * 3_600_000
    const limits = { ...ROOMY, passwordTriesPerUserAndAddress: 3, passwordTriesLongestWindowMs: longest }
    const own = await startLoginGov({ LIMITS: JSON.stringify(limits) })
    for (let count = 0; count < 3; count += 1) {
      assert.equal((await givePassword(own.browser(), MARIA, 'wrong')).statusCode, 422)
    }
    const blocked = await givePassword(own.browser(), MARIA)
    assert.equal(blocked.statusCode, 429)
    assert.ok(textOf(blocked).includes(`${BLOCKED} 13 hours`), textOf(blocked))
    assert.equal((await givePassword(own.browser(), 'oliver@example.com')).statusCode, 200)
    advanceClock(longest - 60_000)
    assert.equal((await givePassword(own.browser(), MARIA)).statusCode, 429)
    advanceClock(60_001)
    assert.equal((await givePassword(own.browser(), MARIA)).statusCode, 200)
    await own.app.close()
  })

  test('the window of a few wrong ones is 12 hours, 10 percent longer with each', async () => {
    const limits = JSON.stringify({ ...ROOMY, passwordTriesPerUserAndAddress: 3 })
    const own = await startLoginGov({ LIMITS: limits })
    const wrong = async () => {
      const browser = own.browser()
      await browser.open('/')
      return attempt(browser, 'wrong')
    }
    for (let count = 0; count < 3; count += 1) assert.equal((await wrong()).statusCode, 422)
    const window = 12 * 3_600 * 1.1 ** 2
    const left = retryAfter(await wrong())
    assert.ok(Math.abs(left - window) < 60, `${left} is not about ${window}`)
    advanceClock(window * 1_000 + 1)
    assert.equal((await wrong()).statusCode, 422)
    await own.app.close()
  })

  test('the right one takes the count for a person away', async () => {
    const own = await startLoginGov({
      LIMITS: JSON.stringify({ ...ROOMY, passwordTriesPerUserAndAddress: 3 }),
    })
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 2; count += 1) {
        assert.equal((await givePassword(own.browser(), MARIA, 'wrong')).statusCode, 422)
      }
      assert.equal((await givePassword(own.browser(), MARIA)).statusCode, 200)
    }
    await own.app.close()
  })

  test('the fifth post for one e-mail address in 60 seconds starts a ban of 60 seconds: the sixth is 429', async () => {
    const own = await startLoginGov({ LIMITS: JSON.stringify({ requestsPerAddress: 1_000_000 }) })
    for (let count = 0; count < 5; count += 1) {
      assert.equal((await givePassword(own.browser(), MARIA, 'wrong')).statusCode, 422)
    }
    // Spelled otherwise, and right: the same ban.
    const banned = await givePassword(own.browser(), ' MARIA@example.com ')
    assert.equal(banned.statusCode, 429)
    assert.ok(textOf(banned).includes('You tried too many times, please try again in 1 minute.'))
    assert.ok(retryAfter(banned) <= 60)
    assert.equal((await givePassword(own.browser(), 'oliver@example.com')).statusCode, 200)
    advanceClock(60_001)
    assert.equal((await givePassword(own.browser(), MARIA)).statusCode, 200)
    await own.app.close()
  })

  test('many posts at once count like one after the other', async () => {
    const own = await startLoginGov({ LIMITS: JSON.stringify({ requestsPerAddress: 1_000_000 }) })
    const browsers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const browser = own.browser()
        await browser.open('/')
        return browser
      }),
    )
    const answers = await Promise.all(browsers.map((browser) => attempt(browser, 'wrong')))
    assert.equal(answers.filter(({ statusCode }) => statusCode === 422).length, 5)
    await own.app.close()
  })

  test('more than 300 requests of one address in 300 seconds are 429; static files and health do not count', async () => {
    const own = await startLoginGov({ LIMITS: '{}' })
    const get = (url: string, remoteAddress = '192.0.2.1') =>
      own.app.inject({ method: 'GET', url, remoteAddress, headers: { accept: 'text/html' } })
    for (let count = 0; count < 20; count += 1) {
      assert.equal((await get('/assets/gatehouse.css')).statusCode, 200)
      assert.equal((await get('/health/live')).statusCode, 200)
    }
    for (let count = 0; count < 300; count += 1) {
      assert.equal((await get('/.well-known/openid-configuration')).statusCode, 200)
    }
    const refused = await get('/')
    assert.equal(refused.statusCode, 429)
    assert.ok(textOf(refused).includes('You tried too many times, please try again in 5 minutes.'))
    assert.ok(retryAfter(refused) <= 300)
    assert.equal((await get('/', '192.0.2.2')).statusCode, 200)
    advanceClock(300_001)
    assert.equal((await get('/')).statusCode, 200)
    await own.app.close()
  })

  test('no e-mail address, account or network address is in what is counted', async () => {
    await givePassword(idp.browser(), MARIA, 'wrong')
    const { id } = await accountOf(idp)
    const rows = await (idp.ground.database as Kysely<{ keyValue: { key: string } }>)
      .selectFrom('keyValue')
      .select('key')
      .execute()
    const limits = rows.filter(({ key }) => /^password-(posts|tries-from)\//.test(key))
    assert.ok(limits.length >= 2)
    for (const { key } of limits) assert.doesNotMatch(key, new RegExp(`maria|127\\.0\\.0\\.1|${id}`))
  })
})

describe('the right password that opens nothing', () => {
  test('of an account that is locked for wrong second factors shows the locked page (fact sheet 6.3)', async () => {
    const browser = idp.browser()
    await givePassword(browser, MARIA)
    for (let count = 0; count < 10; count += 1) {
      await browser.submit('/login/two_factor/sms', { code: idp.codes.wrongCode })
    }
    assert.equal(titleOf(browser.last), 'Error: Account temporarily locked')
    const another = await givePassword(idp.browser(), MARIA)
    assert.equal(another.statusCode, 429)
    assert.equal(titleOf(another), 'Error: Account temporarily locked')
    assert.ok(textOf(await givePassword(idp.browser(), MARIA, 'wrong')).includes(WRONG))
    advanceClock(600_001)
    assert.equal((await givePassword(idp.browser(), MARIA)).statusCode, 200)
  })

  test('of a suspended account says so, and only to who knows the password', async () => {
    const { id } = await accountOf(idp, 'oliver@example.com')
    await accountsOf(idp).setSuspended(id, true)
    const browser = idp.browser()
    const page = await givePassword(browser, 'oliver@example.com')
    assert.equal(page.statusCode, 403)
    assert.equal(titleOf(page), 'Error: Your account is suspended')
    await browser.open('/account')
    assert.equal(browser.path, '/')
    const wrong = await givePassword(idp.browser(), 'oliver@example.com', 'wrong')
    assert.ok(textOf(wrong).includes(WRONG))
    await accountsOf(idp).setSuspended(id, false)
  })

  test('that has to be reset leads to the reset (fact sheet 7.2)', async () => {
    const { id } = await accountOf(idp, 'oliver@example.com')
    await accountsOf(idp).requirePasswordReset(id)
    const page = await givePassword(idp.browser(), 'oliver@example.com')
    assert.equal(page.statusCode, 403)
    assert.match(page.body, /href="\/users\/password\/new"/)
    await accountsOf(idp).setPassword(id, PASSWORD)
    assert.equal((await givePassword(idp.browser(), 'oliver@example.com')).statusCode, 200)
  })
})

describe('a forgotten password', () => {
  const field = 'password_reset_email_form[email]'
  async function ask(browser: Browser, email = MARIA) {
    await browser.open('/users/password/new')
    return browser.submit('/users/password', { [field]: email })
  }
  const change = (browser: Browser, password: string) =>
    browser.submit('/users/password/edit', { 'reset_password_form[password]': password })

  test('becomes another by a link; the old one and every session are worth nothing then (OWASP ASVS 5.0 6.4.3, 7.4.3)', async () => {
    const signedIn = await openAccount(idp)
    const browser = idp.browser()
    await browser.open(authorizeUrl())
    const sent = await ask(browser)
    assert.equal(titleOf(sent), 'Check your email')
    const page = await browser.open(idp.mail.link(MARIA, '/users/password/edit'))
    assert.equal(titleOf(page), 'Change your password')
    assert.equal(browser.path, '/users/password/edit')
    await change(browser, ANOTHER_PASSWORD)
    assert.equal(browser.path, '/')
    assert.ok(textOf(browser.last).includes('Your password was changed. Sign in with the new one.'))
    assert.ok(textOf(browser.last).includes('‹ Back to Social Security'))
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'Your password was changed')
    await signedIn.open('/account')
    assert.equal(signedIn.path, '/')
    assert.ok(textOf(await givePassword(idp.browser(), MARIA)).includes(WRONG))
    await browser.submit('/', { 'user[email]': MARIA, 'user[password]': ANOTHER_PASSWORD })
    assert.equal(browser.path, '/login/two_factor/sms')
    await accountsOf(idp).setPassword((await accountOf(idp)).id, PASSWORD)
  })

  test('is never told apart from an address without an account; that gets a letter too (OWASP ASVS 5.0 6.3.8)', async () => {
    const pages = []
    for (const email of [MARIA, 'nobody@example.org']) {
      const browser = idp.browser()
      const page = await ask(browser, email)
      pages.push({
        status: page.statusCode,
        path: browser.path,
        text: textOf(page).replace(email, 'address'),
      })
    }
    assert.deepEqual(pages[0], pages[1])
    assert.equal(idp.mail.to('nobody@example.org')[0]?.subject, 'This email address has no account')
  })

  test('has links that work for 30 minutes', async () => {
    await ask(idp.browser())
    const link = idp.mail.link(MARIA, '/users/password/edit')
    advanceClock(1_800_000 - 1_000)
    const browser = idp.browser()
    assert.equal((await browser.open(link)).statusCode, 200)
    advanceClock(1_001)
    assert.equal((await idp.browser().open(link)).statusCode, 404)
    assert.equal((await change(browser, ANOTHER_PASSWORD)).statusCode, 404)
  })

  test('has one link that works: the newest, and once', async () => {
    await ask(idp.browser())
    const older = idp.mail.link(MARIA, '/users/password/edit')
    await ask(idp.browser())
    const newer = idp.mail.link(MARIA, '/users/password/edit')
    assert.equal((await idp.browser().open(older)).statusCode, 404)
    const [one, two] = [idp.browser(), idp.browser()]
    await one.open(newer)
    await two.open(newer)
    const answers = await Promise.all([
      one.post('/users/password/edit', { 'reset_password_form[password]': `${ANOTHER_PASSWORD} 1` }),
      two.post('/users/password/edit', { 'reset_password_form[password]': `${ANOTHER_PASSWORD} 2` }),
    ])
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).toSorted(), [303, 404])
    assert.equal((await idp.browser().open(newer)).statusCode, 404)
    await accountsOf(idp).setPassword((await accountOf(idp)).id, PASSWORD)
  })

  test('cannot become a weak one, or none', async () => {
    const browser = idp.browser()
    await ask(browser)
    await browser.open(idp.mail.link(MARIA, '/users/password/edit'))
    for (const password of ['', 'short', 'maria@example.com']) {
      assert.equal((await change(browser, password)).statusCode, 422)
    }
    assert.equal((await givePassword(idp.browser(), MARIA)).statusCode, 200)
  })

  test('gets 20 letters in 60 minutes', async () => {
    const email = 'often@example.org'
    const browser = idp.browser()
    await ask(browser, email)
    for (let count = 1; count < 20; count += 1) await browser.submit('/forgot_password')
    assert.equal(idp.mail.to(email).length, 20)
    const refused = await browser.submit('/forgot_password')
    assert.equal(refused.statusCode, 429)
    assert.ok(textOf(refused).includes('You tried too many times, please try again in 60 minutes.'))
    advanceClock(3_600_001)
    await ask(browser, email)
    assert.equal(idp.mail.to(email).length, 21)
  })

  test('of a suspended account stays what it is', async () => {
    const { id } = await accountOf(idp, 'oliver@example.com')
    await accountsOf(idp).setSuspended(id, true)
    await ask(idp.browser(), 'oliver@example.com')
    assert.equal(idp.mail.to('oliver@example.com').at(-1)?.subject, 'Your account is suspended')
    await accountsOf(idp).setSuspended(id, false)
  })

  for (const link of ['/users/password/edit', '/users/password/edit?reset_password_token=made-up']) {
    test(`${link} alone opens nothing`, async () => {
      assert.equal((await idp.browser().open(link)).statusCode, 404)
    })
  }

  test('an address that cannot be one is named; a relying service waits meanwhile', async () => {
    const browser = idp.browser()
    await browser.open(authorizeUrl())
    const page = await ask(browser, 'nobody')
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#password_reset_email_form_email"/)
    const back = await browser.get('/redirect/return_to_sp/cancel')
    assert.ok(String(back.headers.location).startsWith(REDIRECT_URI))
  })
})

// Last: it moves the clock by years.
describe('the rules of use (fact sheet 6.1 step 3)', () => {
  test('can be left by signing in with another account, and are nobody else’s', async () => {
    const browser = idp.browser()
    await browser.open('/rules_of_use')
    assert.equal(browser.path, '/')
    await givePassword(browser, MARIA)
    await browser.open('/rules_of_use')
    assert.equal(browser.path, '/login/two_factor/sms')
  })

  test('come after the password and before the second factor when five years have gone by', async () => {
    const own = await startLoginGov()
    advanceClock(5 * 365 * 86_400_000 - 10_000)
    assert.equal(titleOf(await givePassword(own.browser(), MARIA)), 'Enter your one-time code')
    advanceClock(10_000)
    const sent = own.codes.sent.length
    const browser = own.browser()
    const page = await givePassword(browser, MARIA)
    assert.equal(titleOf(page), 'Rules of Use')
    assert.equal(own.codes.sent.length, sent)
    for (const way of [
      '/',
      '/account',
      '/users/two_factor_authentication',
      '/login/two_factor/sms',
      '/account_reset/request',
    ]) {
      await browser.open(way)
      assert.equal(browser.path, '/rules_of_use', way)
    }
    assert.equal((await browser.submit('/rules_of_use')).statusCode, 422)
    await browser.submit('/rules_of_use', { 'rules_of_use_form[terms_accepted]': '1' })
    assert.equal(browser.path, '/login/two_factor/sms')
    assert.equal(titleOf(await givePassword(own.browser(), MARIA)), 'Enter your one-time code')
    await own.app.close()
  })

  test('come first for whoever signs in with a certificate too, and the certificate is asked for after them', async () => {
    const own = await startLoginGov()
    const { id: accountId, email } = await accountOf(own)
    const certificates = createTestCertificates({ ...own.ground, name: 'Login.gov' })
    const [card] = await certificates.choicesFor([{ id: accountId, email, name: 'Maria Example' }])
    const shown = await certificates.present(card?.id ?? '')
    assert.ok(shown.outcome === 'valid')
    const { outcome: _, ...details } = shown
    const authenticators = sqlAuthenticators(own.ground.database, own.ground.secrets)
    const identifier = details.fingerprint
    await authenticators.add({ accountId, kind: 'certificate', name: 'Card', details, identifier })
    advanceClock(5 * 365 * 86_400_000)
    const browser = own.browser()
    const url = authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' })
    await browser.open(url)
    await browser.open('/login/piv_cac')
    await browser.submit('/login/piv_cac', { certificate: card?.id ?? '' })
    assert.equal(browser.path, '/rules_of_use')
    for (const way of [url, '/account']) {
      await browser.open(way)
      assert.equal(browser.path, '/rules_of_use')
    }
    await browser.submit('/rules_of_use', { 'rules_of_use_form[terms_accepted]': '1' })
    assert.equal(browser.path, '/login/two_factor/piv_cac')
    await own.app.close()
  })
})
