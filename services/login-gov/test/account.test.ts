// The account of somebody who is signed in, and the session itself.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { ANOTHER_PASSWORD, givePassword, type LoginGov, openAccount, titleOf } from './support/account.ts'
import { authorizeUrl, CLIENT, PASSWORD, signIn, startLoginGov } from './support/login-gov.ts'

const MARIA = 'maria@example.com'
const MINUTE = 60_000

let idp: LoginGov
let count = 0
let address: string
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())
beforeEach(() => {
  count += 1
  address = `maria-${count}@example.org`
  advanceClock(601_000)
})

const accounts = () => createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
const maria = async () => (await accounts().findByEmail(MARIA)) ?? assert.fail('there is no such account')

async function addEmail(browser: Browser, email: string) {
  await browser.open('/add/email')
  await browser.submit('/add/email', { 'user[email]': email })
  return browser.open(idp.mail.link(email, '/add/email/confirm'))
}

async function removeAddresses() {
  const { id, emails } = await maria()
  for (const email of emails) if (email !== MARIA) await accounts().removeEmail(id, email)
}

/** Lets the time go by after which a change asks for authentication again, in a session that stays alive. */
async function goStale(browser: Browser) {
  for (let minutes = 0; minutes < 21; minutes += 7) {
    advanceClock(7 * MINUTE)
    await browser.get('/active')
  }
}

describe('the account page', () => {
  test('shows addresses, what was verified but for its secrets, and every way on', async () => {
    const browser = await openAccount(idp)
    const page = textOf(browser.last)
    assert.ok(page.includes(MARIA))
    assert.ok(page.includes('Maria Example'))
    assert.ok(page.includes('***-**-4325'))
    assert.ok(page.includes('1984-**-**'))
    for (const secret of ['987654325', '1984-03-12', '100 Example Street', '2025550142']) {
      assert.ok(!browser.last.body.includes(secret), secret)
    }
    for (const path of [
      '/add/email',
      '/manage/password',
      '/account/two_factor_authentication',
      '/account/connected_accounts',
      '/account/email_language',
      '/account/delete',
    ]) {
      assert.ok(browser.last.body.includes(`href="${path}"`), path)
      await browser.open(path)
      assert.equal(browser.last.statusCode, 200)
      assert.equal(browser.path, path)
      await browser.open('/account')
    }
  })

  test('is there in Spanish, and nobody’s who has not signed in', async () => {
    const browser = await openAccount(idp)
    assert.equal(titleOf(await browser.open('/es/account')), 'Su cuenta')
    const stranger = idp.browser()
    for (const path of [
      '/account',
      '/add/email',
      '/manage/password',
      '/account/delete',
      '/account/connected_accounts',
      '/account/email_language',
      '/login/password',
    ]) {
      await stranger.open(path)
      assert.equal(stranger.path, '/', path)
    }
  })
})

describe('authentication before a change (fact sheet 6.3, OWASP ASVS 5.0 7.5.1)', () => {
  test('is asked for again when it was more than 20 minutes ago: password, second factor, and back', async () => {
    const browser = await openAccount(idp)
    advanceClock(11 * MINUTE)
    await browser.open('/account')
    advanceClock(9 * MINUTE - 5_000)
    await browser.open('/add/email')
    assert.equal(browser.path, '/add/email')
    advanceClock(6_000)
    const page = await browser.open('/add/email')
    assert.equal(browser.path, '/login/password?continue=%2Fadd%2Femail')
    assert.equal(titleOf(page), 'Confirm your password')
    await browser.submit('/login/password', { 'user[password]': PASSWORD })
    assert.equal(browser.path, '/login/two_factor/sms')
    await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
    assert.equal(browser.path, '/add/email')
  })

  test('is not done by the password alone', async () => {
    const browser = await openAccount(idp)
    await goStale(browser)
    await browser.open('/manage/password')
    await browser.submit('/login/password', { 'user[password]': PASSWORD })
    await browser.open('/manage/password')
    assert.equal(browser.path, '/login/password?continue=%2Fmanage%2Fpassword')
  })

  test('counts wrong passwords like the sign-in page', async () => {
    const browser = await openAccount(idp)
    await goStale(browser)
    await browser.open('/manage/password')
    for (let wrong = 0; wrong < 5; wrong += 1) {
      const page = await browser.submit('/login/password', { 'user[password]': 'wrong' })
      assert.equal(page.statusCode, 422)
    }
    const blocked = await browser.submit('/login/password', { 'user[password]': PASSWORD })
    assert.equal(blocked.statusCode, 429)
  })

  for (const elsewhere of [
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/en//evil.example',
    'javascript:x',
  ]) {
    test(`does not lead to ${elsewhere} (OWASP ASVS 5.0 3.7.2)`, async () => {
      const browser = await openAccount(idp)
      const page = await browser.open(`/login/password?${new URLSearchParams({ continue: elsewhere })}`)
      assert.match(page.body, /name="continue" value="\/account"/)
    })
  }

  test('is needed for each change, also by a post made without its page', async () => {
    const browser = await openAccount(idp)
    await browser.open('/manage/password')
    const form = browser.last
    await goStale(browser)
    browser.last = form
    const answer = await browser.post('/manage/password', {
      'update_user_password_form[password]': ANOTHER_PASSWORD,
    })
    assert.equal(answer.headers.location, '/login/password?continue=%2Fmanage%2Fpassword')
    assert.ok(await accounts().hasPassword((await maria()).id, PASSWORD))
  })
})

describe('verified information', () => {
  const scope = { scope: 'openid email profile' }
  const isBack = (browser: Browser) => String(browser.last.headers.location).includes('code=')

  test('is locked 30 minutes after the password; the password alone opens it again (fact sheet 6.1 step 7)', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes, MARIA, authorizeUrl(scope))
    await goStale(browser)
    await browser.open(authorizeUrl(scope))
    assert.ok(isBack(browser))
    await goStale(browser)
    const page = await browser.open(authorizeUrl(scope))
    assert.equal(browser.path, '/login/password')
    assert.ok(textOf(page).includes('Your verified information is locked.'))
    assert.equal((await browser.submit('/login/password', { 'user[password]': 'wrong' })).statusCode, 422)
    await browser.submit('/login/password', { 'user[password]': PASSWORD })
    assert.ok(isBack(browser))
  })

  test('that is not asked for needs no password', async () => {
    const browser = idp.browser()
    const url = authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' })
    await signIn(browser, idp.codes, MARIA, url)
    await goStale(browser)
    await goStale(browser)
    await browser.open(url)
    assert.ok(isBack(browser))
  })

  test('that was opened so is no authentication for changes', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes, MARIA, authorizeUrl(scope))
    await goStale(browser)
    await goStale(browser)
    await browser.open(authorizeUrl(scope))
    await browser.submit('/login/password', { 'user[password]': PASSWORD })
    await browser.open('/manage/password')
    assert.equal(browser.path, '/login/password?continue=%2Fmanage%2Fpassword')
  })
})

describe('e-mail addresses', () => {
  test('one more is added by the link in a letter to it, and told to all of them', async () => {
    const browser = await openAccount(idp)
    const page = await addEmail(browser, address)
    assert.equal(browser.path, '/account')
    assert.ok(textOf(page).includes('The email address was added.'))
    assert.ok(textOf(page).includes(address))
    assert.ok(!textOf(await browser.open('/account')).includes('The email address was added.'))
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'An email address was added to your account')
    await givePassword(idp.browser(), address)
    assert.equal((await maria()).emails.includes(address), true)
    await removeAddresses()
  })

  test('the link works in another browser, for 24 hours and once', async () => {
    const browser = await openAccount(idp)
    await browser.open('/add/email')
    await browser.submit('/add/email', { 'user[email]': address })
    const link = idp.mail.link(address, '/add/email/confirm')
    const reader = idp.browser()
    await reader.open(link)
    assert.equal(reader.path, '/')
    assert.ok(textOf(reader.last).includes('The email address was added to your account.'))
    assert.equal((await reader.open(link)).statusCode, 404)
    await removeAddresses()
    const late = await openAccount(idp)
    await late.open('/add/email')
    await late.submit('/add/email', { 'user[email]': address })
    const old = idp.mail.link(address, '/add/email/confirm')
    advanceClock(86_400_001)
    assert.equal((await idp.browser().open(old)).statusCode, 404)
    assert.deepEqual((await maria()).emails, [MARIA])
  })

  test('the link is worth nothing once the password was changed: somebody else may have asked for it', async () => {
    const browser = await openAccount(idp)
    await browser.open('/add/email')
    await browser.submit('/add/email', { 'user[email]': address })
    const { id } = await maria()
    const accounts = createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
    advanceClock(1)
    await accounts.setPassword(id, PASSWORD)
    const page = await idp.browser().open(idp.mail.link(address, '/add/email/confirm'))
    assert.equal(page.statusCode, 404)
    assert.deepEqual((await maria()).emails, [MARIA])
  })

  test('of somebody else are not told apart: the owner gets a letter (OWASP ASVS 5.0 6.3.8)', async () => {
    const texts = []
    for (const email of [address, 'oliver@example.com']) {
      const browser = await openAccount(idp)
      await browser.open('/add/email')
      const page = await browser.submit('/add/email', { 'user[email]': email })
      texts.push(textOf(page).replace(email, 'address'))
    }
    assert.equal(texts[0], texts[1])
    assert.equal(
      idp.mail.to('oliver@example.com').at(-1)?.subject,
      'This email address has an account already',
    )
    assert.throws(() => idp.mail.link('oliver@example.com', '/add/email/confirm'))
  })

  test('that cannot be one, and one’s own, are named', async () => {
    const browser = await openAccount(idp)
    for (const [given, text] of [
      ['nobody', 'Enter an email address in the form'],
      [' MARIA@example.com', 'Your account has this email address already.'],
    ] as const) {
      await browser.open('/add/email')
      const page = await browser.submit('/add/email', { 'user[email]': given })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(text))
    }
  })

  test('are twelve at most (fact sheet 6.2)', async () => {
    const { id } = await maria()
    for (let more = 0; more < 11; more += 1) await accounts().addEmail(id, `more-${more}@example.org`)
    const browser = await openAccount(idp)
    assert.ok(!browser.last.body.includes('href="/add/email"'))
    await browser.open('/add/email')
    assert.equal(browser.path, '/account')
    await removeAddresses()
  })

  test('a link that was sent before the twelfth came adds no thirteenth', async () => {
    const browser = await openAccount(idp)
    await browser.open('/add/email')
    await browser.submit('/add/email', { 'user[email]': address })
    const { id } = await maria()
    for (let more = 0; more < 11; more += 1) await accounts().addEmail(id, `more-${more}@example.org`)
    assert.equal((await browser.open(idp.mail.link(address, '/add/email/confirm'))).statusCode, 404)
    await removeAddresses()
  })

  test('one is deleted on a page that asks, and told to all, that one too', async () => {
    const browser = await openAccount(idp)
    await addEmail(browser, address)
    const [, path] =
      new RegExp(
        `href="(/manage/email/confirm_delete/[\\w-]+)">Delete<span class="usa-sr-only"> ${address}`,
      ).exec(browser.last.body) ?? assert.fail('no link')
    const page = await browser.open(path ?? '')
    assert.ok(textOf(page).includes(`Do you want to delete ${address}?`))
    assert.ok(!browser.path.includes('example'))
    await browser.submit(path ?? '')
    assert.ok(textOf(browser.last).includes('The email address was deleted.'))
    assert.equal(idp.mail.to(address).at(-1)?.subject, 'An email address was deleted from your account')
    assert.deepEqual((await maria()).emails, [MARIA])
  })

  test('the last one stays', async () => {
    const browser = await openAccount(idp)
    assert.ok(!browser.last.body.includes('confirm_delete'))
    const id = idp.ground.secrets.digest('email id', MARIA).slice(0, 22)
    await browser.open(`/manage/email/confirm_delete/${id}`)
    assert.equal(browser.path, '/account')
    assert.deepEqual((await maria()).emails, [MARIA])
  })
})

describe('the password in the account', () => {
  test('becomes another one; other browsers are signed out and this one is not (OWASP ASVS 5.0 7.4.3)', async () => {
    const half = idp.browser()
    await givePassword(half, MARIA)
    const browser = await openAccount(idp)
    const cookie = browser.cookies.get('_identity_idp_session')
    await browser.open('/manage/password')
    const weak = await browser.submit('/manage/password', { 'update_user_password_form[password]': 'short' })
    assert.equal(weak.statusCode, 422)
    await browser.submit('/manage/password', { 'update_user_password_form[password]': ANOTHER_PASSWORD })
    assert.equal(browser.path, '/account')
    assert.ok(textOf(browser.last).includes('Your password was changed.'))
    assert.notEqual(browser.cookies.get('_identity_idp_session'), cookie)
    await half.open('/users/two_factor_authentication')
    assert.equal(half.path, '/')
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'Your password was changed')
    const { id } = await maria()
    assert.ok(await accounts().hasPassword(id, ANOTHER_PASSWORD))
    await accounts().setPassword(id, PASSWORD)
  })
})

describe('the language of letters', () => {
  test('is what the person says, whatever the page is in', async () => {
    const browser = await openAccount(idp)
    await browser.open('/account/email_language')
    const page = await browser.submit('/account/email_language', { 'user[email_language]': 'es' })
    assert.ok(textOf(page).includes('Your language was saved.'))
    assert.ok(textOf(page).includes('Español'))
    const other = idp.browser()
    await other.open('/users/password/new')
    await other.submit('/users/password', { 'password_reset_email_form[email]': MARIA })
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'Restablezca su contraseña')
    assert.match(idp.mail.link(MARIA), /^\/es\/users\/password\/edit/)
    await browser.open('/account/email_language')
    await browser.submit('/account/email_language', { 'user[email_language]': 'en' })
  })
})

describe('connected accounts', () => {
  test('lists the services; a disconnected one loses its token and is asked for again', async () => {
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    const page = await browser.open('/account/connected_accounts')
    assert.ok(textOf(page).includes('Social Security'))
    const path = `/account/connected_accounts/${encodeURIComponent(CLIENT)}/disconnect`
    assert.ok(textOf(await browser.open(path)).includes('Disconnect your account from Social Security?'))
    await browser.submit(path)
    assert.ok(textOf(browser.last).includes('The service is not connected any more.'))
    assert.ok(textOf(browser.last).includes('You have no connected accounts.'))
    const grant = await idp.ground.database.selectFrom('grants').selectAll().executeTakeFirstOrThrow()
    assert.deepEqual([grant.codeDigest, grant.tokenDigest], [null, null])
  })

  test('a service that is none of them leads back to the list', async () => {
    const browser = await openAccount(idp)
    for (const what of ['disconnect', 'selected_email']) {
      await browser.open(`/account/connected_accounts/nobody/${what}`)
      assert.equal(browser.path, '/account/connected_accounts')
    }
  })
})

describe('deleting the account', () => {
  test('asks for the password; with it the account is gone', async () => {
    const browser = await openAccount(idp, 'oliver@example.com')
    await browser.open('/account/delete')
    const wrong = await browser.submit('/account/delete', { 'user[password]': 'wrong' })
    assert.equal(wrong.statusCode, 422)
    assert.ok(await accounts().findByEmail('oliver@example.com'))
    await browser.submit('/account/delete', { 'user[password]': PASSWORD })
    assert.equal(browser.path, '/')
    assert.ok(textOf(browser.last).includes('Your account was deleted.'))
    assert.equal(await accounts().findByEmail('oliver@example.com'), undefined)
    assert.equal(idp.mail.to('oliver@example.com').at(-1)?.subject, 'Your account was deleted')
    await browser.open('/account')
    assert.equal(browser.path, '/')
  })
})

describe('the session (fact sheet 6.3, NIST SP 800-63B-4 §2.2.3)', () => {
  test('tells the page when it ends and from when to warn, without a script too', async () => {
    const browser = await openAccount(idp)
    const { body } = browser.last
    const left = Number(/data-session-end="(\d+)"/.exec(body)?.[1])
    assert.ok(left > 15 * MINUTE - 10_000 && left <= 15 * MINUTE)
    assert.match(body, /data-session-warning="150000"/)
    assert.match(body, /src="\/assets\/login-gov\/session-end.js"/)
    const [, plain = ''] = /<noscript>([\s\S]*?)<\/noscript>/.exec(body) ?? []
    assert.ok(plain.includes('you are signed out after 15 minutes without activity'))
    assert.match(plain, /http-equiv="refresh" content="(900|899); url=\/\?timeout/)
    assert.doesNotMatch((await idp.browser().open('/')).body, /data-session-end/)
    const script = await idp.app.inject({ url: '/assets/login-gov/session-end.js' })
    assert.equal(script.statusCode, 200)
  })

  test('goes on when the page asks for it, and says when it is over', async () => {
    const browser = await openAccount(idp)
    advanceClock(14 * MINUTE)
    assert.ok((await browser.get('/active')).json().endsIn > 14.9 * MINUTE)
    advanceClock(14 * MINUTE)
    await browser.open('/account')
    assert.equal(browser.path, '/account')
    advanceClock(15 * MINUTE)
    assert.equal((await browser.get('/active')).json().endsIn, 0)
    await browser.open('/account')
    assert.equal(browser.path, '/?timeout=session')
  })

  test('ends after 12 hours however busy it is', async () => {
    const browser = await openAccount(idp)
    const end = now() + 12 * 60 * MINUTE
    while (now() < end - 14 * MINUTE) {
      advanceClock(14 * MINUTE)
      assert.ok((await browser.get('/active')).json().endsIn > 0)
    }
    advanceClock(14 * MINUTE)
    assert.equal((await browser.get('/active')).json().endsIn, 0)
  })
})
