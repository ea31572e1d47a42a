// Somebody who lost every second factor has the account deleted, after a wait (fact sheet 6.3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { ANOTHER_PASSWORD, givePassword, type LoginGov, titleOf } from './support/account.ts'
import { FakeLabMail } from './support/fake-lab-mail.ts'
import { fakeOneTimeCodes } from './support/fake-one-time-codes.ts'
import { authorizeUrl, PASSWORD, signIn, startLoginGov, startOverFile } from './support/login-gov.ts'

const DAY = 86_400_000
const MARIA = 'maria@example.com'
const DELETION = '/account_reset/delete_account'

let idp: LoginGov
beforeEach(async () => {
  idp = await startLoginGov()
})
afterEach(() => idp.app.close())

/** Asks for the deletion, from the page for the second factor. */
async function request(browser: Browser, email = MARIA) {
  await givePassword(browser, email)
  await browser.open('/account_reset/recovery_options')
  assert.match(browser.last.body, /href="\/account_reset\/request"/)
  await browser.open('/account_reset/request')
  return browser.submit('/account_reset/request')
}

/** Asks for the deletion and stays on the page of the wait until it is over: the second letter has gone out then. */
async function requestAndWait(): Promise<Browser> {
  await request(idp.browser())
  advanceClock(DAY - 60_000)
  const browser = idp.browser()
  await givePassword(browser, MARIA)
  assert.equal(browser.path, '/account_reset/pending')
  assert.equal(idp.mail.to(MARIA).length, 1)
  advanceClock(60_001)
  await browser.open('/account_reset/pending')
  return browser
}

/** Waits for what the service does by itself, in real time. */
async function eventually(isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000 && !isSo(); waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.ok(isSo())
}

describe('the request', () => {
  test('sends a letter at once and signs out', async () => {
    const browser = idp.browser()
    const page = await request(browser)
    assert.equal(browser.path, '/account_reset/confirm_request')
    assert.ok(textOf(page).includes('After 24 hours we will send another one'))
    const [letter] = idp.mail.to(MARIA)
    assert.equal(letter?.subject, 'Somebody asked to delete your account')
    assert.ok(!letter?.text.includes(DELETION))
    await browser.open('/users/two_factor_authentication')
    assert.equal(browser.path, '/')
  })

  test('is there for whoever gave the password and not the second factor, and for nobody else', async () => {
    const stranger = idp.browser()
    await stranger.open('/account_reset/request')
    assert.equal(stranger.path, '/')
    const browser = idp.browser()
    await signIn(browser, idp.codes)
    await browser.open('/account_reset/request')
    assert.equal(browser.path, '/account')
  })

  test('can be made twice in two minutes; the third is told how long to wait', async () => {
    const limited = {
      LIMITS: JSON.stringify({ requestsPerAddress: 1_000, passwordPostsPerEmailAndAddress: 1_000 }),
    }
    const own = await startLoginGov(limited)
    const ask = async () => {
      const browser = own.browser()
      await givePassword(browser, MARIA)
      // Later ones cancel first.
      if (browser.path === '/account_reset/pending') {
        await browser.open('/account_reset/pending/confirm')
        await browser.submit('/account_reset/pending/cancel')
      }
      await browser.open('/account_reset/request')
      return browser.submit('/account_reset/request')
    }
    assert.equal((await ask()).statusCode, 200)
    assert.equal((await ask()).statusCode, 200)
    const refused = await ask()
    assert.equal(refused.statusCode, 429)
    assert.ok(textOf(refused).includes('You tried too many times, please try again in 2 minutes.'))
    advanceClock(120_001)
    assert.equal((await ask()).statusCode, 200)
    await own.app.close()
  })
})

describe('the wait', () => {
  test('is where signing in ends; nothing else of the sign-in is open meanwhile', async () => {
    await request(idp.browser())
    advanceClock(3_600_000)
    const browser = idp.browser()
    const sent = idp.codes.sent.length
    const page = await givePassword(browser, MARIA)
    assert.equal(browser.path, '/account_reset/pending')
    assert.ok(textOf(page).includes('You can delete your account in 23 hours'))
    for (const way of [
      '/',
      '/account',
      '/users/two_factor_authentication',
      '/login/two_factor/sms',
      '/account_reset/request',
    ]) {
      await browser.open(way)
      assert.equal(browser.path, '/account_reset/pending', way)
    }
    assert.equal(idp.codes.sent.length, sent)
  })

  test('ends by Cancel: signing in goes on, a letter says so, and no other letter comes', async () => {
    await request(idp.browser())
    const browser = idp.browser()
    await browser.open(authorizeUrl())
    await browser.submit('/', { 'user[email]': MARIA, 'user[password]': PASSWORD })
    await browser.open('/account_reset/pending/confirm')
    await browser.submit('/account_reset/pending/cancel')
    assert.equal(browser.path, '/login/two_factor/sms')
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'The request to delete your account was cancelled')
    advanceClock(DAY + 1)
    await givePassword(idp.browser(), MARIA)
    assert.equal(idp.mail.to(MARIA).length, 2)
  })

  test('ends by the link in the first letter too, on the button and not on opening it', async () => {
    await request(idp.browser())
    const link = idp.mail.link(MARIA, '/account_reset/cancel')
    const browser = idp.browser()
    await browser.open(link)
    assert.equal(browser.path, '/account_reset/cancel')
    const other = idp.browser()
    await givePassword(other, MARIA)
    assert.equal(other.path, '/account_reset/pending')
    const page = await browser.submit('/account_reset/cancel')
    assert.ok(textOf(page).includes('The request to delete your account was cancelled.'))
    assert.equal((await idp.browser().open(link)).statusCode, 404)
    const again = idp.browser()
    await givePassword(again, MARIA)
    assert.equal(again.path, '/login/two_factor/sms')
  })

  test('leaves signing in alone from the moment it is over', async () => {
    await request(idp.browser())
    advanceClock(DAY)
    const browser = idp.browser()
    await givePassword(browser, MARIA)
    assert.equal(browser.path, '/login/two_factor/sms')
  })

  test('of somebody who stays on its page ends there, with the letter', async () => {
    const browser = await requestAndWait()
    assert.equal(browser.path, '/login/two_factor/sms')
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'Delete your account')
  })
})

describe('the second letter', () => {
  test('goes out by itself when the wait is over, though nobody comes', async () => {
    await request(idp.browser())
    advanceClock(DAY + 1)
    await eventually(() => idp.mail.to(MARIA)[1]?.subject === 'Delete your account')
  })

  test('goes out once, however many ask for it at once', async () => {
    const browser = await requestAndWait()
    await Promise.all(Array.from({ length: 5 }, () => idp.app.inject({ url: '/' })))
    await browser.open('/account_reset/pending')
    assert.equal(idp.mail.to(MARIA).length, 2)
  })

  test('that cannot be sent is sent later', async () => {
    await request(idp.browser())
    advanceClock(DAY - 60_000)
    const browser = idp.browser()
    await givePassword(browser, MARIA)
    idp.mail.isUnreachable = true
    advanceClock(60_001)
    assert.equal((await browser.open('/account_reset/pending')).statusCode, 200)
    assert.equal(idp.mail.to(MARIA).length, 1)
    idp.mail.isUnreachable = false
    await eventually(() => idp.mail.to(MARIA).length === 2)
  })

  test('has a link that deletes the account for good; the relying services know a new one by a new subject', async () => {
    const before = await subjectOf(MARIA)
    await requestAndWait()
    const browser = idp.browser()
    const page = await browser.open(idp.mail.link(MARIA, DELETION))
    assert.equal(titleOf(page), 'Delete your account now?')
    assert.equal(browser.path, DELETION)
    await browser.submit(DELETION)
    assert.ok(textOf(browser.last).includes('Your account was deleted. You can create a new one.'))
    assert.equal(idp.mail.to(MARIA).at(-1)?.subject, 'Your account was deleted')
    assert.ok(
      textOf(await givePassword(idp.browser(), MARIA)).includes(
        'The email or password you’ve entered is wrong',
      ),
    )
    const accounts = createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
    assert.equal(await accounts.findByEmail(MARIA), undefined)
    for (const table of [
      'consents',
      'grants',
      'subjects',
      'sharedEmails',
      'mailLanguages',
      'accountResets',
    ]) {
      const rows = await idp.ground.database
        .selectFrom(table)
        .selectAll()
        .where('accountId', '=', before.accountId)
        .execute()
      assert.deepEqual(rows, [], table)
    }
    const id = await accounts.add({ email: MARIA, rulesAcceptedAt: 0 }, ANOTHER_PASSWORD)
    assert.notEqual(id, before.accountId)
  })

  test('has a link that works for 24 hours', async () => {
    await requestAndWait()
    const link = idp.mail.link(MARIA, DELETION)
    advanceClock(DAY - 60_000)
    const browser = idp.browser()
    assert.equal((await browser.open(link)).statusCode, 200)
    advanceClock(60_001)
    assert.equal((await idp.browser().open(link)).statusCode, 404)
    assert.equal((await browser.submit(DELETION)).statusCode, 404)
  })

  test('has a link that frees no address of somebody who is suspended', async () => {
    await requestAndWait()
    const browser = idp.browser()
    const accounts = createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
    const { id = '' } = (await accounts.findByEmail(MARIA)) ?? {}
    await browser.open(idp.mail.link(MARIA, DELETION))
    await accounts.setSuspended(id, true)
    assert.equal((await browser.submit(DELETION)).statusCode, 404)
    assert.equal((await accounts.findByEmail(MARIA))?.id, id)
  })

  test('has a link that is worth nothing once the request was cancelled', async () => {
    await requestAndWait()
    const deletion = idp.mail.link(MARIA, DELETION)
    const browser = idp.browser()
    await browser.open(idp.mail.link(MARIA, '/account_reset/cancel'))
    await browser.submit('/account_reset/cancel')
    assert.equal((await idp.browser().open(deletion)).statusCode, 404)
  })

  for (const link of [
    DELETION,
    `${DELETION}?token=made-up`,
    '/account_reset/cancel',
    '/account_reset/cancel?token=x',
  ]) {
    test(`${link} alone opens nothing`, async () => {
      assert.equal((await idp.browser().open(link)).statusCode, 404)
    })
  }

  async function subjectOf(email: string) {
    await signIn(idp.browser(), idp.codes, email)
    return idp.ground.database.selectFrom('grants').selectAll().executeTakeFirstOrThrow()
  }
})

test('a request outlives a restart, and its letter goes out afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'account-reset-'))
  const url = `sqlite:${join(folder, 'login-gov.sqlite')}`
  const secret = randomBytes(32)
  const codes = fakeOneTimeCodes()
  const mail = new FakeLabMail()
  const first = await startOverFile(url, secret, codes, mail)
  await request(new Browser(first.app))
  await first.app.close()
  await first.database.destroy()
  advanceClock(DAY + 1)
  const second = await startOverFile(url, secret, codes, mail)
  const browser = new Browser(second.app)
  await eventually(() => mail.to(MARIA).length === 2)
  const page = await browser.open(mail.link(MARIA, DELETION))
  assert.equal(titleOf(page), 'Delete your account now?')
  await second.app.close()
  await second.database.destroy()
  rmSync(folder, { recursive: true })
})
